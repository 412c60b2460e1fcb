import CareLogic
import CareValues

extension CampaignReader {
    /// `steps`, or the one step that `actions` stands for; nil when something in them is broken.
    mutating func readSteps(
        of node: JSONNode, _ key: JSONNode, _ members: [String: JSONNode], _ subject: String
    ) -> [Step]? {
        switch (members["steps"], members["actions"]) {
        case (nil, nil):
            findings.missing(
                "actions' or 'steps", in: key, subject,
                example: "\"actions\": [{ \"send\": \"crm\", \"type\": \"care.hello\" }]")
            return nil
        case (.some, .some):
            findings.conflict(
                "steps", "actions", in: node, subject, help: "move the actions into a step of their own")
            return nil
        case (nil, let actions?):
            return readActions(actions, "a campaign").map {
                [Step(name: "1", wait: .none, at: nil, condition: nil, actions: $0.actions, units: $0.units)]
            }
        case (let steps?, nil):
            return readSteps(steps)
        }
    }

    private mutating func readSteps(_ node: JSONNode) -> [Step]? {
        guard let nodes = listOfObjects(node, "steps", "steps", RuleLimits.steps, item: "a step") else { return nil }
        var steps: [Step] = []
        var names = ItemNames(noun: "step")
        for (index, node) in nodes.enumerated() {
            if let step = readStep(node, index: index, &names) { steps.append(step) }
        }
        return steps.count == nodes.count ? steps : nil
    }

    private mutating func readStep(
        _ node: JSONNode, index: Int, _ names: inout ItemNames
    ) -> Step? {
        let example = "{ \"name\": \"hello\", \"actions\": [ … ] }"
        guard let members = findings.members(of: node, .step, subject: "a step", example: example) else { return nil }
        let name = names.take(members["name"], of: node, default: String(index + 1), &findings)
        var wait: Step.Wait? = Step.Wait.none
        if let length = members["after"] {
            wait = findings.duration(length, "after", range: .notNegative, example: "P7D").map(Step.Wait.after)
        }
        if let length = members["sinceEntry"] {
            wait = findings.duration(length, "sinceEntry", range: .notNegative, example: "P7D").map(
                Step.Wait.sinceEntry)
        }
        if members["after"] != nil, members["sinceEntry"] != nil {
            findings.conflict(
                "after", "sinceEntry", in: node, "a step",
                help: "'after' waits since the step before has ended, 'sinceEntry' since the entry")
            wait = nil
        }
        let at: LocalTime?? = members["at"].map { findings.wallTime($0, "at") }
        var condition: Expression?
        var isSound = true
        let countIn = members["countIn"].flatMap { readCountIn($0, wait: wait) }
        let window = members["window"].flatMap { readWindow($0, "window") }
        if members["countIn"] != nil, countIn == nil { isSound = false }
        if members["window"] != nil, window == nil { isSound = false }
        if let place = members["condition"] {
            condition = expression(place, .entered, .condition)
            isSound = isSound && condition != nil
        }
        guard let list = members["actions"] else {
            findings.missing(
                "actions", in: node, "a step", example: "\"actions\": [{ \"send\": \"crm\", \"type\": \"care.hello\" }]"
            )
            return nil
        }
        let actions = readActions(list, "a step")
        if case .some(nil) = at { return nil }
        guard let name, let wait, isSound, let actions else { return nil }
        return Step(
            name: name, wait: wait, countIn: countIn, at: at ?? nil, window: window, condition: condition,
            actions: actions.actions, units: actions.units)
    }

    /// Actions one after another, and which of them are decided together.
    private typealias ReadActions = (actions: [Action], units: [Range<Int>])

    private mutating func readActions(_ node: JSONNode, _ subject: String) -> ReadActions? {
        guard let nodes = listOfObjects(node, "actions", "actions of \(subject)", RuleLimits.actions, item: "an action")
        else { return nil }
        var result: ReadActions = ([], [])
        var names = ItemNames(noun: "action")
        for (index, node) in nodes.enumerated() {
            let read: [Action]? =
                if node.member("firstOf") != nil {
                    readChoice(node, index: index, &names)
                } else {
                    readAction(node, default: String(index + 1), &names).map { [$0] }
                }
            guard let read else { continue }
            result.units.append(result.actions.count..<(result.actions.count + read.count))
            result.actions += read
        }
        return result.units.count == nodes.count ? result : nil
    }

    /// `{ name, firstOf: [action ..] }`: its actions, named by it unless they have names of their own.
    private mutating func readChoice(_ node: JSONNode, index: Int, _ names: inout ItemNames) -> [Action]? {
        guard
            let members = findings.members(
                of: node, .choice, subject: "a choice", example: "{ \"firstOf\": [{ … }, { … }] }")
        else { return nil }
        var prefix = String(index + 1)
        if let place = members["name"] {
            guard let given = findings.text(place, "name", example: "\"notice\"") else { return nil }
            findings.checkName(given, at: place, "a choice")
            prefix = given
        }
        guard let list = members["firstOf"],
            let nodes = listOfObjects(
                list, "firstOf", "alternatives of a choice", RuleLimits.actions, item: "an action")
        else { return nil }
        var actions: [Action] = []
        for (index, node) in nodes.enumerated() {
            if let action = readAction(node, default: "\(prefix).\(index + 1)", &names) { actions.append(action) }
        }
        return actions.count == nodes.count ? actions : nil
    }

    private mutating func readAction(
        _ node: JSONNode, default defaultName: String, _ names: inout ItemNames
    ) -> Action? {
        let example = "{ \"send\": \"crm\", \"type\": \"care.hello\" }"
        guard let members = findings.members(of: node, .action, subject: "an action", example: example) else {
            return nil
        }
        var isSound = true
        let name = names.take(members["name"], of: node, default: defaultName, &findings)
        let destination = members["send"].flatMap { readDestination($0) }
        if members["send"] == nil {
            findings.missing("send", in: node, "an action", example: "\"send\": \"crm\"")
        }
        let type = members["type"].flatMap { findings.text($0, "type", example: "\"care.hello\"") }
        if members["type"] == nil {
            findings.missing("type", in: node, "an action", example: "\"type\": \"care.hello\"")
        }
        let audience: Action.Audience? =
            if let word = members["audience"] {
                findings.word(word, "audience", as: Action.Audience.self)
            } else {
                .customer
            }
        var to: Expression?
        if let place = members["to"] {
            if let text = place.string, text.utf8.contains(UInt8(ascii: "{")), text.contains("{{") {
                findings.error(
                    "rule.bad-template", at: place, "'to' is not filled like 'data'",
                    help: "write { \"var\": \"email\" }")
                isSound = false
            } else {
                if let text = place.string, schema?.attributes.contains(where: { $0.name == text }) == true {
                    findings.warning(
                        "rule.literal-address", at: place,
                        "'to' is the text '\(text)', the same for everybody; '\(text)' is an attribute",
                        help: "write { \"var\": \"\(text)\" }")
                }
                to = expression(place, .entered, .any)
                isSound = isSound && to != nil
            }
        }
        var condition: Expression?
        if let place = members["condition"] {
            condition = expression(place, .entered, .condition)
            isSound = isSound && condition != nil
        }
        let consents: [Int]? = if let place = members["consent"] { readConsent(place) } else { [] }
        let data: DataTemplate? =
            if let data = members["data"] { readData(data) } else { .object([]) }
        guard isSound, let name, let destination, let type, let consents, let audience, let data else { return nil }
        return Action(
            name: name, destination: destination, to: to, consents: consents, type: type, data: data,
            audience: audience, condition: condition)
    }

    /// A destination that the environment defines.
    private mutating func readDestination(_ node: JSONNode) -> String? {
        guard let name = findings.text(node, "send", example: "\"crm\"") else { return nil }
        guard let destinations, !destinations.contains(name) else { return name }
        let known = destinations.sorted()
        let help =
            suggestion(for: name, among: known)
            ?? (known.isEmpty
                ? "care.json defines no destinations at all" : "it defines \(known.joined(separator: ", "))")
        findings.error(
            "rule.unknown-destination", at: node, "care.json defines no destination '\(name)'", help: help)
        return nil
    }

    /// A list of at least one; what its items are is for the caller to say.
    private mutating func listOfObjects(
        _ node: JSONNode, _ key: String, _ what: String, _ limit: Int, item: String
    ) -> [JSONNode]? {
        guard node.kind == .array else {
            findings.wrongType(node, "'\(key)'", needs: "a list", example: "[{ … }]")
            return nil
        }
        let nodes = Array(node.elements)
        guard !nodes.isEmpty else {
            findings.error("rule.wrong-type", at: node, "'\(key)' must not be an empty list", help: "add \(item)")
            return nil
        }
        return findings.withinLimit(nodes.count, limit, what, at: node) ? nodes : nil
    }
}

/// The names taken so far in one list of steps or actions.
struct ItemNames {
    /// `step` or `action`.
    let noun: String
    private var taken: Set<String> = []
    private var unnamed = 0

    init(noun: String) {
        self.noun = noun
    }

    /// The name of an item: what it says, else its position.
    mutating func take(
        _ name: JSONNode?, of item: JSONNode, default position: String, _ findings: inout Findings
    ) -> String? {
        let article = noun == "action" ? "an" : "a"
        var text = position
        if let name {
            guard let given = findings.text(name, "name", example: "\"hello\"") else { return nil }
            findings.checkName(given, at: name, "\(article) \(noun)")
            text = given
        } else {
            unnamed += 1
            if unnamed == 2 {
                findings.warning(
                    "rule.unnamed", at: item, "two \(noun)s have no name",
                    help: "name them: their place in the list is their identity, and moving one would change it")
            }
        }
        guard taken.insert(text).inserted else {
            findings.error(
                "rule.duplicate-\(noun)", at: name ?? item, "a second \(noun) is named '\(text)'",
                help: name == nil ? "its name is its position: give it another" : "give it another name")
            return nil
        }
        return text
    }
}
