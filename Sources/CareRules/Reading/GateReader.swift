import CareLogic
import CareValues

/// What a campaign, a step and an action say to the gates.
extension CampaignReader {
    /// `group`, `holdout`, `quietHours` and `caps` of a campaign; nil when one is broken.
    mutating func readGates(_ members: [String: JSONNode]) -> CampaignGates? {
        var gates = CampaignGates()
        var isSound = true
        if let node = members["group"] {
            gates.group = findings.text(node, "group", example: "\"retention\"")
            isSound = gates.group != nil
        }
        if let node = members["holdout"] {
            gates.holdout = readHoldout(node)
            isSound = isSound && gates.holdout != nil
        }
        if let node = members["quietHours"] {
            gates.ignoresQuietHours = node.string == "ignore"
            if node.string != "ignore" {
                findings.error(
                    "rule.wrong-value", at: node, "quietHours of a campaign must be 'ignore'",
                    help: "take it out: the quiet hours of 'policies' bind it then")
                isSound = false
            }
        }
        if let node = members["caps"] {
            guard
                let caps = findings.members(
                    of: node, .campaignCaps, subject: "caps of a campaign", example: "{ \"counts\": false }")
            else { return nil }
            for (key, path) in [("counts", \CampaignGates.countsForCaps), ("ignores", \.ignoresCaps)] {
                guard let node = caps[key] else { continue }
                if let flag = node.bool {
                    gates[keyPath: path] = flag
                } else {
                    findings.wrongType(node, key, needs: "true or false", example: "true")
                    isSound = false
                }
            }
        }
        return isSound ? gates : nil
    }

    /// `0.1` or `{ "fraction": 0.1, "salt": "spring" }`.
    private mutating func readHoldout(_ node: JSONNode) -> Holdout? {
        if node.kind == .number { return fraction(node).map { Holdout(fraction: $0) } }
        let example = "0.1 or { \"fraction\": 0.1, \"salt\": \"spring\" }"
        guard let members = findings.members(of: node, .holdout, subject: "holdout", example: example) else {
            return nil
        }
        guard let place = members["fraction"] else {
            findings.missing("fraction", in: node, "holdout", example: "\"fraction\": 0.1")
            return nil
        }
        let salt: String?? = members["salt"].map { findings.text($0, "salt", example: "\"spring\"") }
        guard let fraction = fraction(place) else { return nil }
        if case .some(nil) = salt { return nil }
        return Holdout(fraction: fraction, salt: salt ?? nil)
    }

    private mutating func fraction(_ node: JSONNode) -> Double? {
        guard let number = node.number, number >= 0, number <= 1 else {
            findings.error(
                "rule.wrong-type", at: node, "the fraction of a holdout must be a number from 0 to 1",
                help: "0.1 holds out every tenth customer")
            return nil
        }
        return number
    }

    /// A window that the policies define; nil when there is none of that name.
    mutating func readWindow(_ node: JSONNode, _ key: String) -> Window? {
        guard let name = findings.text(node, key, example: "\"business\"") else { return nil }
        if let window = policies.windows.first(where: { $0.name == name }) { return window }
        let known = policies.windows.map(\.name)
        findings.error(
            "rule.unknown-window", at: node, "no window '\(name)' is defined",
            help: suggestion(for: name, among: known)
                ?? (known.isEmpty
                    ? "define it in \"policies\": { \"windows\": { … } }" : "there is \(alternatives(known))"))
        return nil
    }

    /// The consent attributes of a channel; nil when there is none.
    mutating func readConsent(_ node: JSONNode) -> [Int]? {
        guard let channel = findings.text(node, "consent", example: "\"email\""), let schema else { return nil }
        var found: [Int] = []
        var channels: [String] = []
        for (index, attribute) in schema.attributes.enumerated() {
            guard case .consent(let given) = attribute.type else { continue }
            if given == channel { found.append(index) }
            if !channels.contains(given) { channels.append(given) }
        }
        guard found.isEmpty else { return found }
        findings.error(
            "rule.unknown-consent", at: node, "no attribute is a consent of the channel '\(channel)'",
            help: suggestion(for: channel, among: channels)
                ?? "declare one: { \"type\": \"consent\", \"channel\": \"\(channel)\" }")
        return nil
    }
}

extension CampaignReader {
    /// The longest wait that may count in a window: it is walked opening by opening.
    static let longestCountedHours: Int64 = 2_000

    /// `countIn`: the window that a wait in elapsed time counts in; nil when it is broken.
    mutating func readCountIn(_ node: JSONNode, wait: Step.Wait?) -> Window? {
        guard let window = readWindow(node, "countIn") else { return nil }
        let duration: ISODuration
        switch wait {
        case .after(let given), .sinceEntry(let given): duration = given
        case .some(.none):
            findings.error(
                "rule.conflict", at: node, "'countIn' counts a wait, and the step has none",
                help: "add \"sinceEntry\": \"PT2H\" or \"after\": \"PT2H\"")
            return nil
        case nil: return nil
        }
        if duration.months != 0 || duration.days != 0 {
            findings.error(
                "rule.conflict", at: node, "'countIn' counts hours: the wait must be written PT…",
                help: "write \"PT2H\", or take 'countIn' out and add \"window\": \"\(window.name)\"")
            return nil
        }
        guard duration.milliseconds <= Self.longestCountedHours * 3_600_000 else {
            findings.error(
                "rule.limit", at: node, "a wait that counts in a window is at most PT\(Self.longestCountedHours)H",
                help: "write a wait in days, and add \"window\": \"\(window.name)\"")
            return nil
        }
        return window
    }
}
