import CareLogic
import CareValues

/// What is known of a trigger even when a part of it is broken.
struct ReadTrigger {
    /// The trigger; nil when it has an error.
    var trigger: Trigger?
    /// What `entry.*` will hold.
    var entry: EntryShape
    /// The trigger's `where`.
    var condition: Expression?
}

extension CampaignReader {
    private static let kinds = [
        "event", "api", "change", "segment", "anniversary", "date", "holiday", "schedule", "inactivity",
    ]

    /// `trigger`: exactly one kind, and perhaps `where`; nil when not even its kind is known.
    mutating func readTrigger(_ node: JSONNode, of campaign: String, _ subject: String) -> ReadTrigger? {
        guard
            let members = findings.members(
                of: node, .trigger, subject: "trigger", example: "{ \"event\": \"purchase\" }")
        else { return nil }
        let present = Self.kinds.filter { members[$0] != nil }
        if present.count > 1 {
            findings.conflict(
                present[0], present[1], in: node, "a trigger",
                help: "exactly one kind; write a second campaign for the other")
            return nil
        }
        var result = ReadTrigger(trigger: nil, entry: .unknown, condition: nil)
        switch present.first {
        case "event":
            if let place = members["event"], let types = findings.oneOrList(place, "event", example: "\"purchase\"") {
                let names = types.map(\.text)
                result = ReadTrigger(trigger: .event(types: names), entry: .event(names))
                for type in types { warnAboutEventType(type.text, at: type.node) }
            }
        case "api":
            result.entry = .event([campaign])
            if let place = members["api"] { result.trigger = readCall(place) }
        case "change":
            result.entry = .change
            result.trigger = members["change"].flatMap { readChange($0) }.map(Trigger.change)
        case "segment":
            result.entry = .segment
            result.trigger = members["segment"].flatMap { readSegment($0) }.map(Trigger.segment)
        case "date":
            result.entry = .date
            result.trigger = members["date"].flatMap { readDate($0) }.map(Trigger.date)
        case "anniversary":
            result.entry = .anniversary
            result.trigger = members["anniversary"].flatMap { readAnniversary($0) }.map(Trigger.anniversary)
        case "holiday":
            result.entry = .holiday
            result.trigger = members["holiday"].flatMap { readHoliday($0) }.map(Trigger.holiday)
        case "schedule":
            result.entry = .schedule
            result.trigger = members["schedule"].flatMap { readSchedule($0) }.map(Trigger.schedule)
        case "inactivity":
            result.entry = .inactivity
            result.trigger = members["inactivity"].flatMap { readInactivity($0) }.map(Trigger.inactivity)
        default:
            let others = Self.kinds.dropLast().joined(separator: "', '")
            findings.missing(
                "\(others)' or '\(Self.kinds.last ?? "")", in: node, "a trigger", example: "\"event\": \"purchase\"")
            return nil
        }
        if let place = members["where"] {
            entry = result.entry
            result.condition = expression(place, result.entry.whereScope, .condition)
            if result.condition == nil { result.trigger = nil }
        }
        return result
    }

    private mutating func readChange(_ node: JSONNode) -> ChangeTrigger? {
        let example = "{ \"of\": \"tier\", \"direction\": \"up\" }"
        guard let members = findings.members(of: node, .change, subject: "change", example: example) else { return nil }
        let direction: ChangeTrigger.Direction?? = members["direction"].map {
            findings.word($0, "direction", as: ChangeTrigger.Direction.self)
        }
        guard let of = members["of"] else {
            findings.missing("of", in: node, "change", example: "\"of\": \"tier\"")
            return nil
        }
        guard let watched = watchedValue(of, "change.of", example: "\"tier\"") else { return nil }
        if let place = members["direction"], direction != .some(nil), let type = watched.type, !type.isOrdered {
            findings.error(
                "rule.type-mismatch", at: place, "\(watched.name) is \(type.phrase), which has no up and down",
                help: "take 'direction' out, or name the values in 'from' and 'to'")
            return nil
        }
        let from = members["from"].map { changeValues($0, "from", watched) }
        let to = members["to"].map { changeValues($0, "to", watched) }
        let at = members["at"].map { findings.wallTime($0, "at") }
        if case .some(nil) = at { return nil }
        if case .some(nil) = direction { return nil }
        if case .some(nil) = from { return nil }
        if case .some(nil) = to { return nil }
        return ChangeTrigger(
            of: watched.value, name: watched.name, type: watched.type, from: from ?? nil, to: to ?? nil,
            direction: direction ?? nil, at: at ?? nil, definitionHash: definitionHash(of: watched))
    }

    /// `from` or `to`: one value or a list, each of the type of what is watched; `null` is "missing".
    private mutating func changeValues(_ node: JSONNode, _ key: String, _ watched: Watched) -> [LogicValue]? {
        let isList = node.kind == .array && watched.type != .list
        let nodes = isList ? Array(node.elements) : [node]
        guard !nodes.isEmpty else {
            findings.error(
                "rule.wrong-type", at: node, "'\(key)' must not be an empty list",
                help: "name a value, or take '\(key)' out: any value counts")
            return nil
        }
        guard findings.withinLimit(nodes.count, RuleLimits.list, "values in '\(key)'", at: node) else { return nil }
        var values: [LogicValue] = []
        for node in nodes {
            if node.kind == .null {
                values.append(.missing)
            } else if let value = watched.read(node.value) {
                values.append(value)
            } else {
                findings.error(
                    "rule.type-mismatch", at: node,
                    "\(watched.name) is \(watched.phrase), \(node.describedValue) is not one of its values",
                    help: watched.type?.help(for: node))
            }
        }
        return values.count == nodes.count ? values : nil
    }

    /// One offset or a list; the position of each is part of the occurrence, so that two alike are one too many.
    mutating func readOffsets(_ node: JSONNode) -> [ISODuration]? {
        let nodes = node.kind == .array ? Array(node.elements) : [node]
        guard !nodes.isEmpty else {
            findings.error(
                "rule.wrong-type", at: node, "'offset' must not be an empty list", help: "for example \"-P7D\"")
            return nil
        }
        guard findings.withinLimit(nodes.count, RuleLimits.offsets, "offsets", at: node) else { return nil }
        var offsets: [ISODuration] = []
        for node in nodes {
            guard let offset = findings.duration(node, "offset", range: .any, example: "-P7D") else { continue }
            if offsets.contains(offset) {
                findings.error(
                    "rule.duplicate-name", at: node, "the offset '\(node.string ?? "")' stands twice",
                    help: "take one out")
            } else {
                offsets.append(offset)
            }
        }
        return offsets.count == nodes.count ? offsets : nil
    }

}
