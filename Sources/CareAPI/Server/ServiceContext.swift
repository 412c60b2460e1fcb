import CareDispatch
import CareEngine
import CareStore
import CareValues

/// Everything that routes stand on, whoever adds them.
///
/// How to add pages or routes: conform to ``RouteSet`` and give one to ``HTTPServer``.
///
///     struct CustomerPages: RouteSet {
///         func add(to routes: RouteTable) {
///             routes.get("/customers/:id", .page(.read)) { call in
///                 let id = try call.parameter("id")
///                 let customer = try await call.service.read { try $0.customer(id) }
///                 …
///                 return call.html(text)
///             }
///             routes.post("/deliveries/:id/redrive", .page(.operate)) { call in   // the form's `csrf` is checked
///                 let form = try await call.form()
///                 try await call.service.live.perform { store, _ in try store.redrive(…) }
///                 call.service.dispatcher.wake()
///                 try await call.note("deliveries.redrive", id)                          // the audit log
///                 return call.redirect(to: "/deliveries")
///             }
///         }
///     }
///
/// - `.page(scope)` asks for a session that may, `.session` for any, and others are sent to `/sign-in?next=…`;
///   `.scope(scope)` takes a token or a session
///   and answers 401 or 403; `.anyone` asks nothing. What changes something and comes by a session must carry the
///   session's ``Identity/csrfToken``: the form field `csrf` or the header `X-CSRF-Token`. The table sees to it.
/// - Reading: ``read(_:_:)`` runs on a thread where blocking is right. Rules in force: `live.rules`. Explaining:
///   `Explainer.explain(…, live.rules.candidate, in: snapshot, …)`.
/// - Writing: `live.perform`, one transaction, answered when it is on disk; facts go in by `live.receive`; rule files by
///   `live.reload()`. After what makes deliveries due, `dispatcher.wake()`; after cancelling, ``takeBack(_:)``
///   before it is answered.
/// - Signing in: `access.signIn`, `signOut`, `setUp`, `isSetupKey`, all on `work.run(.deed)`; the cookie by
///   `call.settingSession(_:on:)` and `call.endingSession(on:)`. The setup link is only for `context.isLocal`.
public struct ServiceContext: Sendable {
    /// The store; for reading only: everything that writes goes through ``live``.
    public let store: any CareStore
    /// The one way in for what writes.
    public let live: LiveEngine
    /// Carries deliveries out; for waking it, for taking deliveries back and for its metrics.
    public let dispatcher: Dispatcher
    /// Where deliveries can go, secrets read: for trying one.
    public let destinations: [Destination]
    /// The real clock and the one that decisions are taken by.
    public let clock: DecisionClock
    /// The zones there are.
    public let zones: any ZoneDirectory
    /// What `care.json` says.
    public let environment: CareEnvironment
    /// Who may do what.
    public let access: Access
    /// What somebody has changed.
    public let audit: AuditLog
    /// Threads for what blocks.
    public let work: WorkPool
    /// What was refused of requests that answered success.
    public let rejects = IntakeRejects()
    /// Room for what comes from whoever has not said who they are.
    public let strangers = StrangerBodies()
    /// What is asked of rule files.
    public let questions: ServiceQuestions
    /// The certificate that the server shows; nil: it speaks plain HTTP.
    public let tls: ServerTLS?
    /// The program's version.
    public let version: String
    /// Gets what an operator may want to see.
    public let observe: @Sendable (ServerEvent) -> Void

    /// A context with all its parts.
    public init(
        store: any CareStore, live: LiveEngine, dispatcher: Dispatcher, destinations: [Destination],
        clock: DecisionClock, zones: any ZoneDirectory, environment: CareEnvironment, access: Access, audit: AuditLog,
        work: WorkPool, questions: ServiceQuestions, tls: ServerTLS? = nil, version: String,
        observe: @escaping @Sendable (ServerEvent) -> Void
    ) {
        self.store = store
        self.live = live
        self.dispatcher = dispatcher
        self.destinations = destinations
        self.clock = clock
        self.zones = zones
        self.environment = environment
        self.access = access
        self.audit = audit
        self.work = work
        self.questions = questions
        self.tls = tls
        self.version = version
        self.observe = observe
    }

    /// Runs `body` on one consistent snapshot of the store, on a thread where blocking is right.
    ///
    /// - Throws: what `body` throws; a ``Problem`` when too much is asked for at once.
    public func read<Answer: Sendable>(
        _ lane: WorkPool.Lane = .quick, _ body: @escaping @Sendable (any StoreSnapshot) throws -> Answer
    ) async throws -> Answer {
        try await work.run(lane) { try store.read(body) }
    }

    /// Takes deliveries back that an order has cancelled while they were claimed: when it returns no attempt at them
    /// begins any more, or half a second is over.
    public func takeBack(_ ids: [DeliveryID]) async {
        guard !ids.isEmpty else { return }
        let dispatcher = dispatcher
        dispatcher.revoke(ids)
        // Where no thread is free to wait they are taken back all the same, a moment later.
        _ = try? await work.run { dispatcher.revoke(ids, noticedWithin: 500) }
    }

    /// The rules in force. - Throws: a ``Problem`` of status 503 before there are any.
    public var rules: RulesView {
        get throws {
            guard let rules = live.rules else { throw LiveRefusal.notRunning }
            return rules
        }
    }
}

/// Rule files as texts, by name.
public typealias RuleTexts = [(name: String, bytes: [UInt8])]

/// What is asked of rule files. All of it blocks.
public struct ServiceQuestions: Sendable {
    /// Reads and checks the rule files. - Throws: ``FilesRefused`` when they have mistakes.
    public var readRules: @Sendable () throws -> CandidateRules
    /// Findings in rule files; empty: they are good.
    public var checkRules: @Sendable (_ files: RuleTexts) throws -> [Diagnostic]

    /// Answers by these functions.
    public init(
        readRules: @escaping @Sendable () throws -> CandidateRules,
        checkRules: @escaping @Sendable (_ files: RuleTexts) throws -> [Diagnostic]
    ) {
        self.readRules = readRules
        self.checkRules = checkRules
    }
}

/// Why files were not taken up.
public struct FilesRefused: Error, Sendable, CustomStringConvertible {
    /// What is wrong, with places.
    public var diagnostics: [Diagnostic]

    /// Refused for these findings.
    public init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    /// The findings as text.
    public var description: String { diagnostics.map { $0.rendered() }.joined(separator: "\n") }
}

/// Something an operator may want to see of the server. Holds no customer data and no secrets.
public enum ServerEvent: Sendable, Hashable {
    /// Requests are taken at this address.
    case listening(url: String)
    /// Nobody can sign in yet; this link makes the first user.
    case setupLink(url: String)
    /// A request could not be answered because of a defect or a failure.
    case requestFailed(request: String, route: String, detail: String)
    /// The certificate that is shown from now on, and when it ends.
    case certificateInUse(until: Timestamp, days: Int)
    /// New files for TLS cannot be used: the certificate before stays.
    case certificateRefused(reason: String)
    /// Somebody tried names and passwords, or tokens.
    case signInFailed(address: String)
}
