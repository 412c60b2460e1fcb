import CareValues

extension DestinationSettings {
    /// Reads the `destinations` object of `care.json`.
    ///
    /// - Parameters:
    ///   - proxy: the `proxy` beside it, for destinations that say nothing of their own.
    ///   - diagnostics: gets every finding; what has an error is not in the result.
    /// - Returns: the destinations in the order written.
    public static func read(
        _ node: JSONNode, proxy: JSONNode? = nil, _ document: JSONDocument, _ diagnostics: inout [Diagnostic]
    ) -> [DestinationSettings] {
        let proxy = proxy.flatMap { DestinationReader.projectProxy($0, document, &diagnostics) }
        guard node.kind == .object else {
            diagnostics.append(
                document.diagnostic(
                    at: node, code: "config.wrong-type",
                    message: "destinations must be an object, not \(node.kind.noun)",
                    help: #"write "destinations": { "crm": { "type": "webhook", "url": …, "secret": … } }"#))
            return []
        }
        var settings: [DestinationSettings] = []
        for (key, value) in node.members {
            var reader = DestinationReader(document: document, name: key.string ?? "", node: value)
            reader.projectProxy = proxy
            if let read = reader.read(key) { settings.append(read) }
            diagnostics += reader.findings
        }
        return settings
    }
}

/// Reads one destination, noting every finding: what every destination has; a channel's settings read the rest.
package struct DestinationReader {
    let document: JSONDocument
    /// The destination's name.
    package let name: String
    /// Its object.
    package let node: JSONNode
    /// The proxy of destinations that say nothing of their own.
    var projectProxy: TargetSettings.Proxy?
    var findings: [Diagnostic] = []

    init(document: JSONDocument, name: String, node: JSONNode) {
        self.document = document
        self.name = name
        self.node = node
    }

    static let commonKeys = [
        "type", "concurrency", "rate", "burst", "timeout", "retry", "ordered", "unknown",
    ]

    mutating func read(_ key: JSONNode) -> DestinationSettings? {
        guard node.kind == .object else {
            fail(node, "config.wrong-type", "destination '\(name)' must be an object, not \(node.kind.noun)")
            return nil
        }
        if name.isEmpty { fail(key, "config.bad-value", "a destination needs a name") }
        guard let kind = kind() else { return nil }
        refuseUnknownKeys(kind)
        guard let channel = kind.init(&self) else { return nil }
        var settings = DestinationSettings(name: name, channel: channel)
        if let value = node["concurrency"], let count = integer(value, 1...256) { settings.concurrency = count }
        if let value = node["rate"], let rate = number(value, above: 0, through: 100_000) {
            settings.attemptsPerSecond = rate
        }
        if let value = node["burst"] {
            settings.burst = number(value, above: 0.999_999, through: 100_000)
            if settings.attemptsPerSecond == nil {
                fail(value, "config.bad-value", "burst without rate", "say how many attempts a second: \"rate\": 50")
            }
        }
        if let value = node["ordered"], let isOrdered = boolean(value) { settings.isOrdered = isOrdered }
        if let value = node["unknown"], let text = word(value, of: ["retry", "park"]) {
            settings.repeatsLostAnswers = text == "retry"
        }
        if let value = node["timeout"], let time = duration(value, 100...120_000) {
            settings.timeoutMilliseconds = time
        }
        if let value = node["retry"], let retry = retry(value) { settings.retry = retry }
        return findings.contains { $0.severity == .error } ? nil : settings
    }

    private mutating func kind() -> (any ChannelSettings.Type)? {
        let known = ChannelKinds.all.map { $0.type }
        guard let value = node["type"] else {
            fail(node, "config.missing-key", "destination '\(name)' has no type", "known types: \(list(known))")
            return nil
        }
        guard let text = string(value) else { return nil }
        guard let kind = ChannelKinds.all.first(where: { $0.type == text }) else {
            fail(
                value, "config.bad-value", "unknown type '\(text)' of destination '\(name)'",
                nearest(text, in: known).map { "did you mean '\($0)'?" } ?? "known types: \(list(known))")
            return nil
        }
        return kind
    }

    private mutating func refuseUnknownKeys(_ kind: any ChannelSettings.Type) {
        let known = Self.commonKeys + kind.keys
        for (key, _) in node.members {
            guard let text = key.string, !known.contains(text) else { continue }
            let isOther = ChannelKinds.all.contains { $0.keys.contains(text) }
            let help =
                isOther
                ? "a \(kind.type) has no such key"
                : nearest(text, in: known).map { "did you mean '\($0)'?" } ?? "known keys: \(list(known))"
            fail(key, "config.unknown-key", "unknown key '\(text)' in destination '\(name)'", help)
        }
    }
}
