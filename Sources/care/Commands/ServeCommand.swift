import ArgumentParser
import CareDispatch
import CareEngine
import CareStore
import CareValues
import Glibc

/// `care serve`
struct ServeCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Decide and deliver all the time.",
        discussion: """
            Examples:
              care serve
              care serve --format json

            Holds the store until it is stopped (Ctrl-C, SIGTERM). SIGHUP reads the rule files anew; files with
            mistakes are refused and the rules in force stay. care health asks whether it is alive.
            """)

    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "The log's lines: text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; care serve did not start.")
        let destinations = try workspace.destinations()
        let store = try workspace.writableStore(owner: "care serve", consequence: "care serve did not start")
        let log = ServeLog(console: console, zone: candidate.zone, isJSON: format == .json)
        let customers = try store.read { try $0.customerCount }
        let heartbeat = HeartbeatFile(storePath: store.path)
        let dispatcher = Dispatcher(
            store: store, destinations: destinations, clock: SystemDispatchClock(),
            options: log.dispatchOptions(zones: workspace.zones))
        let service = Service(
            store: store, clock: workspace.clock, zones: workspace.zones,
            recoveryRate: Int(workspace.environment.recoveryRate), dispatcher: dispatcher,
            ports: Service.Ports(
                loadRules: {
                    do {
                        return try workspace.rules()
                    } catch let failure as DiagnosticsFailure {
                        throw RulesRefused(diagnostics: failure.diagnostics.map { $0.rendered() })
                    }
                },
                observe: { log.write($0) },
                beat: { heartbeat.write($0) }),
            approved: ApprovedPlans(storePath: store.path))
        log.started(store: workspace.shownStore, customers: customers)
        let signals = [
            Interruption.onSignal(SIGINT) { service.stop() }, Interruption.onSignal(SIGTERM) { service.stop() },
            Interruption.onSignal(SIGHUP) { service.reload() },
        ]
        defer {
            for signal in signals { signal.cancel() }
            heartbeat.remove()
        }
        try service.run()
        try store.close()
        log.stopped()
        return ExitCode.fine
    }
}

/// Why rules were not taken up: the findings as text.
struct RulesRefused: Error, CustomStringConvertible {
    var diagnostics: [String]
    var description: String { diagnostics.joined(separator: "\n") }
}
