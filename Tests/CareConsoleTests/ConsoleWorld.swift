import CareCalendar
import CareDispatch
import CareEngine
import CareRules
import CareStore
import CareStoreSQLite
import CareThreads
import CareValues
import Foundation
import Hummingbird
import Testing

@testable import CareAPI
@testable import CareConsole

/// A service with the console, on a store in a folder of its own, asked without a network.
final class ConsoleWorld {
    static let zones = SystemZones()
    /// 2026-06-15T09:00:00Z, 17:00 in Shanghai.
    static let start = Timestamp(milliseconds: 1_781_514_000_000)

    /// Texts of the rules are `text`, so that they too can be of any kind.
    static func rules(_ text: String) -> String {
        let text = JSONWriter.text(.string(text))
        return """
            {
              "attributes": {
                "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold"] },
                "nickname": { "type": "string" }, "email": { "type": "string", "pii": true },
                "emailConsent": { "type": "consent", "channel": "email" }, "timeZone": { "type": "zone" }
              },
              "events": { "complaint.opened": { "properties": { "ticketId": { "type": "string" } } } },
              "traits": { "complaints": { "count": { "event": ["complaint.opened"] } } },
              "segments": { "vip": { "and": [{ ">=": [{ "var": "tier" }, "gold"] }, { "!=": [{ "var": "nickname" }, \(text)] }] } },
              "policies": { "pauses": [{ "name": "many", "when": { ">": [{ "var": "complaints" }, 5] }, "then": "hold" }] },
              "campaigns": {
                "complaint-care": {
                  "description": \(text), "tags": [\(text)], "priority": 5,
                  "trigger": { "event": "complaint.opened" }, "entryKey": { "var": "event.ticketId" }, "reentry": "afterExit",
                  "goal": { "event": "complaint.opened", "within": "P7D" }, "holdout": 0.000001,
                  "steps": [
                    { "name": "ack", "actions": [{ "send": "helpdesk", "audience": "staff", "type": "care.complaint",
                      "data": { "customer": "{{customer.id}}", "ticket": "{{entry.ticketId}}", "mail": "{{email}}", "note": \(text) } }] },
                    { "name": "follow-up", "sinceEntry": "P3D", "actions": [{ "send": "crm", "type": "care.later", "data": {} }] }
                  ]
                },
                "daily-note": {
                  "description": \(text), "trigger": { "schedule": { "cron": "0 10 * * *" } }, "condition": { "segment": "vip" },
                  "approval": true,
                  "actions": [{ "send": "crm", "type": "care.note", "to": { "var": "email" }, "consent": "email", "data": {} }]
                }
              }
            }
            """
    }

    let folder: URL
    let store: SQLiteStore
    let live: LiveEngine
    let service: Service
    let context: ServiceContext
    let console: ConsoleRoutes
    let server: HTTPServer
    let time = Lock(ConsoleWorld.start)
    let rulesText: Lock<String>
    /// The files of tests beside the rules.
    let tests: Lock<[RuleTestText]>
    private let worker: Worker

    init(
        rules text: String = ConsoleWorld.rules("plain words"), destinations: String = "helpdesk",
        tests texts: [RuleTestText] = []
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("care-console-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("care.sqlite").path
        store = try SQLiteStore(path: path, access: .readWrite(owner: "test"))
        let zone = try #require(Self.zones.zone(named: "Asia/Shanghai"))
        let time = time
        let clock = DecisionClock(realNow: { time.withLock { $0 } })
        let file = """
            { "timeZone": "Asia/Shanghai", "store": "\(path)", "destinations": { "\(destinations)": { "type": "webhook", "url": "http://127.0.0.1:9/x",
              "secret": "env:NONE", "allowPrivateAddresses": true } } }
            """
        let environment = try #require(
            CareEnvironment.read(
                file: folder.appendingPathComponent("care.json").path, bytes: Array(file.utf8), zones: Self.zones
            ).environment)
        let dispatcher = Dispatcher(store: store, destinations: [], clock: clock)
        live = LiveEngine(store: store, clock: clock)
        let rulesText = Lock(text)
        self.rulesText = rulesText
        let tests = Lock(texts)
        self.tests = tests
        let refusal = Lock<(at: Timestamp, diagnostics: [Diagnostic])?>(nil)
        let readRules: @Sendable () throws -> CandidateRules = {
            let text = rulesText.withLock { $0 }
            let (rules, diagnostics) = RuleSetLoader.load(
                [RuleSource(file: "rules/shop.json", bytes: Array(text.utf8))], destinations: nil)
            guard let rules else {
                refusal.withLock { $0 = (clock.now(), diagnostics) }
                throw FilesRefused(diagnostics)
            }
            refusal.withLock { $0 = nil }
            return CandidateRules(rules: rules, zone: zone, holidays: ShippedHolidays.table)
        }
        service = Service(
            store: store, clock: clock, zones: Self.zones, recoveryRate: 1_000_000, dispatcher: dispatcher,
            ports: Service.Ports(loadRules: readRules, observe: { _ in }, beat: { _ in }), live: live)
        context = ServiceContext(
            store: store, live: live, dispatcher: dispatcher, destinations: [], clock: clock, zones: Self.zones,
            environment: environment,
            access: Access(storePath: path, now: { time.withLock { $0 } }, passwordCost: 4),
            audit: AuditLog(storePath: path, now: { time.withLock { $0 } }), work: WorkPool(),
            questions: ServiceQuestions(readRules: readRules, checkRules: { _ in [] }), version: "test",
            observe: { _ in })
        console = ConsoleRoutes(
            service: context, startingWith: try readRules(), project: "shop", rulesName: "rules",
            storeName: "care.sqlite", refusal: { refusal.withLock { $0 } }, tests: { tests.withLock { $0 } })
        server = HTTPServer(service: context, sets: [console])
        let service = service
        worker = try #require(Worker { try? service.run() })
        while !live.isRunning { sched_yield() }
    }

    deinit {
        service.stop()
        worker.join()
        context.work.end()
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: Somebody who looks

    /// A session with these scopes: its cookie and its token for forms.
    struct Session {
        var cookie: String
        var csrf: String
    }

    func session(_ scope: Scope) throws -> Session {
        let name = "u-\(scope.rawValue)"
        if try !context.access.users().contains(where: { $0.name == name }) {
            try context.access.makeUser(name, password: "long enough", scopes: [scope])
        }
        let signedIn = try context.access.signIn(name, password: "long enough", from: "127.0.0.1")
        return Session(cookie: "care_session=\(signedIn.sessionID)", csrf: signedIn.identity.csrfToken)
    }

    /// What the server answers.
    struct Answer {
        var status: Int
        var headers: [String: String]
        var text: String
        var location: String? { headers["location"] }
    }

    /// A page as it is once what it shows is computed: a browser loads it anew until then.
    func get(_ path: String, _ session: Session? = nil, language: String = "en") async throws -> Answer {
        var headers = ["Accept-Language": language]
        if let session { headers["Cookie"] = session.cookie }
        while true {
            let answer = try await send("GET", path, headers)
            if !answer.text.contains(" data-reload") { return answer }
        }
    }

    func post(
        _ path: String, _ session: Session? = nil, _ fields: [(String, String)] = [], csrf: String? = nil,
        headers more: [String: String] = [:]
    ) async throws -> Answer {
        var headers = ["Content-Type": "application/x-www-form-urlencoded"].merging(more) { $1 }
        if let session { headers["Cookie"] = session.cookie }
        let fields = fields + [("csrf", csrf ?? session?.csrf ?? "")]
        let body = fields.map { "\(Link.encoded($0.0))=\(Link.encoded($0.1))" }.joined(separator: "&")
        return try await send("POST", path, headers, Array(body.utf8))
    }

    private func send(
        _ method: String, _ path: String, _ headers: [String: String], _ body: [UInt8] = []
    ) async throws -> Answer {
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(.init(name: try #require(.init(name)), value: value)) }
        let request = Request(
            head: .init(
                method: try #require(.init(method)), scheme: "http", authority: "care.example", path: path,
                headerFields: fields), body: .init(buffer: ByteBuffer(bytes: body)))
        let response = try await server.respond(to: request, from: "127.0.0.1")
        let writer = Collector()
        try await response.body.write(writer)
        var answered: [String: String] = [:]
        for field in response.headers { answered[field.name.canonicalName] = field.value }
        return Answer(
            status: response.status.code, headers: answered,
            text: String(decoding: writer.bytes.withLock { $0 }, as: UTF8.self))
    }

    private final class Collector: ResponseBodyWriter {
        let bytes = Lock<[UInt8]>([])
        func write(_ buffer: ByteBuffer) async throws { bytes.withLock { $0 += Array(buffer.readableBytesView) } }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    // MARK: What there is to look at

    /// Customers whose every text is `text(number)`, each with a complaint, a decision and a delivery.
    func fill(_ count: Int, _ text: (Int) -> String) async throws {
        let now = time.withLock { $0 }
        for number in 0..<count {
            let (id, text) = (Self.id(number, text(number)), text(number))
            let attributes = AttributeFact(
                values: [
                    "tier": "gold", "nickname": .string(text), "email": .string(text + "@example.com"),
                    "emailConsent": "granted", "unknown \(text)": .string(text),
                ], time: now, receivedAt: now, hasOwnTime: false)
            let event = Event(
                type: "complaint.opened", source: "shop " + text, id: "e\(number) " + text, time: now, receivedAt: now,
                properties: ["ticketId": .string(text), "other \(text)": .string(text)])
            _ = try await live.receive([
                LiveRequest(customer: id, facts: [.attributes(attributes)]),
                LiveRequest(customer: id, facts: [.event(event)]),
            ])
        }
    }

    static func id(_ number: Int, _ text: String) -> String { "c\(100 + number)-" + text }

    /// The deliveries, oldest first.
    func deliveries() throws -> [StoredDelivery] {
        try store.read { try $0.deliveries(DeliveryFilter(), limit: 1_000) }.reversed()
    }
}
