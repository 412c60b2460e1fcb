import CareValues

/// The holidays that ship with Care: `CN`, `US`, `GB` with Scotland and Northern Ireland, `DE` with its sixteen states,
/// `JP`. Each file names its source and licence.
public enum ShippedHolidays {
    /// All of them.
    public static let table: HolidayTable = {
        var reader = HolidayReader()
        for (name, bytes) in files { reader.read(file: name, bytes: bytes) }
        precondition(reader.diagnostics.isEmpty, "\(reader.diagnostics.map { $0.rendered(colour: false) })")
        return reader.table
    }()

    /// The files as they ship, by name.
    static let files: [(name: String, bytes: [UInt8])] = [
        ("CN.json", PackageResources.CN_json), ("DE.json", PackageResources.DE_json),
        ("GB.json", PackageResources.GB_json), ("JP.json", PackageResources.JP_json),
        ("US.json", PackageResources.US_json),
    ]
}
