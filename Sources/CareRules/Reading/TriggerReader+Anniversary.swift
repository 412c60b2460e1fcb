import CareLogic
import CareValues

extension CampaignReader {
    /// `anniversary: { of, calendar, offset, at, leapDay, leapMonth, shortMonth }`
    mutating func readAnniversary(_ node: JSONNode) -> AnniversaryTrigger? {
        let example = "{ \"of\": \"birthday\", \"offset\": \"-P7D\" }"
        guard let members = findings.members(of: node, .anniversary, subject: "anniversary", example: example) else {
            return nil
        }
        let calendar = word(members, "calendar", unsaid: AnniversaryTrigger.Reckoning.own)
        let leapDay = word(members, "leapDay", unsaid: AnniversaryTrigger.LeapDay.feb28)
        let leapMonth = word(members, "leapMonth", unsaid: AnniversaryTrigger.LeapMonth.ordinary)
        let shortMonth = word(members, "shortMonth", unsaid: AnniversaryTrigger.ShortMonth.lastDay)
        let at: LocalTime? = if let time = members["at"] { findings.wallTime(time, "at") } else { defaultAt }
        let offsets: [ISODuration]? = if let list = members["offset"] { readOffsets(list) } else { [.zero] }
        guard let of = members["of"] else {
            findings.missing("of", in: node, "anniversary", example: "\"of\": \"birthday\"")
            return nil
        }
        guard let watched = watchedValue(of, "anniversary.of", example: "\"birthday\"") else { return nil }
        guard let type = watched.type, type.isDate else {
            findings.error(
                "rule.type-mismatch", at: of, "\(watched.name) is \(watched.phrase), an anniversary needs a date",
                help: "use a date, an instant or a birthday")
            return nil
        }
        guard let calendar, let leapDay, let leapMonth, let shortMonth, let at, let offsets else { return nil }
        // A birthday may be written in either calendar; every other date is Gregorian.
        if calendar == .gregorian || (calendar == .own && type != .birthday) {
            for key in ["leapMonth", "shortMonth"] {
                guard let place = members[key] else { continue }
                findings.warning(
                    "rule.no-effect", at: place, "'\(key)' has no effect: the anniversary is Gregorian",
                    help: "write \"calendar\": \"chinese\", or take it out")
            }
        }
        if calendar == .chinese, let place = members["leapDay"] {
            findings.warning(
                "rule.no-effect", at: place, "'leapDay' has no effect: the anniversary is of the Chinese calendar",
                help: "take it out; 'leapMonth' and 'shortMonth' tell what happens to a day that a year lacks")
        }
        return AnniversaryTrigger(
            of: watched.value, name: watched.name, calendar: calendar, offsets: offsets, at: at, leapDay: leapDay,
            leapMonth: leapMonth, shortMonth: shortMonth)
    }

    /// The word at `key`, `unsaid` when there is none; nil after a finding.
    private mutating func word<Word: RawRepresentable & CaseIterable>(
        _ members: [String: JSONNode], _ key: String, unsaid: Word
    ) -> Word? where Word.RawValue == String {
        guard let node = members[key] else { return unsaid }
        return findings.word(node, key, as: Word.self)
    }
}
