import CareValues

/// Reads the member `server` of `care.json` and collects what is wrong with it.
struct ServerReader {
    static let keys = [
        "listen", "tls", "trustedProxies", "allowedOrigins", "watchRules", "bodyBytes", "connections",
        "requestsPerSecond",
    ]

    let document: JSONDocument
    /// A path as the file writes it, seen from where the program stands.
    let below: (String) -> String
    var diagnostics: [Diagnostic] = []
    /// The settings that it names, `server.listen`.
    var namedKeys: Set<String> = []

    /// The settings of `node`; those that are wrong stay as usual.
    mutating func read(_ node: JSONNode) -> ServerSettings {
        var settings = ServerSettings()
        guard node.kind == .object else {
            report(node, "config.wrong-type", "server is an object", nil)
            return settings
        }
        for (key, value) in node.members {
            namedKeys.insert("server." + (key.string ?? ""))
            switch key.string ?? "" {
            case "tls": settings.tls = files(value)
            case "listen":
                if let text = value.string, let address = ServerSettings.address(text) {
                    (settings.host, settings.port) = address
                } else {
                    report(value, "config.wrong-value", "listen is host:port", "this machine only: \"127.0.0.1:8420\"")
                }
            case "trustedProxies":
                settings.trustedProxies = texts(value, "trustedProxies").compactMap { node, text in
                    if let range = AddressRange(text) { return range }
                    report(node, "config.wrong-value", "'\(text)' is no address or range", "\"10.0.0.0/8\"")
                    return nil
                }
            case "allowedOrigins":
                settings.allowedOrigins = texts(value, "allowedOrigins").compactMap { node, text in
                    if text == "*" || text.hasPrefix("https://") || text.hasPrefix("http://"), !text.hasSuffix("/") {
                        return text
                    }
                    report(node, "config.wrong-value", "'\(text)' is no origin", "\"https://shop.example\"")
                    return nil
                }
            case "watchRules":
                if let bool = value.bool {
                    settings.watchesRules = bool
                } else {
                    report(value, "config.wrong-type", "watchRules is true or false", nil)
                }
            case "bodyBytes": settings.bodyBytes = whole(value, "bodyBytes", 1_024...(64 << 20)) ?? settings.bodyBytes
            case "connections": settings.connections = whole(value, "connections", 16...100_000) ?? settings.connections
            case "requestsPerSecond":
                if let rate = value.number, rate >= 1, rate <= 1_000_000 {
                    settings.requestsPerSecond = rate
                } else {
                    report(value, "config.wrong-value", "requestsPerSecond is a number from 1 on", nil)
                }
            case let name:
                let help = nearest(name, in: Self.keys).map { "did you mean '\($0)'?" }
                report(key, "config.unknown-key", "unknown key '\(name)'", help)
            }
        }
        return settings
    }

    private mutating func files(_ node: JSONNode) -> TLSFiles? {
        let example = "{ \"certificate\": \"care.pem\", \"key\": \"care.key\" }"
        guard node.kind == .object else {
            report(node, "config.wrong-type", "tls is an object that names two files", example)
            return nil
        }
        var paths: [String: String] = [:]
        let names = ["certificate", "key"]
        for (key, value) in node.members {
            let name = key.string ?? ""
            guard names.contains(name) else {
                let help = nearest(name, in: names).map { "did you mean '\($0)'?" }
                report(key, "config.unknown-key", "unknown key '\(name)'", help)
                continue
            }
            guard let path = value.string, !path.isEmpty, !path.utf8.contains(0) else {
                report(value, "config.wrong-type", "\(name) is the path of a PEM file", example)
                paths[name] = ""
                continue
            }
            paths[name] = below(path)
        }
        for name in names where paths[name] == nil {
            report(node, "config.missing-key", "tls has no \(name)", example)
        }
        guard let certificate = paths["certificate"], let key = paths["key"] else { return nil }
        return TLSFiles(certificatePath: certificate, keyPath: key)
    }

    private mutating func texts(_ node: JSONNode, _ key: String) -> [(JSONNode, String)] {
        guard node.kind == .array else {
            report(node, "config.wrong-type", "\(key) is a list of texts", nil)
            return []
        }
        var result: [(JSONNode, String)] = []
        for element in node.elements {
            if let text = element.string {
                result.append((element, text))
            } else {
                report(element, "config.wrong-type", "\(key) is a list of texts", nil)
            }
        }
        return result
    }

    private mutating func whole(_ node: JSONNode, _ key: String, _ range: ClosedRange<Int>) -> Int? {
        if let number = node.number, let whole = Int(exactly: number), range.contains(whole) { return whole }
        report(
            node, "config.wrong-value", "\(key) is a whole number from \(range.lowerBound) to \(range.upperBound)", nil)
        return nil
    }

    private mutating func report(_ node: JSONNode, _ code: String, _ message: String, _ help: String?) {
        diagnostics.append(document.diagnostic(at: node, code: code, message: message, help: help))
    }
}
