import CareCalendar
import CareValues
import Foundation

/// Answers questions about zones and calendars, for the scripts that compare them with other libraries.
///
///     calendar-probe zones <QUESTIONS >ANSWERS
///     calendar-probe chinese FIRST LAST
///     calendar-probe holidays FIRST LAST
@main struct CalendarProbe {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "zones":
            guard let answers = ZoneQuestions.answers(to: FileHandle.standardInput.readDataToEndOfFile()) else {
                stop("the questions end within one")
            }
            FileHandle.standardOutput.write(answers)
        case "chinese": FileHandle.standardOutput.write(chinese(days(arguments.dropFirst())))
        case "holidays": FileHandle.standardOutput.write(holidays(days(arguments.dropFirst())))
        default: stop("there are 'zones', 'chinese' and 'holidays'")
        }
    }

    private static func days(_ arguments: ArraySlice<String>) -> ClosedRange<CivilDate> {
        let dates = arguments.compactMap { CivilDate(text: $0) }
        guard arguments.count == 2, dates.count == 2, dates[0] <= dates[1] else { stop("name a first and a last date") }
        return dates[0]...dates[1]
    }

    /// A line for each day: the Gregorian date and the Chinese one, `-` where there is none.
    private static func chinese(_ days: ClosedRange<CivilDate>) -> Data {
        var text = ""
        for number in days.lowerBound.dayNumber...days.upperBound.dayNumber {
            let day = CivilDate(dayNumber: number)
            text += "\(day.text) \(ChineseCalendar.date(of: day)?.text ?? "-")\n"
        }
        return Data(text.utf8)
    }

    /// A line for each day off and each make-up workday of each region that ships: `CN 2026-01-04 work`.
    private static func holidays(_ days: ClosedRange<CivilDate>) -> Data {
        var text = ""
        for region in ShippedHolidays.table.regions {
            for number in days.lowerBound.dayNumber...days.upperBound.dayNumber {
                let day = CivilDate(dayNumber: number)
                switch region.kind(of: day) {
                case .ordinary: break
                case .dayOff: text += "\(region.code) \(day.text) off\n"
                case .makeUpWorkday: text += "\(region.code) \(day.text) work\n"
                }
            }
        }
        return Data(text.utf8)
    }

    private static func stop(_ sentence: String) -> Never {
        FileHandle.standardError.write(Data("calendar-probe: \(sentence)\n".utf8))
        exit(64)
    }
}

/// Questions about zones, one zone after the other.
///
/// For each: the length of its name in bytes and the name, how many instants and the instants, how many wall times and
/// the wall times; answered by as many offsets and instants. Every number is a signed integer of 64 bits, the low byte
/// first; instants and wall times are seconds since 1970-01-01T00:00, offsets seconds east of UTC. A zone that is not
/// known is answered by the least such number.
private enum ZoneQuestions {
    /// The answers; nil: the questions are cut off.
    static func answers(to questions: Data) -> Data? {
        let zones = SystemZones()
        var answers = Data()
        var rest = questions[...]
        func number() -> Int64? {
            guard rest.count >= 8 else { return nil }
            defer { rest = rest.dropFirst(8) }
            return rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int64($1) }
        }
        func answer(_ number: Int64) { withUnsafeBytes(of: number.littleEndian) { answers.append(contentsOf: $0) } }
        while !rest.isEmpty {
            guard let length = number(), rest.count >= length else { return nil }
            let zone = zones.zone(named: String(decoding: rest.prefix(Int(length)), as: UTF8.self))
            rest = rest.dropFirst(Int(length))
            guard let instants = number() else { return nil }
            for _ in 0..<instants {
                guard let seconds = number() else { return nil }
                answer(zone.map { Int64($0.offsetSeconds(at: Timestamp(seconds: seconds))) } ?? .min)
            }
            guard let walls = number() else { return nil }
            for _ in 0..<walls {
                guard let seconds = number() else { return nil }
                let local = LocalDateTime(wallMilliseconds: seconds * 1000)
                answer(zone.map { $0.instant(of: local).milliseconds / 1000 } ?? .min)
            }
        }
        return answers
    }
}
