import CareTransport
import CareValues

extension DestinationSettings {
    /// Reads the `destinations` object of `care.json`.
    ///
    /// - Parameter diagnostics: gets every finding; what has an error is not in the result.
    /// - Returns: the destinations in the order written.
    public static func read(
        _ node: JSONNode, _ document: JSONDocument, _ diagnostics: inout [Diagnostic]
    ) -> [DestinationSettings] {
        guard node.kind == .object else {
            diagnostics.append(
                document.diagnostic(
                    at: node, code: "config.wrong-type", message: "destinations must be an object, not \(node.kind.noun)",
                    help: #"write "destinations": { "crm": { "type": "webhook", "url": …, "secret": … } }"#))
            return []
        }
        var settings: [DestinationSettings] = []
        for (key, value) in node.members {
            var reader = DestinationReader(document: document, name: key.string ?? "", node: value)
            if let read = reader.read(key) { settings.append(read) }
            diagnostics += reader.findings
        }
        return settings
    }
}

/// Reads one destination, noting every finding.
struct DestinationReader {
    let document: JSONDocument
    let name: String
    let node: JSONNode
    var findings: [Diagnostic] = []

    init(document: JSONDocument, name: String, node: JSONNode) {
        self.document = document
        self.name = name
        self.node = node
    }

    private static let common = [
        "type", "url", "headers", "concurrency", "rate", "timeout", "retry", "allowPrivateAddresses", "caFile", "http2",
        "source",
    ]
    private static let own: [DestinationSettings.Kind: [String]] = [
        .webhook: ["secret"], .queue: ["user", "password", "vhost", "exchange", "routingKey"],
    ]
    /// Set by the channel itself, or by libcurl.
    private static let reservedHeaders = [
        "webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "content-length", "transfer-encoding",
        "host", "expect", "connection",
    ]

    mutating func read(_ key: JSONNode) -> DestinationSettings? {
        guard node.kind == .object else {
            fail(node, "config.wrong-type", "destination '\(name)' must be an object, not \(node.kind.noun)")
            return nil
        }
        if name.isEmpty { fail(key, "config.bad-value", "a destination needs a name") }
        guard let kind = kind() else { return nil }
        refuseUnknownKeys(kind)
        guard let url = url() else { return nil }
        var settings = DestinationSettings(name: name, kind: kind, url: url)
        if let headers = node["headers"] { settings.headers = read(headers: headers) }
        if let value = node["concurrency"], let count = integer(value, 1...256) { settings.concurrency = count }
        if let value = node["rate"], let rate = number(value, above: 0, through: 100_000) {
            settings.attemptsPerSecond = rate
        }
        if let value = node["timeout"], let time = duration(value, 100...120_000) { settings.timeoutMilliseconds = time }
        if let value = node["retry"], let waits = waits(value) { settings.retry.waits = waits }
        if let value = node["allowPrivateAddresses"], let allowed = privateAddresses(value) {
            settings.privateAddresses = allowed
        }
        if let value = node["caFile"] { settings.authoritiesFile = string(value) }
        if let value = node["http2"], let flag = boolean(value) { settings.prefersHTTP2 = flag }
        if let value = node["source"], let source = string(value) { settings.source = source }
        switch kind {
        case .webhook: settings.secrets = secrets()
        case .queue: settings.queue = queue()
        }
        return findings.contains { $0.severity == .error } ? nil : settings
    }

    private mutating func kind() -> DestinationSettings.Kind? {
        let known = DestinationSettings.Kind.allCases.map(\.rawValue)
        guard let value = node["type"] else {
            fail(node, "config.missing-key", "destination '\(name)' has no type", "known types: \(list(known))")
            return nil
        }
        guard let text = string(value) else { return nil }
        guard let kind = DestinationSettings.Kind(rawValue: text) else {
            fail(
                value, "config.bad-value", "unknown type '\(text)' of destination '\(name)'",
                nearest(text, in: known).map { "did you mean '\($0)'?" } ?? "known types: \(list(known))")
            return nil
        }
        return kind
    }

    private mutating func refuseUnknownKeys(_ kind: DestinationSettings.Kind) {
        let known = Self.common + (Self.own[kind] ?? [])
        for (key, _) in node.members {
            guard let text = key.string, !known.contains(text) else { continue }
            let isOther = Self.own.values.contains { $0.contains(text) }
            let help =
                isOther
                ? "a \(kind.rawValue) has no such key"
                : nearest(text, in: known).map { "did you mean '\($0)'?" } ?? "known keys: \(list(known))"
            fail(key, "config.unknown-key", "unknown key '\(text)' in destination '\(name)'", help)
        }
    }

    private mutating func url() -> TargetURL? {
        guard let value = node["url"] else {
            fail(node, "config.missing-key", "destination '\(name)' has no url")
            return nil
        }
        guard let text = string(value) else { return nil }
        do throws(TargetURL.Problem) {
            return try TargetURL(text)
        } catch {
            switch error {
            case .malformed, .badHost: fail(value, "config.bad-url", "the url of destination '\(name)' is not a URL")
            case .internationalHost:
                fail(
                    value, "config.bad-url", "the url of destination '\(name)' has a host with letters outside ASCII",
                    "write the host as punycode, xn--…")
            case .otherScheme:
                fail(value, "config.bad-url", "the url of destination '\(name)' is neither http nor https")
            case .holdsCredentials:
                fail(
                    value, "config.bad-url", "the url of destination '\(name)' holds a user name or password",
                    "take it out; use secret, headers, or user and password, by reference")
            }
            return nil
        }
    }

    private mutating func secrets() -> [SecretReference] {
        guard let value = node["secret"] else {
            fail(
                node, "config.missing-key", "destination '\(name)' has no secret",
                #"name where to find it: "secret": "env:NAME" or "file:PATH""#)
            return []
        }
        let nodes = value.kind == .array ? Array(value.elements) : [value]
        if nodes.isEmpty || nodes.count > 10 {
            fail(value, "config.bad-value", "destination '\(name)' needs one to ten secrets")
        }
        return nodes.compactMap { reference($0, "secret") }
    }

    private mutating func queue() -> DestinationSettings.Queue? {
        for key in ["user", "password", "routingKey"] where node[key] == nil {
            fail(node, "config.missing-key", "destination '\(name)' has no \(key)")
        }
        guard let user = node["user"].flatMap({ text($0) }),
            let password = node["password"].flatMap({ reference($0, "password") }),
            let key = node["routingKey"].flatMap({ string($0) })
        else { return nil }
        let exchange = node["exchange"].flatMap { string($0) } ?? ""
        return DestinationSettings.Queue(
            user: user, password: password, virtualHost: node["vhost"].flatMap { string($0) } ?? "/",
            exchange: exchange.isEmpty ? "amq.default" : exchange, routingKey: key)
    }

    private mutating func read(headers node: JSONNode) -> [DestinationSettings.Header] {
        guard node.kind == .object else {
            fail(node, "config.wrong-type", "headers must be an object, not \(node.kind.noun)")
            return []
        }
        var headers: [DestinationSettings.Header] = []
        for (key, value) in node.members {
            let header = key.string ?? ""
            if Self.reservedHeaders.contains(header.lowercased()) {
                fail(key, "config.bad-value", "the header '\(header)' is set by care itself")
            } else if !HeaderText.isName(header) {
                fail(key, "config.bad-value", "not a header's name", "letters, digits and - are safe")
            } else if let text = text(value) {
                if case .literal(let literal) = text, !HeaderText.isValue(literal) {
                    fail(value, "config.bad-value", "the header '\(header)' holds a control character")
                } else {
                    headers.append(.init(name: header, value: text))
                }
            }
        }
        return headers
    }

    private mutating func waits(_ node: JSONNode) -> [Int64]? {
        guard node.kind == .array else {
            fail(
                node, "config.wrong-type", "retry must be a list of waits, not \(node.kind.noun)",
                #"for example ["PT5S", "PT5M", "PT1H"]; an empty list means a single attempt"#)
            return nil
        }
        let elements = Array(node.elements)
        if elements.count > 50 { fail(node, "config.bad-value", "retry has more than 50 waits") }
        return elements.compactMap { duration($0, 0...(30 * 86_400_000)) }
    }

    private mutating func privateAddresses(_ node: JSONNode) -> DestinationSettings.PrivateAddresses? {
        if let flag = node.bool { return flag ? .allowed : .refused }
        guard node.kind == .array else {
            fail(
                node, "config.wrong-type",
                "allowPrivateAddresses must be true, false or a list of address blocks, not \(node.kind.noun)")
            return nil
        }
        var blocks: [String] = []
        for element in node.elements {
            guard let text = string(element) else { continue }
            if AddressPolicy(allowing: [text]) == nil {
                fail(element, "config.bad-value", "not an address block", "for example 10.1.0.0/16 or fd12::/16")
            } else {
                blocks.append(text)
            }
        }
        return .blocks(blocks)
    }
}
