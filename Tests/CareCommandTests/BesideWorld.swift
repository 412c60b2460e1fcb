import CareAPI
import CareEngine
import CareStoreSQLite
import CareThreads
import CareValues
import Testing

@testable import care

/// A service that runs in a world, and carries out its commands.
final class BesideWorld: Sendable {
    let world: World
    let socket: CommandSocket
    private let service: Service
    private let context: ServiceContext
    private let host: CommandHost
    private let store: SQLiteStore
    private let deciding: Worker

    /// Begins a service in `world`; it delivers nothing.
    init(_ world: World, config: String? = nil) throws {
        self.world = world
        let console = Console(
            writeOutput: { _ in }, writeError: { _ in }, hasColour: false, showsProgress: false, environment: [:],
            workingDirectory: world.folder, now: { world.now })
        let workspace = try Workspace.open(config: config, console: console)
        let store = try workspace.ownStore(owner: "care serve", consequence: "")
        self.store = store
        let log = ServeLog(console: console, zone: workspace.environment.timeZone, isJSON: true)
        let wiring = ServiceWiring(
            workspace: workspace, store: store, destinations: [], log: log,
            heartbeat: HeartbeatFile(storePath: store.path), tls: nil)
        let parts = wiring.make()
        let commands = CommandHost(
            workspace: workspace, store: store, service: parts.service, live: parts.context.live,
            dispatcher: parts.context.dispatcher, audit: parts.context.audit)
        let refusal = commands.start()
        let worker = Worker { _ = try? parts.service.run() }
        (service, context, host) = (parts.service, parts.context, commands)
        socket = CommandSocket(storePath: workspace.storePath)
        deciding = try #require(worker)
        #expect(refusal == nil)
    }

    /// Ends it, as `care serve` does.
    func stop() throws {
        host.stop()
        service.stop()
        deciding.join()
        context.work.end()
        try store.close()
    }

    func care(_ line: String) async -> World.Answer { await world.care(line) }

    /// What the record of changes holds, oldest first.
    func changes() throws -> [String] {
        try context.audit.entries(limit: 1_000).reversed().map { "\($0.by) \($0.action) \($0.object)" }
    }
}
