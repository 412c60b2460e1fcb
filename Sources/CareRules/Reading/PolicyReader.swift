import CareLogic
import CareValues

/// Reads what holds for all campaigns, and notes every finding.
struct PolicyReader {
    /// Attributes, events, traits and segments; nil when they are too broken to check expressions against.
    let schema: Schema?
    /// The names of the environment's destinations; nil: not to be checked.
    let destinations: Set<String>?
    /// The holidays that rules can name; nil: not to be checked.
    let holidays: HolidayTable?
    /// What has been found.
    var findings = Findings()

    /// The policies of all files; what is broken is left out.
    mutating func read(_ members: [MergedFiles.Member]) -> Policies {
        var policies = Policies()
        for (key, value) in members {
            switch key.string {
            case "quietHours": policies.quietHours = readQuietHours(value)
            case "windows": policies.windows = readWindows(value)
            case "caps": policies.caps = readCaps(value)
            case "pauses": policies.pauses = readPauses(value)
            default: break
            }
        }
        return policies
    }

    // MARK: Quiet hours

    private mutating func readQuietHours(_ node: JSONNode) -> [QuietHours] {
        items(node, "quietHours", mayBeOne: true).compactMap { node in
            guard
                let members = findings.members(
                    of: node, .quietHours, subject: "quietHours",
                    example: "{ \"from\": \"21:00\", \"until\": \"08:00\" }")
            else { return nil }
            let from = time("from", members, in: node, "quietHours", example: "21:00")
            let until = time("until", members, in: node, "quietHours", example: "08:00")
            let then = refusal(members, default: .hold)
            let bound = names("destinations", members, example: "[\"mail\"]")
            for place in bound ?? [] { checkDestination(place.text, at: place.node) }
            guard let from, let until, let then else { return nil }
            return QuietHours(from: from, until: until, then: then, destinations: bound?.map(\.text) ?? [])
        }
    }

    // MARK: Pauses

    private mutating func readPauses(_ node: JSONNode) -> [Pause] {
        var taken: Set<String> = []
        return items(node, "pauses", mayBeOne: false).compactMap { node in
            let example = "{ \"name\": \"open-complaint\", \"when\": { … }, \"then\": \"hold\" }"
            guard let members = findings.members(of: node, .pause, subject: "a pause", example: example) else {
                return nil
            }
            let name = name(members, in: node, "a pause", &taken)
            var when: Expression?
            if let condition = members["when"] {
                when = expression(condition)
            } else {
                findings.missing("when", in: node, "a pause", example: "\"when\": { \"var\": \"doNotContact\" }")
            }
            let tags = names("tags", members, example: "[\"marketing\"]")
            var then: PolicyEffect?
            if members["then"] == nil {
                findings.missing("then", in: node, "a pause", example: "\"then\": \"hold\"")
            } else {
                then = refusal(members, default: .hold)
            }
            guard let name, let when, let then else { return nil }
            return Pause(name: name, when: when, tags: tags?.map(\.text), then: then)
        }
    }

    private mutating func expression(_ node: JSONNode) -> Expression? {
        guard let schema else { return nil }
        return schema.compile(
            node, in: node.document, scope: .none, expecting: .condition, diagnostics: &findings.diagnostics)
    }

    // MARK: Caps

    private mutating func readCaps(_ node: JSONNode) -> [FrequencyCap] {
        var taken: Set<String> = []
        return items(node, "caps", mayBeOne: false).compactMap { node in
            let example =
                "{ \"name\": \"marketing\", \"tags\": [\"marketing\"], \"max\": 2, \"per\": { \"rolling\": \"P7D\" } }"
            guard let members = findings.members(of: node, .cap, subject: "a cap", example: example) else { return nil }
            let name = name(members, in: node, "a cap", &taken)
            let tags = names("tags", members, example: "[\"marketing\"]")
            let bound = names("destinations", members, example: "[\"mail\"]")
            for place in bound ?? [] { checkDestination(place.text, at: place.node) }
            var max: Int?
            if let count = members["max"] {
                max = wholeNumber(count)
            } else {
                findings.missing("max", in: node, "a cap", example: "\"max\": 2")
            }
            var period: FrequencyCap.Period?
            if let per = members["per"] {
                period = readPeriod(per)
            } else {
                findings.missing("per", in: node, "a cap", example: "\"per\": { \"rolling\": \"P7D\" }")
            }
            let then = refusal(members, default: .suppress)
            guard let name, let max, let period, let then else { return nil }
            return FrequencyCap(
                name: name, tags: tags?.map(\.text), destinations: bound?.map(\.text), max: max, period: period,
                then: then)
        }
    }

    private mutating func readPeriod(_ node: JSONNode) -> FrequencyCap.Period? {
        let example = "{ \"rolling\": \"P7D\" } or { \"calendar\": \"month\" }"
        guard let members = findings.members(of: node, .capPeriod, subject: "per", example: example) else { return nil }
        switch (members["rolling"], members["calendar"]) {
        case (let length?, nil):
            return findings.duration(length, "rolling", range: .positive, example: "P7D").map { .rolling($0) }
        case (nil, let period?):
            return findings.word(period, "calendar", as: CalendarPeriod.self).map { .calendar($0) }
        case (nil, nil):
            findings.missing("rolling' or 'calendar", in: node, "per", example: "\"rolling\": \"P7D\"")
        case (.some, .some):
            findings.conflict("rolling", "calendar", in: node, "per", help: "write two caps: both must pass")
        }
        return nil
    }

    private mutating func wholeNumber(_ node: JSONNode) -> Int? {
        guard let number = node.number, let whole = Int(exactly: number), (0...1_000_000).contains(whole) else {
            findings.error(
                "rule.wrong-type", at: node, "max must be a whole number between 0 and 1000000",
                help: "for example 2")
            return nil
        }
        if whole == 0 {
            findings.warning(
                "rule.unreachable", at: node, "a cap of 0 lets nothing through that it binds",
                help: "let it be 1 or more, or take the campaigns out")
        }
        return whole
    }
}

// MARK: Parts

extension PolicyReader {
    /// The objects of a list, or the one object where a list may be left out.
    private mutating func items(_ node: JSONNode, _ key: String, mayBeOne: Bool) -> [JSONNode] {
        if node.kind == .array {
            let nodes = Array(node.elements)
            return findings.withinLimit(nodes.count, RuleLimits.list, "entries in '\(key)'", at: node) ? nodes : []
        }
        if mayBeOne, node.kind == .object { return [node] }
        findings.wrongType(
            node, "'\(key)'", needs: mayBeOne ? "an object or a list of objects" : "a list", example: "[{ … }]")
        return []
    }

    private mutating func name(
        _ members: [String: JSONNode], in node: JSONNode, _ subject: String, _ taken: inout Set<String>
    ) -> String? {
        guard let place = members["name"] else {
            findings.missing("name", in: node, subject, example: "\"name\": \"marketing\"")
            return nil
        }
        guard let name = findings.text(place, "name", example: "\"marketing\"") else { return nil }
        findings.checkName(name, at: place, subject)
        guard taken.insert(name).inserted else {
            let noun = subject.split(separator: " ").last.map(String.init) ?? subject
            findings.error(
                "rule.duplicate-name", at: place, "a second \(noun) is named '\(name)'", help: "give it another name")
            return nil
        }
        return name
    }

    /// A list of texts, or nil when the key is not there or broken.
    private mutating func names(
        _ key: String, _ members: [String: JSONNode], example: String
    )
        -> [(text: String, node: JSONNode)]?
    {
        members[key].flatMap { findings.list($0, key, example: example, mayBeEmpty: false) }
    }

    private mutating func refusal(_ members: [String: JSONNode], default word: PolicyEffect) -> PolicyEffect? {
        guard let node = members["then"] else { return word }
        return findings.word(node, "then", as: PolicyEffect.self)
    }

    /// A wall time that must be there.
    mutating func time(
        _ key: String, _ members: [String: JSONNode], in node: JSONNode, _ subject: String, example: String
    ) -> LocalTime? {
        guard let place = members[key] else {
            findings.missing(key, in: node, subject, example: "\"\(key)\": \"\(example)\"")
            return nil
        }
        return findings.wallTime(place, key)
    }

    private mutating func checkDestination(_ name: String, at node: JSONNode) {
        guard let destinations, !destinations.contains(name) else { return }
        findings.error(
            "rule.unknown-destination", at: node, "care.json defines no destination '\(name)'",
            help: suggestion(for: name, among: destinations.sorted()))
    }
}
