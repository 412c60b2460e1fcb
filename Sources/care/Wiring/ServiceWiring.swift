import CareAPI
import CareConsole
import CareDispatch
import CareEngine
import CareStore
import CareStoreSQLite
import CareThreads
import CareValues

/// Puts the parts of a running service together.
struct ServiceWiring {
    let workspace: Workspace
    let store: SQLiteStore
    let destinations: [Destination]
    let log: ServeLog
    let heartbeat: HeartbeatFile
    /// The certificate to show; nil: plain HTTP.
    let tls: ServerTLS?
    /// The findings of the last reload, where it was refused, and the real clock then.
    let refusal = Lock<(at: Timestamp, diagnostics: [Diagnostic])?>(nil)

    /// The loops, and what routes stand on.
    func make() -> (service: Service, context: ServiceContext) {
        let (workspace, log, heartbeat) = (workspace, log, heartbeat)
        let dispatcher = Dispatcher(
            store: store, destinations: destinations, clock: SystemDispatchClock(),
            options: log.dispatchOptions(zones: workspace.zones))
        let live = LiveEngine(store: store, clock: workspace.clock)
        let readRules: @Sendable () throws -> CandidateRules = { try workspace.rulesOrFindings() }
        let refusal = refusal
        let loadRules: @Sendable () throws -> CandidateRules = {
            do {
                let rules = try readRules()
                refusal.withLock { $0 = nil }
                return rules
            } catch let refused as FilesRefused {
                refusal.withLock { $0 = (workspace.console.now(), refused.diagnostics) }
                throw refused
            }
        }
        let service = Service(
            store: store, clock: workspace.clock, zones: workspace.zones,
            recoveryRate: Int(workspace.environment.recoveryRate), dispatcher: dispatcher,
            ports: Service.Ports(
                loadRules: loadRules, observe: { log.write($0) }, beat: { heartbeat.write($0) }),
            approved: ApprovedPlans(storePath: store.path), live: live,
            housekeeping: Housekeeping(workspace.environment.retention, zone: workspace.environment.timeZone))
        let now = workspace.console.now
        let context = ServiceContext(
            store: store, live: live, dispatcher: dispatcher, destinations: destinations, clock: workspace.clock,
            zones: workspace.zones, environment: workspace.environment,
            access: Access(storePath: store.path, now: now), audit: AuditLog(storePath: store.path, now: now),
            work: WorkPool(),
            questions: ServiceQuestions(readRules: readRules, checkRules: { try workspace.loaded($0).diagnostics }),
            tls: tls, version: Version.number, observe: { log.write($0) })
        return (service, context)
    }

    /// What the server of such a context answers, which starts with the rules of `candidate`.
    func routes(_ context: ServiceContext, startingWith candidate: CandidateRules) -> [any RouteSet] {
        let (workspace, refusal) = (workspace, refusal)
        let folder = Files.folder(of: workspace.console.resolved(workspace.environment.file))
        let console = ConsoleRoutes(
            service: context, startingWith: candidate, project: String(folder.split(separator: "/").last ?? ""),
            rulesName: workspace.console.shown(workspace.environment.rulesPath), storeName: workspace.shownStore,
            refusal: { refusal.withLock { $0 } }, tests: { RuleTestFiles.texts(of: workspace) })
        let answers = ServiceAnswers(
            workspace: workspace, store: store, live: context.live, dispatcher: context.dispatcher)
        return [
            HealthRoutes(), IntakeRoutes(), CustomerRoutes(), RuleRoutes(), QuestionRoutes(answers), DeliveryRoutes(),
            DestinationRoutes(), SegmentRoutes(), CustomerIORoutes(answers), LedgerRoutes(), OpenAPIRoutes(), console,
        ]
    }

    /// Looks at files that change while the service runs: those for TLS, and the rules where the settings say so.
    func watches(_ service: Service) -> [FileWatch] {
        var watches: [FileWatch] = []
        let console = workspace.console
        if let files = workspace.environment.server.tls {
            watches.append(
                FileWatch(
                    files: { [console.resolved(files.certificatePath), console.resolved(files.keyPath)] },
                    changed: renewCertificate))
            // Those renewed since the certificate was read are taken up too.
            renewCertificate()
        }
        if workspace.environment.server.watchesRules {
            let place = console.resolved(workspace.environment.rulesPath)
            watches.append(
                FileWatch(
                    files: { Files.isFolder(place) ? (try? Files.list(place, suffix: ".json")) ?? [] : [place] },
                    changed: { service.reload() }))
        }
        return watches
    }

    /// Takes up the certificate as its files are now, where they are good.
    @Sendable func renewCertificate() {
        guard let tls, let event = tls.renew(workspace.console.now()) else { return }
        log.write(event)
    }

    /// Says where the server is, and how the first user is made.
    func tellWhere(_ port: Int, _ server: HTTPServer, _ context: ServiceContext) {
        var settings = workspace.environment.server
        settings.port = port
        log.write(.listening(url: "\(settings.scheme)://\(settings.listen)"))
        if let tls { log.write(tls.inUse(workspace.console.now())) }
        guard server.routes.contains(where: { $0.path == "/setup" }), let key = try? context.access.makeSetupKey()
        else {
            return
        }
        if !settings.isLoopbackOnly { settings.host = "127.0.0.1" }
        log.write(.setupLink(url: "\(settings.scheme)://\(settings.listen)/setup?key=\(key)"))
    }
}
