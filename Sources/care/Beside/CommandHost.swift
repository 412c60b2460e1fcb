import CareAPI
import CareDispatch
import CareEngine
import CareStore
import CareThreads
import CareValues
import Glibc

/// Carries out command lines inside the service, which holds the store: each connection to its socket is one command.
///
/// Only the service's own user, and root, get in; what commands change is recorded under the user's name.
final class CommandHost: Sendable {
    /// So many commands at once.
    private static let most = 16
    /// How long an answer is held back until the dispatcher knows what was cancelled, in milliseconds.
    private static let noticeMilliseconds: Int64 = 500
    /// How long a command may wait for the service to have begun, in milliseconds.
    private static let startMilliseconds: Int64 = 30_000

    private struct State {
        var wires: [Int: CommandWire] = [:]
        var next = 0
        var isStopping = false
    }

    private let workspace: Workspace
    private let service: RunningService
    private let clock: DecisionClock
    private let audit: AuditLog
    private let socket: CommandSocket
    private let state = Monitor(State())
    private let listener = Lock<(descriptor: Int32, worker: Worker)?>(nil)

    /// A host for a service on `store`, which is at the workspace's place.
    init(
        workspace: Workspace, store: any CareStore, service running: Service, live: LiveEngine, dispatcher: Dispatcher,
        audit: AuditLog
    ) {
        self.workspace = workspace
        let clock = workspace.clock
        service = RunningService(
            store: LiveStore(store, live: live), live: live, reload: { running.reload() },
            revoke: { ids, milliseconds in
                // Who is told can rely on it that no attempt begins any more.
                milliseconds > 0
                    ? dispatcher.revoke(ids, waitMilliseconds: milliseconds)
                    : dispatcher.revoke(ids, noticedWithin: CommandHost.noticeMilliseconds)
            }, now: { clock.decisionNow }, process: getpid())
        self.clock = clock
        self.audit = audit
        socket = CommandSocket(storePath: workspace.storePath)
    }

    /// Begins to take commands; what the system said when it cannot: the service goes on without.
    func start() -> String? {
        guard let descriptor = socket.listen() else { return "\(socket.path): \(String(cString: strerror(errno)))" }
        let worker = Worker { [self] in listen(descriptor) }
        guard let worker else {
            close(descriptor)
            return "no thread can be had"
        }
        listener.withLock { $0 = (descriptor, worker) }
        return nil
    }

    /// Takes no more; asks those under way to end, and waits for them. Before the service itself ends.
    func stop() {
        let listening = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        guard let listening else { return }
        socket.remove()
        let wires = state.update { state in
            state.isStopping = true
            return state.wires.values.map { $0 }
        }
        shutdown(listening.descriptor, Int32(SHUT_RDWR))
        listening.worker.join()
        close(listening.descriptor)
        for wire in wires { wire.endReading() }
        _ = state.wait(milliseconds: nil) { $0.wires.isEmpty ? true : nil }
    }

    private func listen(_ descriptor: Int32) {
        while true {
            let connection = accept(descriptor, nil, nil)
            if connection < 0 {
                // Out of descriptors for a while, or a caller that has gone: the next one is waited for.
                let isOver = errno != EINTR && errno != ECONNABORTED && errno != EMFILE && errno != ENFILE
                if isOver || state.withLock({ $0.isStopping }) { return }
                poll(nil, 0, 10)
                continue
            }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            let wire = CommandWire(connection)
            let number = state.update { state -> Int? in
                guard !state.isStopping, state.wires.count < Self.most else { return nil }
                state.next += 1
                state.wires[state.next] = wire
                return state.next
            }
            guard let number else {
                Self.refuse(wire, "care serve carries out too many commands at once")
                continue
            }
            let worker = Worker { [self] in
                serve(wire)
                state.update { $0.wires[number] = nil }
            }
            if let worker { worker.detach() } else { state.update { $0.wires[number] = nil } }
        }
    }

    // MARK: One command

    private func serve(_ wire: CommandWire) {
        guard let user = wire.user, user == getuid() || user == 0 else {
            return Self.refuse(wire, "only the user of care serve, and root, may have commands carried out by it")
        }
        guard let first = wire.receive(), first.kind == .order, let order = CommandOrder(first.bytes) else { return }
        guard order.version == Version.number else {
            return Self.refuse(
                wire, "care serve is of version \(Version.number), this is \(order.version): restart the service")
        }
        // What it was begun with is put in force in a moment.
        guard waitsUntilRunning() else {
            return Self.refuse(wire, "care serve is only just starting, or ending")
        }
        let console = console(of: order, wire)
        let code: Int32
        do {
            // An import is over when its command has gone; one that this ends must not take that for its own end.
            if order.isImport { return try takeRows(wire) }
            code = try carryOut(order, wire, console, by: user)
        } catch {
            code = CommandLineRun.report(error, console)
        }
        wire.send(.exit, Array(String(code).utf8))
    }

    /// Whether the service takes work, soon after it began at the latest.
    private func waitsUntilRunning() -> Bool {
        let end = monotonicMilliseconds() + Self.startMilliseconds
        while !service.live.isRunning {
            guard monotonicMilliseconds() < end, !state.withLock({ $0.isStopping }) else { return false }
            poll(nil, 0, 20)
        }
        return true
    }

    private static func refuse(_ wire: CommandWire, _ reason: String) {
        wire.send(.error, Array("error: \(reason); nothing was done\n".utf8))
        wire.send(.exit, Array(String(ExitCode.temporary).utf8))
    }

    private func carryOut(
        _ order: CommandOrder, _ wire: CommandWire, _ console: Console, by user: uid_t
    ) throws -> Int32 {
        var inside = workspace
        inside.console = console
        inside.service = service
        for name in order.files {
            guard let content = content(from: wire) else { throw Interrupted() }
            inside.sentFiles[name] = content
        }
        guard let command = try CareCommand.parseAsRoot(order.arguments) as? any StoreCommand else {
            throw CommandFailure.usage("this is no command that care serve carries out")
        }
        let code = try command.carryOut(inside)
        if let change = command.change, code != ExitCode.temporary { try note(change, user) }
        return code
    }

    private func content(from wire: CommandWire) -> [UInt8]? {
        var content: [UInt8] = []
        while let frame = wire.receive(), frame.kind == .file, content.count <= CommandFiles.largest {
            if frame.bytes.isEmpty { return content }
            content += frame.bytes
        }
        return nil
    }

    private func takeRows(_ wire: CommandWire) throws {
        guard let rules = service.live.rules else { throw LiveRefusal.notRunning }
        let revoke = service.revoke
        let session = try ImportSession(
            service.store, zones: workspace.zones, clock: clock, rules: rules.candidate, revoke: { _ = revoke($0, 0) })
        while let frame = wire.receive() {
            guard frame.kind == .rows else { continue }
            wire.send(.rows, try session.answer(frame.bytes))
        }
    }

    private func note(_ change: Change, _ user: uid_t) throws {
        do {
            try audit.noteCommand(change.action, change.object, user: user)
        } catch let error as AccessError {
            throw CommandFailure(error)
        }
    }

    /// The console of the command at the other end: what it prints goes there, and its Ctrl-C is heard.
    private func console(of order: CommandOrder, _ wire: CommandWire) -> Console {
        let isOver = Lock(false)
        return Console(
            writeOutput: { wire.send(.output, Array($0.utf8)) }, writeError: { wire.send(.error, Array($0.utf8)) },
            hasColour: order.hasColour, showsProgress: order.showsProgress, environment: workspace.console.environment,
            workingDirectory: order.workingDirectory, now: workspace.console.now,
            isInterrupted: { [self] in
                if isOver.withLock({ $0 }) { return true }
                // Nothing but a request to end comes while a command is under way; one who has gone is heard too.
                guard state.withLock({ $0.isStopping }) || wire.waits(milliseconds: 0) else { return false }
                isOver.withLock { $0 = true }
                return true
            }, watchInterruption: {})
    }

    /// The command has gone before it was all said.
    private struct Interrupted: Error {}
}
