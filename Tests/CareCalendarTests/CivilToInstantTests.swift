import CareCalendar
import CareValues
import Foundation
import Testing

/// The published table of local times in and around every gap and overlap of 22 zones.
@Suite struct CivilToInstantTests {
    struct Row: Sendable {
        let zone: String
        let local: LocalDateTime
        let kind: String
        let earlier: Timestamp
        let later: Timestamp
    }

    static func rows() throws -> [Row] {
        let text = String(decoding: try Fixtures.bytes("civil_to_instant_2022_2030.csv"), as: UTF8.self)
        return try text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            let fields = line.split(separator: ",").map(String.init)
            try #require(fields.count == 6, "\(line)")
            let date = try #require(CivilDate(text: String(fields[1].prefix(10))))
            let time = try #require(LocalTime(text: String(fields[1].dropFirst(11))))
            return Row(
                zone: fields[0], local: LocalDateTime(date: date, time: time), kind: fields[2],
                earlier: Timestamp(seconds: try #require(Int64(fields[3]))),
                later: Timestamp(seconds: try #require(Int64(fields[4]))))
        }
    }

    /// What the project's rule says for each row.
    ///
    /// The rule: a wall time that exists twice means the first, one in a gap means the first instant after the gap.
    /// For unique and doubled wall times that is the column `earlier_epoch`. For a gap the table gives two readings: the
    /// wall time with the offset after the gap (`earlier_epoch`) and with the offset before it (`later_epoch`, also
    /// `compatible_epoch`). Read with the offset before it, the first wall time of the gap is the gap's end; the
    /// others lie as much later as they lie in the gap. So the end of the gap is the `later_epoch` of the first
    /// row of each run of gap rows, provided that the row just before is the second before the gap.
    static func expectations() throws -> [(row: Row, instant: Timestamp)] {
        var result: [(row: Row, instant: Timestamp)] = []
        var gapEnd = Timestamp.distantPast
        var previous: Row?
        for row in try rows() {
            if row.kind == "gap" {
                if let before = previous, before.kind != "gap" {
                    try #require(before.zone == row.zone)
                    try #require(before.local.wallMilliseconds + 1000 == row.local.wallMilliseconds)
                    gapEnd = row.later
                    try #require(gapEnd == before.later.advanced(byMilliseconds: 1000))
                }
                try #require(row.earlier < gapEnd && gapEnd <= row.later)
                result.append((row, gapEnd))
            } else {
                result.append((row, row.earlier))
            }
            previous = row
        }
        return result
    }

    @Test func `gives the instant of all 1,705 local times`() throws {
        var zones: [String: Zone] = [:]
        var right = 0
        var kinds: [String: Int] = [:]
        for (row, expected) in try Self.expectations() {
            if zones[row.zone] == nil { zones[row.zone] = try Fixtures.zone(row.zone) }
            let found = zones[row.zone]?.instant(of: row.local)
            kinds[row.kind, default: 0] += 1
            if found == expected {
                right += 1
            } else {
                Issue.record("\(row.zone) \(row.local.date.text)T\(row.local.time.text) \(row.kind)")
            }
        }
        #expect(kinds == ["unique": 682, "gap": 516, "overlap": 507])
        #expect(right == 1705)
    }

    @Test func `shows each local time again at both of its instants`() throws {
        var zones: [String: Zone] = [:]
        for row in try Self.rows() where row.kind != "gap" {
            if zones[row.zone] == nil { zones[row.zone] = try Fixtures.zone(row.zone) }
            #expect(zones[row.zone]?.local(row.earlier) == row.local)
            #expect(zones[row.zone]?.local(row.later) == row.local)
            #expect((row.kind == "overlap") == (row.earlier < row.later))
        }
    }
}
