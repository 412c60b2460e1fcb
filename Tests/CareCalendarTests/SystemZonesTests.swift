import CareCalendar
import CareValues
import Foundation
import Testing

@Suite struct SystemZonesTests {
    let zones = SystemZones(directory: Fixtures.zoneinfo)

    @Test(arguments: Fixtures.zoneNames) func `reads a zone once and keeps it`(name: String) throws {
        let zone = try #require(zones.zone(named: name))
        #expect(zone.name == name)
        #expect(zones.zone(named: name) === zone)
    }

    @Test(arguments: [
        "", ".", "..", "/", "../zoneinfo-2026f/UTC", "/etc/localtime", "Europe/../UTC", "Europe//Berlin", "Europe/",
        "/UTC", "Europe", "Europe/Berlim", "UTC ", "Europe/Berlin\0", "+VERSION", "tzdata.zi", "Européen", "-UTC", "~",
    ])
    func `knows no zone of another name`(name: String) {
        #expect(zones.zone(named: name) == nil)
    }

    @Test func `refuses a name of 256 bytes`() {
        #expect(zones.zone(named: String(repeating: "a", count: 256)) == nil)
    }

    @Test func `a directory that is not there has no zones`() {
        let none = SystemZones(directory: Fixtures.zoneinfo + "/none")
        #expect(none.zone(named: "UTC") == nil)
        #expect(none.version == "unknown")
    }

    @Test(arguments: [
        ("tzdata.zi", "# version 2026f\n# This zic input file is in the public domain.\n", "2026f"),
        ("+VERSION", "2025b\n", "2025b"), ("tzdata.zi", "no version\n", "unknown"), ("+VERSION", "", "unknown"),
    ])
    func `tells the version of the zone data`(file: String, text: String, version: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("care-zones-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: folder.appendingPathComponent(file))
        #expect(SystemZones(directory: folder.path).version == version)
    }

    @Test func `reads every zone that this machine's list of zones names`() throws {
        let system = SystemZones()
        let list = try? String(contentsOfFile: system.directory + "/tzdata.zi", encoding: .utf8)
        // Z lines begin a zone, L lines name an alias of one.
        for line in (list ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            let name = fields.first == "Z" ? fields[1] : fields.first == "L" ? fields[2] : nil
            guard let name, FileManager.default.fileExists(atPath: system.directory + "/" + name) else { continue }
            #expect(system.zone(named: name) != nil, "\(name)")
        }
    }

    @Test func `threads that ask at once get one zone`() async {
        let zones = SystemZones(directory: Fixtures.zoneinfo)
        await withTaskGroup(of: ObjectIdentifier?.self) { group in
            for _ in 0..<64 { group.addTask { zones.zone(named: "Europe/Berlin").map(ObjectIdentifier.init) } }
            var seen: Set<ObjectIdentifier?> = []
            for await id in group { seen.insert(id) }
            #expect(seen.count == 1 && !seen.contains(nil))
        }
    }

    struct Local: Sendable {
        let zone: String
        let instant: String
        let local: String
    }

    /// Instants that an older edition of the zone data gets wrong, and some of long ago and far ahead.
    static let locals = [
        Local(zone: "America/Vancouver", instant: "2026-12-01T12:00:00Z", local: "2026-12-01 05:00"),
        Local(zone: "Asia/Shanghai", instant: "1986-07-01T00:00:00Z", local: "1986-07-01 09:00"),
        Local(zone: "Asia/Shanghai", instant: "2026-07-01T00:00:00Z", local: "2026-07-01 08:00"),
        Local(zone: "Asia/Kolkata", instant: "2026-07-01T00:00:00Z", local: "2026-07-01 05:30"),
        Local(zone: "America/Sao_Paulo", instant: "2026-01-01T00:00:00Z", local: "2025-12-31 21:00"),
        Local(zone: "Pacific/Apia", instant: "2011-12-30T09:59:00Z", local: "2011-12-29 23:59"),
        Local(zone: "Pacific/Apia", instant: "2011-12-30T10:00:00Z", local: "2011-12-31 00:00"),
        Local(zone: "Europe/Berlin", instant: "1890-01-01T00:00:00Z", local: "1890-01-01 00:53:28"),
        Local(zone: "Europe/Berlin", instant: "2999-07-01T00:00:00Z", local: "2999-07-01 02:00"),
    ]

    @Test(arguments: locals) func `shows what the clocks there show`(_ test: Local) throws {
        let zone = try #require(zones.zone(named: test.zone))
        let local = zone.local(try #require(Timestamp(iso8601: test.instant)))
        #expect(local.date.text + " " + local.time.text == test.local)
    }
}
