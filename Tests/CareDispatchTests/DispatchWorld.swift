import CareDispatch
import CareStore
import CareStoreSQLite
import CareThreads
import CareTransport
import CareValues
import Foundation
import Glibc
import LoopbackServer
import Testing

/// A real store in a folder of its own, a clock moved by hand, and destinations on loopback.
final class DispatchWorld: Sendable {
    final class ManualClock: DispatchClock {
        private let instant = Lock(Timestamp(milliseconds: 1_781_514_000_000))
        let decisionOffsetMilliseconds: Int64

        init(offset: Int64) {
            decisionOffsetMilliseconds = offset
        }

        func now() -> Timestamp { instant.withLock { $0 } }
        func advance(_ milliseconds: Int64) {
            instant.withLock { $0 = $0.advanced(byMilliseconds: milliseconds) }
        }
    }

    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    let folder: String
    let clock: ManualClock
    let store: SQLiteStore
    private let seen = Lock<[DispatchEvent]>([])

    init(decisionOffset: Int64 = 0) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "care-" + UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        clock = ManualClock(offset: decisionOffset)
        store = try SQLiteStore(path: folder + "/care.sqlite", access: .readWrite(owner: "test"))
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// What was observed so far.
    var events: [DispatchEvent] { seen.withLock { $0 } }

    static func settings(_ name: String, _ url: String) throws -> DestinationSettings {
        var webhook = WebhookSettings(url: try TargetURL(url), secrets: [.environment("SECRET")])
        webhook.http.target.privateAddresses = .allowed
        var settings = DestinationSettings(name: name, channel: webhook)
        settings.timeoutMilliseconds = 400
        return settings
    }

    static let secrets = SecretSource(environment: { $0 == "SECRET" ? secret : nil }, file: { _ in nil })

    /// Zones of one offset each.
    struct FixedZones: ZoneDirectory {
        var hours: [String: Int32]
        var version: String { "test" }
        func zone(named name: String) -> Zone? {
            hours[name].map { Zone(name: name, transitions: [], offsets: [$0 * 3_600], rule: nil) }
        }
    }

    func dispatcher(
        _ settings: [DestinationSettings], _ change: (inout Dispatcher.Options) -> Void = { _ in }
    ) throws -> Dispatcher {
        var options = Dispatcher.Options()
        options.random = { 0.5 }
        options.zones = FixedZones(hours: ["Asia/Tokyo": 9, "UTC": 0])
        change(&options)
        let seen = seen
        options.observe = { event in seen.withLock { $0.append(event) } }
        return Dispatcher(
            store: store, destinations: try settings.map { try Destination($0, secrets: Self.secrets) }, clock: clock,
            options: options)
    }

    @discardableResult
    func run(_ settings: DestinationSettings...) throws -> DispatchSummary {
        try dispatcher(settings).run(until: .outboxEmptyOrWaiting)
    }

    /// Runs `dispatcher` until it is stopped, on a thread of its own, while `body` runs here; then stops it.
    ///
    /// - Returns: what it did.
    @discardableResult
    func running(_ dispatcher: Dispatcher, while body: () throws -> Void) throws -> DispatchSummary {
        let result = Monitor<Result<DispatchSummary, any Error>?>(nil)
        let worker = try #require(
            Worker {
                let summary = Result { try dispatcher.run(until: .stopped) }
                result.update { $0 = summary }
            })
        defer {
            dispatcher.stop()
            worker.join()
        }
        try body()
        dispatcher.stop()
        worker.join()
        return try #require(result.withLock { $0 }).get()
    }

    /// Asks until it is so.
    static func wait(until isSo: () throws -> Bool) throws {
        while !(try isSo()) { sched_yield() }
    }

    func order(_ number: Int, to destination: String, customer: String? = nil, expiresIn: Int64? = nil) -> NewDelivery {
        let customer = customer ?? "c\(number)"
        let key = CanonicalJSON.array(of: ["birthday", "c\(number)", "2027/1", "1", "1"])
        let decided = clock.now().advanced(byMilliseconds: clock.decisionOffsetMilliseconds)
        return NewDelivery(
            id: DeliveryID(hashing: key), customer: customer, campaign: "birthday", key: key,
            destination: destination, address: "", type: "care.birthday", data: #"{"customer":"c\#(number)"}"#,
            decidedAt: decided, expiresAt: expiresIn.map { decided.advanced(byMilliseconds: $0) })
    }

    @discardableResult
    func enqueue(
        _ numbers: some Sequence<Int>, to destination: String = "crm", expiresIn: Int64? = nil
    ) throws -> [DeliveryID] {
        let orders = numbers.map { order($0, to: destination, expiresIn: expiresIn) }
        try store.write { transaction in
            for order in orders { try transaction.enqueue(order, firstAttemptAt: clock.now()) }
        }
        return orders.map(\.id)
    }

    /// Puts these rows into the outbox.
    func enqueue(_ orders: [NewDelivery]) throws {
        try store.write { transaction in
            for order in orders { try transaction.enqueue(order, firstAttemptAt: clock.now()) }
        }
    }

    func delivery(_ id: DeliveryID) throws -> StoredDelivery {
        try #require(try store.read { try $0.deliveries(idPrefix: id.text, limit: 1) }.first)
    }

    func attempts(_ id: DeliveryID) throws -> [StoredAttempt] {
        try store.read { try $0.attempts(of: id) }
    }

    func counts() throws -> [DeliveryState: Int] {
        try store.read { try $0.deliveryCounts() }.filter { $0.value > 0 }
    }
}

extension DestinationSettings {
    /// What only a webhook has.
    var webhook: WebhookSettings {
        get {
            guard let webhook = channel as? WebhookSettings else { preconditionFailure("not a webhook") }
            return webhook
        }
        set { channel = newValue }
    }
}
