import BareLoop
import CareDispatch
import CareStore
import CareStoreSQLite
import CareTransport
import CareValues
import Foundation

/// Webhooks from the outbox to a local server, signed, recorded and committed, beside a bare C loop that posts bodies of
/// the same size and records nothing. In turns: only the ratio of a pair means anything on a shared machine.
@main
struct DeliveryBench {
    /// What one run of ours came to.
    struct Run {
        var perSecond: Double
        /// CPU of the thread that runs the network, and of all others, for one webhook.
        var networkMicroseconds: Double
        var storeMicroseconds: Double
    }

    static let inFlight = 32

    static func main() {
        do {
            try measure()
        } catch {
            fflush(nil)
            FileHandle.standardError.write(Data("delivery-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func measure() throws {
        let options = try Options(CommandLine.arguments)
        if let scenario = options.scenario { return try Scenarios(options).run(scenario) }
        if let broker = options.broker {
            return try BrokerBench.measure(broker, count: options.count, runs: options.pairs)
        }
        let target = try TargetURL(options.url)
        let bytes = order(0).bodyBytes(target)
        print("\(options.count) webhooks of \(bytes) bytes, \(inFlight) at once, to \(options.url)")
        print("pair   bare C loop/s   care/s   ratio   CPU us each: bare   network   store")
        var ratios: [Double] = []
        var rates: [(bare: Double, care: Double)] = []
        for pair in 1...options.pairs {
            let before = time(CLOCK_THREAD_CPUTIME_ID)
            let seconds = bare_loop_run(options.url, Int32(options.count), Int32(inFlight), Int32(bytes))
            guard seconds > 0 else { throw Failure("the bare loop was not answered 2xx by \(options.url)") }
            let bareBusy = (time(CLOCK_THREAD_CPUTIME_ID) - before) / Double(options.count) * 1e6
            let bare = Double(options.count) / seconds
            let care = try deliver(options.count, to: destination(target))
            ratios.append(care.perSecond / bare)
            rates.append((bare, care.perSecond))
            print(
                pad("\(pair)", 4) + pad("\(Int(bare))", 16) + pad("\(Int(care.perSecond))", 9)
                    + pad(rounded(care.perSecond / bare), 8) + pad(rounded(bareBusy), 20)
                    + pad(rounded(care.networkMicroseconds), 10) + pad(rounded(care.storeMicroseconds), 8))
        }
        let median = middle(ratios)
        print("median ratio \(rounded(median)); wanted at least 0.60, hoped for 0.80")
        print("Every transaction is synced; how long that takes is the disk's affair, and rates differ with it.")
        let report: JSONValue = .object([
            "benchmark": .string("delivery"), "webhooks": .number(Double(options.count)),
            "bytes": .number(Double(bytes)),
            "inFlight": .number(Double(inFlight)), "medianRatio": .number(median),
            "bareMedianPerSecond": .number(middle(rates.map(\.bare))),
            "careMedianPerSecond": .number(middle(rates.map(\.care))), "ratios": .array(ratios.map { .number($0) }),
        ])
        if let path = options.json {
            try (report.canonicalText + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        }
        guard median >= 0.6 else { throw Failure("the median ratio is below 0.60") }
    }

    /// Fills a new store's outbox, then times its delivery.
    static func deliver(_ count: Int, to destination: Destination) throws -> Run {
        let folder = FileManager.default.temporaryDirectory.appending(path: "delivery-bench-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(
            path: folder.appending(path: "care.sqlite").path, access: .readWrite(owner: "delivery-bench"))
        defer { try? store.close() }
        let clock = SystemDispatchClock()
        for start in stride(from: 0, to: count, by: 5_000) {
            try store.write { transaction in
                for number in start..<min(start + 5_000, count) {
                    try transaction.enqueue(order(number), firstAttemptAt: clock.now())
                }
            }
        }
        try store.checkpoint()
        let dispatcher = Dispatcher(store: store, destinations: [destination], clock: clock)
        let (wall, processor) = (time(CLOCK_MONOTONIC), time(CLOCK_PROCESS_CPUTIME_ID))
        let network = time(CLOCK_THREAD_CPUTIME_ID)
        let summary = try dispatcher.run(until: .outboxEmptyOrWaiting)
        let seconds = time(CLOCK_MONOTONIC) - wall
        let networkBusy = time(CLOCK_THREAD_CPUTIME_ID) - network
        let storeBusy = time(CLOCK_PROCESS_CPUTIME_ID) - processor - networkBusy
        let stored = try store.read { try $0.deliveryCounts()[.delivered] ?? 0 }
        guard summary.delivered == count, stored == count else {
            throw Failure("\(summary.delivered) delivered, \(stored) recorded, of \(count)")
        }
        return Run(
            perSecond: Double(count) / seconds, networkMicroseconds: networkBusy / Double(count) * 1e6,
            storeMicroseconds: storeBusy / Double(count) * 1e6)
    }

    static func destination(
        _ target: TargetURL, name: String = "bench", concurrency: Int = inFlight
    ) throws -> Destination {
        var webhook = WebhookSettings(url: target, secrets: [.environment("BENCH_SECRET")])
        webhook.http.target.privateAddresses = .allowed
        var settings = DestinationSettings(name: name, channel: webhook)
        settings.concurrency = concurrency
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        return try Destination(settings, secrets: SecretSource(environment: { _ in secret }, file: { _ in nil }))
    }

    static func order(_ number: Int, to destination: String = "bench") -> NewDelivery {
        let customer = "customer-\(number)"
        let key = CanonicalJSON.array(of: ["birthday-gold", customer, "2027/1", "1", "1"])
        let note = String(repeating: "Congratulations on your birthday. ", count: 7)
        return NewDelivery(
            id: DeliveryID(hashing: key), customer: customer, campaign: "birthday-gold", key: key,
            destination: destination,
            address: "customer@acme.example", type: "care.birthday",
            data: #"{"customer":"\#(customer)","note":"\#(note)","turns":38}"#,
            decidedAt: Timestamp(milliseconds: 1_781_514_000_000), expiresAt: nil)
    }

    static func time(_ clock: clockid_t) -> Double {
        var value = timespec()
        clock_gettime(clock, &value)
        return Double(value.tv_sec) + Double(value.tv_nsec) / 1e9
    }

    static func middle(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}

extension NewDelivery {
    /// How long its body is.
    func bodyBytes(_ target: TargetURL) -> Int {
        (try? DeliveryBench.destination(target).body(of: self).count) ?? 0
    }
}

/// Why there is no result.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) {
        self.description = description
    }
}

/// What the command line asks for.
struct Options {
    var count = 100_000
    var pairs = 5
    var json: String?
    /// Another measurement than the pairs.
    var scenario: String?
    /// A broker's URL: only it is measured, without a bare loop beside it.
    var broker: String?
    var url = ProcessInfo.processInfo.environment["NGINX_URL"].map { $0 + "/hook" } ?? ""

    init(_ arguments: [String]) throws {
        var rest = arguments.dropFirst()
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Failure("\(name) needs a value") }
            switch name {
            case "--scale":
                guard let scale = Double(value), scale > 0 else { throw Failure("--scale needs a number above 0") }
                count = max(Int(Double(count) * scale), 1_000)
            case "--json": json = value
            case "--url": url = value
            case "--scenario": scenario = value
            case "--broker": broker = value
            case "--pairs": pairs = max(Int(value) ?? 5, 1)
            default: throw Failure("unknown option \(name)")
            }
        }
        if url.isEmpty, broker == nil {
            throw Failure("name a server that answers 2xx: --url URL, or NGINX_URL in the environment")
        }
    }
}
