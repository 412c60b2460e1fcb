import CareDispatch
import CareValues

/// What `care.json` says: where the rules run, as opposed to what they say.
///
/// Paths are relative to the file's folder unless they begin with `/`.
public struct CareEnvironment: Sendable {
    /// The file it was read from, as it was named.
    public var file: String
    /// The project's zone, in which rules without another run.
    public var timeZone: Zone
    /// The path of the store.
    public var storePath: String
    /// The path of the folder with the rule files: `rules` beside the file unless said.
    public var rulesPath: String
    /// The paths of the files with holidays of your own, in their order; none unless said.
    public var holidayPaths: [String]
    /// The path of the folder with the message templates: `templates` beside the file unless said.
    public var templatesPath: String
    /// Whether the file says where the templates are.
    public var namesTemplates = false
    /// Decisions a second after a downtime; 200 unless said.
    public var recoveryRate: Double
    /// Where deliveries can go, by name ascending.
    public var destinations: [DestinationSettings]
    /// The proxy of destinations that say nothing of their own, as an address; nil: none.
    public var proxy: String?
    /// How `care serve` is reached.
    public var server = ServerSettings()
    /// How long things are kept; for ever unless said.
    public var retention = Retention()
    /// The settings that the file names, `retention.facts` for one inside another.
    public var namedKeys: Set<String> = []
    /// The settings that a variable of the process's environment says, with its name.
    public var overridden: [String: String] = [:]

    /// The names of ``destinations``.
    public var destinationNames: Set<String> {
        Set(destinations.map(\.name))
    }

    /// The largest `care.json` that is read, in bytes.
    public static let maximumBytes = 1 << 20

    /// The keys of the file.
    static let keys = [
        "$schema", "timeZone", "store", "rules", "holidays", "templates", "recoveryRate", "destinations", "server",
        "retention", "proxy",
    ]

    /// Reads the text of `file`.
    ///
    /// - Parameters:
    ///   - file: its path, for messages and for what is relative to its folder.
    ///   - zones: where zone names are looked up.
    /// - Returns: the environment, nil if there is any error; and all findings, in the file's order.
    public static func read(
        file: String, shownAs shown: String? = nil, bytes: [UInt8], zones: any ZoneDirectory
    ) -> (environment: CareEnvironment?, diagnostics: [Diagnostic]) {
        let (document, syntax) = JSONDocument.read(file: shown ?? file, bytes: bytes)
        guard let document else { return (nil, syntax) }
        var reader = EnvironmentReader(document: document, zones: zones, diagnostics: syntax)
        let environment = reader.read(file: file)
        return (reader.diagnostics.hasErrors ? nil : environment, reader.diagnostics.sorted())
    }
}

extension CareEnvironment {
    /// A length of time that things are kept: whole days, at least one; nil: it is none.
    public static func retention(_ text: String) -> ISODuration? {
        guard let duration = ISODuration(text: text), duration.milliseconds == 0, duration.months >= 0,
            duration.days >= 0, duration.months > 0 || duration.days > 0
        else { return nil }
        return duration
    }
}

/// Walks the members of `care.json` and collects what is wrong with them.
private struct EnvironmentReader {
    let document: JSONDocument
    let zones: any ZoneDirectory
    var diagnostics: [Diagnostic]

    mutating func read(file: String) -> CareEnvironment {
        let folder = Files.folder(of: file)
        func below(_ path: String) -> String { path.hasPrefix("/") || folder == "." ? path : folder + "/" + path }
        var environment = CareEnvironment(
            file: file, timeZone: .utc, storePath: below("care.sqlite"), rulesPath: below("rules"), holidayPaths: [],
            templatesPath: below("templates"), recoveryRate: 200, destinations: [])
        let root = document.root
        guard root.kind == .object else {
            report(root, "config.wrong-type", "care.json holds one JSON object", nil)
            return environment
        }
        var hasZone = false
        for (key, value) in root.members {
            environment.namedKeys.insert(key.string ?? "")
            switch key.string ?? "" {
            case "$schema": break
            case "timeZone":
                hasZone = true
                if let zone = zone(value) { environment.timeZone = zone }
            case "store":
                if let path = text(value, "store") { environment.storePath = below(path) }
            case "rules":
                if let path = text(value, "rules") { environment.rulesPath = below(path) }
            case "holidays": environment.holidayPaths = paths(value).map(below)
            case "templates":
                environment.namesTemplates = true
                if let path = text(value, "templates") { environment.templatesPath = below(path) }
            case "recoveryRate":
                if let rate = value.number, rate > 0, rate <= 1_000_000 {
                    environment.recoveryRate = rate
                } else {
                    report(value, "config.wrong-value", "recoveryRate is a number above 0: decisions a second", nil)
                }
            case "retention": environment.retention = retention(value, &environment.namedKeys)
            case "destinations":
                let read = DestinationSettings.read(value, proxy: root["proxy"], document, &diagnostics)
                environment.destinations = read.sorted {
                    $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
                }
            case "proxy":
                // It is read with the destinations, which it is for.
                environment.proxy = value.string ?? value["url"]?.string
                if root["destinations"] == nil {
                    report(key, "config.no-effect", "proxy without destinations", "it is what their connections go by")
                }
            case "server":
                var reader = ServerReader(document: document, below: below)
                environment.server = reader.read(value)
                environment.namedKeys.formUnion(reader.namedKeys)
                diagnostics += reader.diagnostics
            case let name:
                let help = nearest(name, in: CareEnvironment.keys).map { "did you mean '\($0)'?" }
                report(key, "config.unknown-key", "unknown key '\(name)'", help)
            }
        }
        if !hasZone {
            report(
                root, "config.missing-key", "no timeZone: when it is 09:00 is not known",
                "add \"timeZone\": \"Asia/Shanghai\"")
        }
        return environment
    }

    private mutating func retention(_ node: JSONNode, _ named: inout Set<String>) -> Retention {
        var retention = Retention()
        guard node.kind == .object else {
            report(node, "config.wrong-type", "retention is an object", "{ \"facts\": \"P2Y\" }")
            return retention
        }
        for (key, value) in node.members {
            let name = key.string ?? ""
            guard ["facts", "decisions", "deliveries"].contains(name) else {
                let help = nearest(name, in: ["facts", "decisions", "deliveries"]).map { "did you mean '\($0)'?" }
                report(key, "config.unknown-key", "unknown key '\(name)'", help)
                continue
            }
            guard let duration = value.string.flatMap(CareEnvironment.retention) else {
                report(
                    value, "config.wrong-value", "retention.\(name) is a length of whole days, at least one",
                    "\"P90D\", \"P18M\", \"P2Y\"")
                continue
            }
            named.insert("retention.\(name)")
            switch name {
            case "facts": retention.facts = duration
            case "decisions": retention.decisions = duration
            default: retention.deliveries = duration
            }
        }
        return retention
    }

    private mutating func zone(_ node: JSONNode) -> Zone? {
        guard let name = text(node, "timeZone") else { return nil }
        if let zone = zones.zone(named: name) { return zone }
        let help = nearest(name, in: CommonZones.names).map { "did you mean '\($0)'?" }
        report(node, "config.unknown-zone", "no time zone '\(name)'", help ?? "an IANA name: \"Europe/Paris\"")
        return nil
    }

    private mutating func text(_ node: JSONNode, _ key: String) -> String? {
        guard let text = node.string, !text.isEmpty else {
            report(node, "config.wrong-type", "\(key) is text that is not empty", nil)
            return nil
        }
        return text
    }

    /// One path or a list of them.
    private mutating func paths(_ node: JSONNode) -> [String] {
        let nodes = node.kind == .array ? Array(node.elements) : [node]
        return nodes.compactMap { text($0, node.kind == .array ? "each of holidays" : "holidays") }
    }

    private mutating func report(_ node: JSONNode, _ code: String, _ message: String, _ help: String?) {
        diagnostics.append(
            document.diagnostic(at: node, code: code, message: message, help: help))
    }
}

/// Zones that people mean when they mistype one.
enum CommonZones {
    static let names = [
        "UTC", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Mexico_City", "America/New_York",
        "America/Sao_Paulo", "America/Toronto", "America/Vancouver", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta",
        "Asia/Kolkata", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tokyo",
        "Australia/Sydney", "Europe/Amsterdam", "Europe/Berlin", "Europe/Istanbul", "Europe/London", "Europe/Madrid",
        "Europe/Moscow", "Europe/Paris", "Europe/Rome", "Europe/Stockholm", "Europe/Zurich", "Pacific/Auckland",
    ]
}
