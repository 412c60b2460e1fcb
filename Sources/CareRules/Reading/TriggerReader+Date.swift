import CareLogic
import CareValues

extension CampaignReader {
    /// `date: { of, offset, at }`
    mutating func readDate(_ node: JSONNode) -> DateTrigger? {
        let example = "{ \"of\": \"contractEndsOn\", \"offset\": \"-P30D\" }"
        guard let members = findings.members(of: node, .date, subject: "date", example: example) else { return nil }
        let at: LocalTime? = if let time = members["at"] { findings.wallTime(time, "at") } else { defaultAt }
        let offsets: [ISODuration]? = if let list = members["offset"] { readOffsets(list) } else { [.zero] }
        guard let of = members["of"] else {
            findings.missing("of", in: node, "date", example: "\"of\": \"contractEndsOn\"")
            return nil
        }
        guard let watched = watchedValue(of, "date.of", example: "\"contractEndsOn\"") else { return nil }
        guard watched.type == .date || watched.type == .instant else {
            findings.error(
                "rule.type-mismatch", at: of, "\(watched.name) is \(watched.phrase), a date trigger needs a date",
                help: watched.type == .birthday
                    ? "use an anniversary: a birthday returns every year" : "use a date or an instant")
            return nil
        }
        guard let at, let offsets else { return nil }
        return DateTrigger(of: watched.value, name: watched.name, offsets: offsets, at: at)
    }
}
