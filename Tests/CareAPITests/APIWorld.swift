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
import NIOCore
import Testing

@testable import CareAPI

/// A service that runs, on a store in a folder of its own and a clock set by hand, and its server asked without a network.
final class APIWorld {
    static let zones = SystemZones()
    /// 2026-06-15T09:00:00Z.
    static let start = Timestamp(milliseconds: 1_781_514_000_000)

    /// A complaint is answered at once; a gold customer gets a present when called for.
    static let rules = """
        {
          "attributes": {
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold"] },
            "birthday": { "type": "birthday" }, "email": { "type": "string", "pii": true },
            "age": { "type": "number" }
          },
          "events": { "complaint.opened": { "properties": { "ticketId": { "type": "string" } } } },
          "traits": { "complaints": { "count": { "event": ["complaint.opened"] } } },
          "segments": { "vip": { ">=": [{ "var": "tier" }, "gold"] } },
          "campaigns": {
            "complaint-care": {
              "description": "Answer a complaint at once",
              "trigger": { "event": "complaint.opened" }, "entryKey": { "var": "event.ticketId" }, "reentry": "afterExit",
              "actions": [{ "send": "helpdesk", "audience": "staff", "type": "care.complaint",
                "data": { "customer": "{{customer.id}}", "ticket": "{{entry.ticketId}}" } }]
            },
            "present": {
              "trigger": { "api": {} }, "condition": { "segment": "vip" },
              "actions": [{ "send": "crm", "type": "care.present", "data": { "why": "{{entry.why}}" } }]
            }
          }
        }
        """

    let folder: URL
    let store: SQLiteStore
    let live: LiveEngine
    let service: Service
    let context: ServiceContext
    let server: HTTPServer
    let time = Lock(APIWorld.start)
    let observed = Lock<[ServerEvent]>([])
    /// What the service told.
    let happened = Lock<[Service.Event]>([])
    let rulesText: Lock<String>
    private let worker: Worker

    init(
        rules text: String = APIWorld.rules, sets: [any RouteSet] = [HealthRoutes()],
        limits: LiveEngine.Limits = .init(), tls: ServerTLS? = nil,
        _ change: (inout CareEnvironment) -> Void = { _ in }
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("care-api-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("care.sqlite").path
        store = try SQLiteStore(path: path, access: .readWrite(owner: "test"))
        let zone = try #require(Self.zones.zone(named: "Asia/Shanghai"))
        let time = time
        let clock = DecisionClock(realNow: { time.withLock { $0 } })
        var environment = try #require(
            CareEnvironment.read(
                file: folder.appendingPathComponent("care.json").path,
                bytes: Array(#"{ "timeZone": "Asia/Shanghai" }"#.utf8), zones: Self.zones
            ).environment)
        change(&environment)
        let dispatcher = Dispatcher(store: store, destinations: [], clock: clock)
        live = LiveEngine(store: store, clock: clock, limits: limits)
        let rulesText = Lock(text)
        self.rulesText = rulesText
        let readRules: @Sendable () throws -> CandidateRules = {
            let text = rulesText.withLock { $0 }
            let (rules, diagnostics) = RuleSetLoader.load(
                [RuleSource(file: "rules.json", bytes: Array(text.utf8))], destinations: nil)
            guard let rules else { throw FilesRefused(diagnostics) }
            return CandidateRules(rules: rules, zone: zone, holidays: ShippedHolidays.table)
        }
        let happened = happened
        service = Service(
            store: store, clock: clock, zones: Self.zones, recoveryRate: 1_000_000, dispatcher: dispatcher,
            ports: Service.Ports(
                loadRules: readRules, observe: { event in happened.withLock { $0.append(event) } }, beat: { _ in }),
            live: live)
        let observed = observed
        context = ServiceContext(
            store: store, live: live, dispatcher: dispatcher, destinations: [], clock: clock, zones: Self.zones,
            environment: environment,
            access: Access(storePath: path, now: { time.withLock { $0 } }, passwordCost: 4),
            audit: AuditLog(storePath: path, now: { time.withLock { $0 } }), work: WorkPool(),
            questions: ServiceQuestions(
                readRules: readRules,
                checkRules: { files in
                    RuleSetLoader.load(files.map { RuleSource(file: $0.name, bytes: $0.bytes) }, destinations: nil)
                        .diagnostics
                }), tls: tls, version: "test", observe: { event in observed.withLock { $0.append(event) } })
        server = HTTPServer(service: context, sets: sets)
        let service = service
        worker = try #require(
            Worker {
                do { try service.run() } catch { Issue.record("the service ended: \(error)") }
            })
        // Taken from its own first answer, not from a clock.
        while !live.isRunning { sched_yield() }
    }

    deinit {
        service.stop()
        worker.join()
        context.work.end()
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A token with these scopes.
    func token(_ scopes: Scope...) throws -> String {
        try context.access.makeToken("t\(UInt64.random(in: 0 ... .max))", scopes: Set(scopes))
    }

    /// Makes a customer of whom the row, or else a fact, cannot be read.
    func spoil(_ id: String, row: Bool) throws {
        let clock = context.clock
        try store.write { transaction in
            if row {
                try transaction.save(id: id, wakeUp: nil, epoch: 1, row: [255, 255, 255], expectedVersion: 0)
                return
            }
            let rules = try RulesInForce(in: transaction, zones: Self.zones)
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            let fact = AttributeFact(
                values: ["a": .number(1)], time: Self.start, receivedAt: Self.start, hasOwnTime: false)
            try writer.receive([.attributes(fact)], customer: id, at: Self.start, advancesFirst: false)
            try writer.finish()
            // Deeper than anything that is let in, and than anything that can be read back.
            var deep = JSONValue.array([])
            for _ in 0..<300 { deep = .array([deep]) }
            _ = try transaction.append(
                .event(
                    Event(
                        type: "t", source: "s", id: "deep", time: Self.start, receivedAt: Self.start,
                        properties: ["a": deep])), of: id)
        }
    }

    /// Bytes as the packer takes them.
    static func view(_ bytes: [UInt8]) -> ByteBufferView { ByteBuffer(bytes: bytes).readableBytesView }

    private let hold = Monitor(false)

    /// Lets the service's thread do nothing until ``releaseService()``; the function waits until it stands.
    func holdService() -> @Sendable () async -> Void {
        let stands = Lock(false)
        let hold = hold
        let live = live
        Task {
            try await live.perform { _, _ in
                stands.withLock { $0 = true }
                _ = hold.wait(milliseconds: nil) { $0 ? true : nil }
            }
        }
        return { while !stands.withLock({ $0 }) { await Task.yield() } }
    }

    /// Lets it go on.
    func releaseService() {
        hold.update { $0 = true }
    }

    /// What the server answers.
    struct Answer {
        var status: Int
        var headers: [String: String]
        var bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: JSONValue? { JSONValue(jsonText: text) }
        /// The value at a path of names and places, `items.0.id`.
        subscript(path: String) -> JSONValue? {
            var value = json
            for part in path.split(separator: ".").map(String.init) {
                switch value {
                case .object(let object)?: value = object[part]
                case .array(let items)?:
                    guard let index = Int(part), items.indices.contains(index) else { return nil }
                    value = items[index]
                default: return nil
                }
            }
            return value
        }
        var code: String? { if case .string(let code)? = self["code"] { code } else { nil } }
    }

    /// Sends a request in, without a network.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], body: [UInt8] = [],
        from address: String = "127.0.0.1"
    ) async throws -> Answer {
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(.init(name: try #require(.init(name)), value: value)) }
        if let token { fields[.authorization] = "Bearer \(token)" }
        let request = Request(
            head: .init(
                method: try #require(.init(method)), scheme: "http", authority: "care.example", path: path,
                headerFields: fields), body: .init(buffer: ByteBuffer(bytes: body)))
        let response = try await server.respond(to: request, from: address)
        let writer = Collector()
        try await response.body.write(writer)
        var answered: [String: String] = [:]
        for field in response.headers { answered[field.name.canonicalName] = field.value }
        return Answer(status: response.status.code, headers: answered, bytes: writer.bytes.withLock { $0 })
    }

    /// Sends JSON.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], json: String
    ) async throws -> Answer {
        var headers = headers
        headers["Content-Type"] = headers["Content-Type"] ?? "application/json"
        return try await send(method, path, token: token, headers: headers, body: Array(json.utf8))
    }

    private final class Collector: ResponseBodyWriter {
        let bytes = Lock<[UInt8]>([])
        func write(_ buffer: ByteBuffer) async throws {
            bytes.withLock { $0 += Array(buffer.readableBytesView) }
        }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// Answers that show what was asked.
struct EchoAnswers: CommandAnswers {
    func plan(_ question: PlanQuestion) -> JSONValue {
        ["days": .number(Double(question.days)), "campaign": .string(question.campaign ?? "")]
    }
    func explain(_ question: ExplainQuestion) throws -> JSONValue {
        guard question.customer == "c1" else { throw Problem(404, "unknown-customer", "no such customer") }
        return ["answer": .string("\(question.customer) \(question.campaign)")]
    }
    func diff(_ files: RuleTexts?, days: Int) -> JSONValue {
        ["files": .number(Double(files?.count ?? 0)), "days": .number(Double(days))]
    }
    func export(customer: String) -> JSONValue { ["customer": .string(customer)] }
    func erase(customer: String) -> JSONValue { ["result": "erased"] }
    func readmit(customer: String) -> JSONValue { ["result": "readmitted"] }
}
