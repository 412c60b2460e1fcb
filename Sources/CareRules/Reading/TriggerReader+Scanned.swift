import CareLogic
import CareValues

extension CampaignReader {
    /// `schedule: { cron, zone, spread }`
    mutating func readSchedule(_ node: JSONNode) -> ScheduleTrigger? {
        let example = "{ \"cron\": \"0 10 1 * *\" }"
        guard let members = findings.members(of: node, .schedule, subject: "schedule", example: example) else {
            return nil
        }
        let clock: ScheduleTrigger.Clock? =
            members["zone"].map { findings.word($0, "zone", as: ScheduleTrigger.Clock.self) } ?? .customer
        let spread: ISODuration?? = members["spread"].map { readSpread($0, "schedule.spread") }
        guard let place = members["cron"] else {
            findings.missing("cron", in: node, "schedule", example: "\"cron\": \"0 10 1 * *\"")
            return nil
        }
        guard let text = findings.text(place, "schedule.cron", example: "\"0 10 1 * *\""),
            let cron = readCron(text, place),
            let clock
        else { return nil }
        if case .some(nil) = spread { return nil }
        return ScheduleTrigger(cron: cron, text: text, clock: clock, spread: spread ?? nil)
    }

    private mutating func readCron(_ text: String, _ node: JSONNode) -> CronExpression? {
        do {
            return try CronExpression(text: text)
        } catch {
            findings.error("rule.bad-cron", inside: node, error.range, error.message, help: error.help)
            return nil
        }
    }

    /// `holiday: { name, region, offset, at }`
    mutating func readHoliday(_ node: JSONNode) -> HolidayTrigger? {
        let example = "{ \"name\": \"mid-autumn\", \"region\": \"CN\" }"
        guard let members = findings.members(of: node, .holiday, subject: "holiday", example: example) else {
            return nil
        }
        let at: LocalTime? = if let time = members["at"] { findings.wallTime(time, "at") } else { defaultAt }
        let offsets: [ISODuration]? = if let list = members["offset"] { readOffsets(list) } else { [.zero] }
        var name: String?
        if let place = members["name"] {
            name = findings.text(place, "holiday.name", example: "\"mid-autumn\"")
        } else {
            findings.missing("name", in: node, "holiday", example: "\"name\": \"mid-autumn\"")
        }
        guard let regionNode = members["region"] else {
            findings.missing("region", in: node, "holiday", example: "\"region\": \"CN\"")
            return nil
        }
        guard let region = readRegion(regionNode), let name, let nameNode = members["name"],
            isKept(name, nameNode, in: region), let at, let offsets
        else { return nil }
        return HolidayTrigger(name: name, region: region, offsets: offsets, at: at)
    }

    /// A code, or `{ "var": attribute }`.
    private mutating func readRegion(_ node: JSONNode) -> HolidayTrigger.Region? {
        if node.kind == .string {
            guard let code = findings.text(node, "holiday.region", example: "\"CN\"") else { return nil }
            return findings.isRegion(code, at: node, in: holidays) ? .code(code) : nil
        }
        guard node.kind == .object, node.count == 1, let place = node["var"], let name = place.string else {
            findings.wrongType(
                node, "holiday.region", needs: "a region's code or { \"var\": … }", example: "{ \"var\": \"country\" }")
            return nil
        }
        guard let schema, !brokenNames.contains(name) else { return nil }
        guard let index = schema.attributeIndex(name) else {
            findings.error(
                "rule.unknown-name", at: place, "unknown attribute '\(name)'",
                help: suggestion(for: name, among: schema.attributes.map(\.name)) ?? "declare it under 'attributes'")
            return nil
        }
        switch schema.attributes[index].type {
        case .string, .enumeration, .ordinal: return .attribute(index, name: name)
        default:
            findings.error(
                "rule.type-mismatch", at: place,
                "\(name) is \(schema.attributes[index].type.phrase), a region's code is text",
                help: "use text or an enum")
            return nil
        }
    }

    /// Whether the region, or where an attribute names it some region, keeps a holiday of that name.
    private mutating func isKept(_ name: String, _ node: JSONNode, in region: HolidayTrigger.Region) -> Bool {
        guard let holidays else { return true }
        switch region {
        case .code(let code):
            guard let names = holidays.region(code)?.names, !names.contains(name) else { return true }
            let elsewhere = holidays.regions.filter { $0.names.contains(name) }.map(\.code)
            let keptBy = elsewhere.isEmpty ? nil : "kept in \(elsewhere.prefix(5).joined(separator: ", "))"
            findings.error(
                "rule.unknown-holiday", at: node, "\(code) has no holiday '\(name)'",
                help: suggestion(for: name, among: names) ?? keptBy ?? "one of \(names.joined(separator: ", "))")
        case .attribute:
            guard !holidays.names.contains(name) else { return true }
            findings.error(
                "rule.unknown-holiday", at: node, "no region has a holiday '\(name)'",
                help: suggestion(for: name, among: holidays.names)
                    ?? "name it in a file that care.json lists under 'holidays'")
        }
        return false
    }
}

extension Findings {
    /// Whether `table` (nil: not to be checked) has a region of that code; one it has not is a finding.
    mutating func isRegion(_ code: String, at node: JSONNode, in table: HolidayTable?) -> Bool {
        guard let table, table.region(code) == nil else { return true }
        let help = suggestion(for: code, among: table.codes) ?? suggestion(for: code.uppercased(), among: table.codes)
        error(
            "rule.unknown-region", at: node, "no holidays of a region '\(code)' are known",
            help: help
                ?? "one of \(table.codes.filter { !$0.contains("-") }.joined(separator: ", ")), or one in a file that care.json lists under 'holidays'"
        )
        return false
    }
}
