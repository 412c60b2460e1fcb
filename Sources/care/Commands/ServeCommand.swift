import ArgumentParser
import CareAPI
import CareDispatch
import CareEngine
import CareRules
import CareStore
import CareStoreSQLite
import CareThreads
import CareValues
import Glibc

/// `care serve`
struct ServeCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Take customers and events in, decide and deliver all the time.",
        discussion: """
            Examples:
              care serve
              care serve --listen 127.0.0.1:9000
              care serve --format json

            Holds the store until it is stopped (Ctrl-C, SIGTERM), and answers at the address of server.listen in
            care.json, 127.0.0.1:8420 unless said. SIGHUP reads the rule files anew; files with mistakes are refused
            and the rules in force stay. care tokens makes what programs call it with; care health asks whether it is
            alive. With server.tls it speaks TLS, and a certificate that was renewed is taken up by itself.
            """)

    @Option(help: "host:port instead of care.json's; port 0: any that is free.") var listen: String?
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "The log's lines: text or json. Default: CARE_LOG_FORMAT, else text.") var format: OutputFormat?
    @Option(help: "The least that is logged: debug, info, warning, error. Default: CARE_LOG_LEVEL, else info.")
    var logLevel: LogLevel?

    func execute(_ console: Console) async throws -> Int32 {
        var workspace = try Workspace.open(config: config, console: console)
        if let listen {
            guard let address = ServerSettings.address(listen) else {
                throw CommandFailure.usage("--listen '\(listen)' is not host:port", help: "127.0.0.1:8420")
            }
            (workspace.environment.server.host, workspace.environment.server.port) = address
        }
        let tls = try workspace.serverTLS(orElse: "care serve did not start")
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; care serve did not start.")
        let destinations = try workspace.destinations()
        let store = try workspace.ownStore(owner: "care serve", consequence: "care serve did not start")
        try store.keepLogShort()
        let form: OutputFormat = try format ?? console.setting("CARE_LOG_FORMAT") ?? .text
        let level: LogLevel = try logLevel ?? console.setting("CARE_LOG_LEVEL") ?? .info
        let log = ServeLog(console: console, zone: candidate.zone, isJSON: form == .json, leastLevel: level)
        let customers = try store.read { try $0.customerCount }
        let heartbeat = HeartbeatFile(storePath: store.path)
        let wiring = ServiceWiring(
            workspace: workspace, store: store, destinations: destinations, log: log, heartbeat: heartbeat, tls: tls)
        let (service, context) = wiring.make()
        let server = HTTPServer(service: context, sets: wiring.routes(context, startingWith: candidate))
        let commands = CommandHost(
            workspace: workspace, store: store, service: service, live: context.live, dispatcher: context.dispatcher,
            audit: context.audit)
        log.started(store: workspace.shownStore, customers: customers)
        let signals = [
            Interruption.onSignal(SIGINT) { server.stop() }, Interruption.onSignal(SIGTERM) { server.stop() },
            Interruption.onSignal(SIGHUP) {
                service.reload()
                wiring.renewCertificate()
            },
        ]
        let watches = wiring.watches(service)
        // Before the first sign of life: who sees that may have a command carried out.
        if let reason = commands.start() { log.noCommands(reason) }
        defer {
            commands.stop()
            for signal in signals { signal.cancel() }
            for watch in watches { watch.end() }
            heartbeat.remove()
        }
        let ended = Lock<Result<Void, any Error>?>(nil)
        let deciding = Worker {
            let result = Result { try service.run() }
            ended.withLock { $0 = result }
            server.stop()
        }
        guard let deciding else { throw CommandFailure("no thread can be had") }
        var refusal: CommandFailure?
        do {
            try await server.run { port in wiring.tellWhere(port, server, context) }
        } catch {
            refusal = CommandFailure(
                "cannot listen on \(workspace.environment.server.listen)",
                help: "Is another program there? Name another address: --listen 127.0.0.1:0")
        }
        commands.stop()
        // Requests and commands have ended: what they handed over is done, and nothing is lost by ending now.
        service.stop()
        deciding.join()
        context.work.end()
        try store.close()
        if let refusal { throw refusal }
        if case .failure(let error)? = ended.withLock({ $0 }) {
            guard let refused = error as? EngineError else { throw error }
            throw CommandFailure(engineError: refused, zone: candidate.zone, option: nil)
        }
        log.stopped()
        return ExitCode.fine
    }
}

extension Console {
    /// A choice that a variable of the environment makes; nil: it is not set. - Throws: ``CommandFailure``.
    func setting<Choice: RawRepresentable & CaseIterable>(_ variable: String) throws -> Choice?
    where Choice.RawValue == String {
        guard let text = environment[variable], !text.isEmpty else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure.usage("\(variable) is not one of \(names)")
        }
        return choice
    }
}
