import ArgumentParser
import CareEngine
import CareValues

/// `care config`
struct ConfigCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Every setting, and where it comes from.",
        discussion: """
            Examples:
              care config
              CARE_STORE=/var/lib/care/care.sqlite care config
              care config --format json

            An option of a command stands above the environment, that above care.json, that above the default. Secrets
            are references, and only those are shown.
            """)

    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let settings = SettingsList.all(of: workspace, isNamed: config != nil)
        switch format {
        case .text:
            var table = Table([.left, .left, .left])
            table.add(["SETTING", "VALUE", "FROM"])
            for one in settings { table.add([one.name, one.value, one.origin]) }
            console.writeOutput(table.lines(indent: "").joined(separator: "\n") + "\n")
        case .json:
            console.json(
                .array(
                    settings.map { one in
                        .object(
                            JSONObject(uniqueMembers: [
                                ("name", .string(one.name)), ("value", .string(one.value)),
                                ("from", .string(one.origin)),
                            ]))
                    }))
        }
        return ExitCode.fine
    }
}

/// The settings as they stand, each with where it comes from.
enum SettingsList {
    /// One setting.
    struct Setting {
        var name: String
        var value: String
        /// `default`, `care.json`, an environment variable's name, an option's.
        var origin: String
    }

    /// All settings, in the order of the manual; destinations last, one line each.
    static func all(of workspace: Workspace, isNamed: Bool) -> [Setting] {
        let environment = workspace.environment
        let console = workspace.console
        let file = console.shown(console.resolved(environment.file))
        func origin(_ name: String) -> String {
            if let variable = environment.overridden[name] { return variable }
            return environment.namedKeys.contains(name) ? file : "default"
        }
        var settings = [
            Setting(
                name: "config", value: file,
                origin: isNamed
                    ? "--config"
                    : console.environment[EnvironmentVariables.config] != nil
                        ? EnvironmentVariables.config : "default"),
            Setting(name: "timeZone", value: environment.timeZone.name, origin: origin("timeZone")),
            Setting(name: "store", value: environment.storePath, origin: origin("store")),
            Setting(name: "rules", value: environment.rulesPath, origin: origin("rules")),
            Setting(
                name: "holidays",
                value: environment.holidayPaths.isEmpty
                    ? "those that ship" : environment.holidayPaths.joined(separator: ", "),
                origin: origin("holidays")),
            Setting(name: "templates", value: environment.templatesPath, origin: origin("templates")),
            Setting(
                name: "recoveryRate", value: JSONWriter.text(.number(environment.recoveryRate)),
                origin: origin("recoveryRate")),
        ]
        settings.append(Setting(name: "proxy", value: environment.proxy ?? "none", origin: origin("proxy")))
        let retention = environment.retention
        for (name, duration) in [
            ("facts", retention.facts), ("decisions", retention.decisions), ("deliveries", retention.deliveries),
        ] {
            settings.append(
                Setting(
                    name: "retention.\(name)", value: duration.map { $0.text } ?? "for ever",
                    origin: origin("retention.\(name)")))
        }
        settings += server(environment.server, workspace, origin)
        for destination in environment.destinations {
            settings.append(
                Setting(
                    name: "destinations.\(destination.name)",
                    value: "\(destination.type), \(counted(destination.concurrency, "attempt")) at once", origin: file))
        }
        return settings
    }

    private static func server(
        _ server: ServerSettings, _ workspace: Workspace, _ origin: (String) -> String
    ) -> [Setting] {
        func list(_ texts: [String]) -> String { texts.isEmpty ? "none" : texts.joined(separator: ", ") }
        func path(_ path: String) -> String { workspace.console.shown(workspace.console.resolved(path)) }
        let values = [
            ("listen", server.listen),
            ("tls", server.tls.map { "\(path($0.certificatePath)), key \(path($0.keyPath))" } ?? "none: plain HTTP"),
            ("trustedProxies", list(server.trustedProxies.map(\.text))),
            ("allowedOrigins", list(server.allowedOrigins)), ("watchRules", server.watchesRules ? "true" : "false"),
            ("bodyBytes", "\(server.bodyBytes)"), ("connections", "\(server.connections)"),
            ("requestsPerSecond", JSONWriter.text(.number(server.requestsPerSecond))),
        ]
        return values.map { Setting(name: "server.\($0)", value: $1, origin: origin("server.\($0)")) }
    }
}
