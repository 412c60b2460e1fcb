import CareLogic
import CareValues

/// Reads campaigns against a schema, and notes every finding.
///
/// Where something is wrong a part is nil and reading goes on, so that one run shows all findings.
struct CampaignReader {
    /// Attributes, events, traits and segments; nil when they are too broken to check expressions against.
    let schema: Schema?
    /// The names of the environment's destinations; nil: not to be checked.
    let destinations: Set<String>?
    /// The wall time of date triggers that say no other.
    let defaultAt: LocalTime
    /// The holidays that rules can name; nil: not to be checked.
    let holidays: HolidayTable?
    /// What holds for all campaigns.
    let policies: Policies
    /// The index of the hidden `last` trait of each inactivity's list of types.
    let silences: [[String]: Int]
    /// Finds conditions that are the same for everybody; nil: it is not asked for.
    var analysis: ConditionAnalysis?
    /// Attributes and traits whose own declaration has an error: nothing more is said about them.
    let brokenNames: Set<String>
    /// Which campaign has which identity: first all by their names, then also by what they were called formerly.
    var identities: [String: String]
    /// Computes what an edit changes.
    let hasher: DefinitionHasher
    /// What has been found.
    var findings = Findings()
    /// What `entry.*` holds in the campaign that is being read.
    var entry = EntryShape.unknown
    /// The names without which its trigger would not have fired.
    var needed: Set<String> = []

    /// One campaign; nil when it has an error.
    mutating func campaign(name key: JSONNode, _ node: JSONNode) -> Campaign? {
        let name = key.string ?? ""
        let subject = "campaign '\(name)'"
        findings.checkName(name, at: key, "a campaign")
        guard
            let members = findings.members(
                of: node, .campaign, subject: subject,
                example: "{ \"trigger\": { \"event\": \"purchase\" }, \"actions\": [ … ] }")
        else { return nil }

        let description: String? = members["description"].map { findings.plainText($0, "the description") } ?? ""
        let tags = members["tags"].flatMap {
            findings.list($0, "tags", example: "[\"marketing\"]", mayBeEmpty: true)
        }
        let priority: Int? = members["priority"].map { readPriority($0) } ?? 0
        let lateness = members["maxLateness"].flatMap { readLateness($0) }

        needed = namesThatTriggerNeeds(members["trigger"])
        var trigger: ReadTrigger?
        if let triggerNode = members["trigger"] {
            trigger = readTrigger(triggerNode, of: name, subject)
        } else {
            findings.missing("trigger", in: key, subject, example: "\"trigger\": { \"event\": \"purchase\" }")
        }
        entry = trigger?.entry ?? .unknown

        let condition = members["condition"].flatMap { expression($0, .entered, .condition) }
        let exits: [Exit]? = members["exit"].map { readExits($0) } ?? []
        let reentry: Reentry? = members["reentry"].map { readReentry($0) } ?? .always
        let entryKey = members["entryKey"].flatMap { expression($0, entry.entryKeyScope, .any) }
        let gates = readGates(members)
        let terms = readTerms(members, of: trigger)
        let former: String?? = members["formerly"].map { readFormerly($0, of: name) }
        let steps = readSteps(of: node, key, members, subject)

        if let trigger { warnAboutEntries(trigger, members, key, steps: steps?.count ?? 0) }
        if analysis != nil {
            warnAboutConditions(
                ReadConditions(
                    trigger: members["trigger"],
                    triggerWhere: trigger?.condition == nil ? nil : members["trigger"]?.member("where"),
                    condition: condition == nil ? nil : members["condition"],
                    exits: exits == nil ? [] : exitConditions(members["exit"]),
                    steps: steps == nil ? [] : members["steps"].map { Array($0.elements) } ?? [node]), subject)
        }
        guard let trigger, let description, let priority, let exits, let reentry, let gates, let terms, let steps,
            let built = trigger.trigger,
            case .object(let definition) = node.value
        else { return nil }
        if case .some(nil) = former { return nil }
        warnAboutGates(gates, tags: tags?.map(\.text) ?? [], steps: steps, members)
        return Campaign(
            name: name, identity: former ?? nil, description: description, tags: tags?.map(\.text) ?? [],
            priority: priority, trigger: built,
            triggerWhere: trigger.condition, condition: condition, exits: exits, reentry: reentry, entryKey: entryKey,
            maxLateness: lateness, gates: gates, terms: terms, steps: steps, definitionHash: hasher.hash(definition))
    }

    /// An expression of the rule file, checked against the schema.
    mutating func expression(
        _ node: JSONNode, _ scope: ExpressionScope, _ expecting: ExpressionExpectation
    ) -> Expression? {
        guard let schema else { return nil }
        warnAboutMissing(in: node, present: needed)
        checkEntryNames(node, entry: entry, schema: schema, &findings)
        return schema.compile(
            node, in: node.document, scope: scope, expecting: expecting, diagnostics: &findings.diagnostics)
    }

    /// A whole number.
    private mutating func readPriority(_ node: JSONNode) -> Int? {
        guard let number = node.number else {
            findings.wrongType(node, "priority", needs: "a whole number", example: "50")
            return nil
        }
        guard let whole = Int(exactly: number), abs(whole) <= 1_000_000 else {
            findings.error(
                "rule.wrong-type", at: node, "priority must be a whole number between -1000000 and 1000000",
                help: "for example 50; higher goes first")
            return nil
        }
        return whole
    }

    /// `"P5D"` or `"none"`.
    private mutating func readLateness(_ node: JSONNode) -> Lateness? {
        if node.string == "none" { return .unlimited }
        return findings.duration(node, "maxLateness", range: .positive, example: "P2D").map(Lateness.within)
    }

    /// `"once"` and the like, or `{ "cooldown": D, "since": … }`.
    private mutating func readReentry(_ node: JSONNode) -> Reentry? {
        let words = ["always", "once", "afterExit"]
        let help = "write \"afterExit\", or { \"cooldown\": \"P30D\" }"
        switch node.string {
        case "always": return .always
        case "once": return .once
        case "afterExit": return .afterExit
        case let word?:
            findings.error(
                "rule.bad-reentry", at: node, "reentry must be \(alternatives(words)) or a cooldown, not '\(word)'",
                help: word == "cooldown" ? help : suggestion(for: word, among: words) ?? help)
            return nil
        case nil: break
        }
        guard node.kind == .object else {
            findings.error(
                "rule.bad-reentry", at: node,
                "reentry must be \(alternatives(words)) or a cooldown, not \(node.kind.phrase)", help: help)
            return nil
        }
        guard let members = findings.members(of: node, .reentry, subject: "reentry", example: help) else { return nil }
        let since: Reentry.Since? =
            members["since"].map { findings.word($0, "since", as: Reentry.Since.self) } ?? .entry
        guard let length = members["cooldown"] else {
            findings.error(
                "rule.bad-reentry", at: node, "reentry needs 'cooldown'", help: "write { \"cooldown\": \"P30D\" }")
            return nil
        }
        let cooldown = findings.duration(length, "cooldown", range: .positive, example: "P30D")
        guard let cooldown, let since else { return nil }
        return .cooldown(cooldown, since: since)
    }

    /// One exit or a list of them; nil when one is broken.
    private mutating func readExits(_ node: JSONNode) -> [Exit]? {
        let nodes = node.kind == .array ? Array(node.elements) : [node]
        guard findings.withinLimit(nodes.count, RuleLimits.list, "exits", at: node) else { return nil }
        var exits: [Exit] = []
        for node in nodes {
            if let exit = readExit(node) { exits.append(exit) }
        }
        return exits.count == nodes.count ? exits : nil
    }

    private mutating func readExit(_ node: JSONNode) -> Exit? {
        let example = "{ \"event\": \"purchase\" }"
        guard let members = findings.members(of: node, .exit, subject: "an exit", example: example) else { return nil }
        if let condition = members["condition"] {
            if members["event"] != nil {
                findings.conflict(
                    "event", "condition", in: node, "an exit",
                    help: "write two exits in a list: any one suffices; 'where' narrows an event")
                return nil
            }
            if let place = members["where"] {
                findings.error(
                    "rule.conflict", at: place, "an exit has both 'condition' and 'where'",
                    help: "'where' belongs to 'event'; join the two by \"and\" in 'condition'")
                return nil
            }
            return expression(condition, .entered, .condition).map(Exit.condition)
        }
        guard let event = members["event"] else {
            findings.missing("event' or 'condition", in: node, "an exit", example: "\"event\": \"purchase\"")
            return nil
        }
        let types = findings.oneOrList(event, "event", example: "\"purchase\"")
        var narrowed: Expression?
        var isSound = true
        if let place = members["where"] {
            narrowed = expression(place, .exitWhere(types: types?.map(\.text) ?? []), .condition)
            isSound = narrowed != nil
        }
        guard let types, isSound else { return nil }
        return .event(types: types.map(\.text), where: narrowed)
    }
}

extension CampaignReader {
    /// The conditions of exits, those of events included.
    private func exitConditions(_ node: JSONNode?) -> [JSONNode] {
        guard let node else { return [] }
        let exits = node.kind == .array ? Array(node.elements) : [node]
        return exits.compactMap { $0.member("condition") ?? $0.member("where") }
    }
}

extension Findings {
    /// Text that may be empty.
    mutating func plainText(_ node: JSONNode, _ subject: String) -> String? {
        if let text = node.string { return text }
        wrongType(node, subject, needs: "text", example: "\"Thank for the first purchase\"")
        return nil
    }
}
