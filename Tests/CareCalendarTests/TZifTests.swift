import CareCalendar
import CareValues
import Testing

@Suite struct TZifTests {
    /// The parts of a zone file, written out as the format wants them.
    struct File {
        var magic = Array("TZif".utf8)
        var version: UInt8 = 0x32
        var times: [Int64] = [1_000_000_000]
        var typeOfTime: [UInt8] = [1]
        var types: [(offset: Int32, daylight: UInt8, abbreviation: UInt8)] = [(3600, 0, 0), (7200, 1, 4)]
        var characters = Array("CET\0CEST\0".utf8)
        var leapSeconds = 0
        var standardIndicators: [UInt8] = []
        var universalIndicators: [UInt8] = []
        var footer = "\nCET-1CEST,M3.5.0,M10.5.0/3\n"

        func block(timeSize: Int) -> [UInt8] {
            func big(_ value: Int64, _ size: Int) -> [UInt8] {
                (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * (size - 1 - $0))) }
            }
            var bytes = magic + [version] + [UInt8](repeating: 0, count: 15)
            let counts = [
                universalIndicators.count, standardIndicators.count, leapSeconds, times.count, types.count,
                characters.count,
            ]
            for count in counts { bytes += big(Int64(count), 4) }
            for time in times { bytes += big(time, timeSize) }
            bytes += typeOfTime
            for type in types { bytes += big(Int64(type.offset), 4) + [type.daylight, type.abbreviation] }
            bytes += characters + [UInt8](repeating: 0, count: leapSeconds * (timeSize + 4))
            return bytes + standardIndicators + universalIndicators
        }

        var bytes: [UInt8] {
            version == 0 ? block(timeSize: 4) : block(timeSize: 4) + block(timeSize: 8) + Array(footer.utf8)
        }
    }

    @Test(arguments: [UInt8(0), 0x32, 0x33, 0x34, 0x35]) func `reads every version of the format`(version: UInt8) throws
    {
        let zone = try TZif.zone(name: "Test/Zone", bytes: File(version: version).bytes)
        #expect(zone.name == "Test/Zone")
        #expect(zone.offsetSeconds(at: Timestamp(seconds: 999_999_999)) == 3600)
        #expect(zone.offsetSeconds(at: Timestamp(seconds: 1_000_000_000)) == 7200)
        // Only the versions with a footer know of winter.
        let winter = try #require(Timestamp(iso8601: "2026-01-15T12:00:00Z"))
        #expect(zone.offsetSeconds(at: winter) == (version == 0 ? 7200 : 3600))
        #expect((zone.rule == nil) == (version == 0))
    }

    @Test func `reads a file without transitions and without a rule`() throws {
        let file = File(times: [], typeOfTime: [], footer: "\n\n")
        let zone = try TZif.zone(name: "Test/Zone", bytes: file.bytes)
        for seconds in [Int64(-60_000_000_000), 0, 250_000_000_000] {
            #expect(zone.offsetSeconds(at: Timestamp(seconds: seconds)) == 3600)
        }
    }

    @Test func `without transitions the rule holds for all time`() throws {
        let file = File(times: [], typeOfTime: [])
        let zone = try TZif.zone(name: "Test/Zone", bytes: file.bytes)
        for (text, offset) in [("1776-07-04T12:00:00Z", 7200), ("0001-01-01T12:00:00Z", 3600)] {
            #expect(zone.offsetSeconds(at: try #require(Timestamp(iso8601: text))) == offset)
        }
    }

    struct Broken: Sendable {
        let name: String
        let bytes: [UInt8]
        let error: TZifError
    }

    static let broken = [
        Broken(name: "nothing", bytes: [], error: .notTZif),
        Broken(name: "text", bytes: Array(repeating: 0x20, count: 200), error: .notTZif),
        Broken(name: "another magic", bytes: File(magic: Array("TZiF".utf8)).bytes, error: .notTZif),
        Broken(name: "version 1 by its digit", bytes: File(version: 0x31).bytes, error: .invalid("unknown version")),
        Broken(
            name: "no types", bytes: File(times: [], typeOfTime: [], types: []).bytes,
            error: .invalid("number of local time types")),
        Broken(name: "no abbreviations", bytes: File(characters: []).bytes, error: .invalid("no abbreviations")),
        Broken(
            name: "one indicator for two types", bytes: File(standardIndicators: [0]).bytes,
            error: .invalid("number of indicators")),
        Broken(name: "an indicator of 2", bytes: File(standardIndicators: [0, 2]).bytes, error: .invalid("indicator")),
        Broken(
            name: "times that fall", bytes: File(times: [5, 4], typeOfTime: [1, 0]).bytes,
            error: .invalid("transition times do not ascend")),
        Broken(
            name: "a time twice", bytes: File(times: [5, 5], typeOfTime: [1, 0]).bytes,
            error: .invalid("transition times do not ascend")),
        Broken(
            name: "a time before the universe", bytes: File(times: [-(1 << 59) - 1]).bytes,
            error: .invalid("transition time out of bounds")),
        Broken(
            name: "a type that is not there", bytes: File(typeOfTime: [2]).bytes,
            error: .invalid("unknown local time type")),
        Broken(
            name: "25 hours west", bytes: File(types: [(-90_000, 0, 0), (0, 0, 0)]).bytes,
            error: .invalid("offset out of bounds")),
        Broken(
            name: "26 hours east", bytes: File(types: [(93_600, 0, 0), (0, 0, 0)]).bytes,
            error: .invalid("offset out of bounds")),
        Broken(
            name: "a daylight flag of 2", bytes: File(types: [(0, 2, 0), (0, 0, 0)]).bytes,
            error: .invalid("daylight flag")),
        Broken(
            name: "an abbreviation past the end", bytes: File(types: [(0, 0, 9), (0, 0, 0)]).bytes,
            error: .invalid("abbreviation index")),
        Broken(
            name: "an abbreviation without an end", bytes: File(characters: Array("CET\0CEST".utf8)).bytes,
            error: .invalid("abbreviation without an end")),
        Broken(name: "leap seconds", bytes: File(leapSeconds: 1).bytes, error: .leapSeconds),
        Broken(name: "no footer", bytes: File(footer: "").bytes, error: .truncated),
        Broken(
            name: "a footer without its beginning", bytes: File(footer: "CET-1\n").bytes, error: .invalid("no footer")),
        Broken(name: "a footer without its end", bytes: File(footer: "\nCET-1").bytes, error: .truncated),
        Broken(name: "a footer that is no rule", bytes: File(footer: "\nCET\n").bytes, error: .invalid("footer")),
        Broken(
            name: "too large", bytes: [UInt8](repeating: 0, count: TZif.maximumBytes + 1),
            error: .invalid("larger than 1048576 bytes")),
    ]

    @Test(arguments: broken) func `refuses a broken file and says why`(_ test: Broken) {
        #expect(throws: test.error) { try TZif.zone(name: "Test/Zone", bytes: test.bytes) }
        #expect(!test.error.description.isEmpty)
    }

    @Test(arguments: ["Europe/Berlin", "UTC", "Africa/Casablanca"])
    func `refuses a file cut short anywhere`(name: String) throws {
        let bytes = try Fixtures.bytes("zoneinfo-2026f/" + name)
        for count in 0..<bytes.count {
            #expect(throws: TZifError.self) { try TZif.zone(name: name, bytes: Array(bytes[..<count])) }
        }
    }

    @Test(arguments: 1...20) func `survives flipped bytes, and what it reads can be asked`(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let name = Fixtures.zoneNames[seed % Fixtures.zoneNames.count]
        let original = try Fixtures.bytes("zoneinfo-2026f/" + name)
        for _ in 0..<300 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            guard let zone = try? TZif.zone(name: name, bytes: bytes) else { continue }
            for milliseconds in [Int64.min, -1, 0, 1_790_000_000_000, .max] {
                let wall = zone.local(Timestamp(milliseconds: milliseconds))
                _ = zone.advance(zone.instant(of: wall), by: ISODuration(months: 1, days: 1, milliseconds: 1))
            }
        }
    }

    @Test(arguments: 1...20) func `survives bytes at random behind a good head`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<300 {
            var bytes = Array("TZif".utf8) + [[0, 0x32, 0x33].randomElement(using: &generator) ?? 0]
            bytes += [UInt8](repeating: 0, count: 15)
            for _ in 0..<6 { bytes += [0, 0, 0, UInt8.random(in: 0...4, using: &generator)] }
            bytes += (0..<Int.random(in: 0...200, using: &generator)).map { _ in .random(in: 0...255, using: &generator)
            }
            _ = try? TZif.zone(name: "Test/Zone", bytes: bytes)
        }
    }
}
