/// The holidays of all regions that rules can name: those that ship, and the user's own.
///
/// Pure data. A region is named by its code, small or capital: `CN`, `US`, `GB-SCT`, `DE-BY`, `JP`, or one of your own.
public struct HolidayTable: Sendable {
    /// The regions, by code.
    public let regions: [HolidayRegion]
    /// Where each code and each other code stands in ``regions``, in capitals.
    private let places: [String: Int]

    /// A table of these regions; of one code the first counts.
    public init(_ regions: [HolidayRegion]) {
        self.regions = regions.sorted { $0.code < $1.code }
        var places: [String: Int] = [:]
        for (index, region) in self.regions.enumerated() where places[region.code.uppercased()] == nil {
            places[region.code.uppercased()] = index
        }
        for (index, region) in self.regions.enumerated() {
            for code in region.definition.also where places[code.uppercased()] == nil {
                places[code.uppercased()] = index
            }
        }
        self.places = places
    }

    /// No region at all.
    public static let empty = HolidayTable([])

    /// The region of that code, small or capital letters; nil: there is none.
    public func region(_ code: String) -> HolidayRegion? {
        if let place = places[code] { return regions[place] }
        return places[code.uppercased()].map { regions[$0] }
    }

    /// The codes of all regions, sorted, without the other codes they go by.
    public var codes: [String] { regions.map(\.code) }

    /// The names of all holidays of all regions, sorted.
    public var names: [String] {
        Set(regions.flatMap { $0.definition.holidays.keys }).sorted()
    }
}
