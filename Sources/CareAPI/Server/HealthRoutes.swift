import CareDispatch
import CareEngine
import CareValues
import Hummingbird
import NIOCore

/// Whether the service lives, whether it takes work, and what it counts.
public struct HealthRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.get("/health", .anyone) { call in
            call.json(["status": "alive"])
        }
        routes.get("/ready", .anyone) { call in
            guard call.service.live.isRunning, let rules = call.service.live.rules else {
                throw Problem(503, "not-ready", "the service is starting or ending", retryAfterSeconds: 2)
            }
            return call.json(["status": "ready", "epoch": .number(Double(rules.epoch))])
        }
        routes.get("/metrics", .scope(.read)) { call in
            let service = call.service
            let destinations = try await service.work.run { try service.dispatcher.metrics() }
            let text =
                MetricsText.text(of: destinations) + LiveMetricsText.text(of: service.live)
                + LiveMetricsText.text(of: service.tls)
            return Response(
                status: .ok, headers: [.contentType: MetricsText.contentType],
                body: .init(byteBuffer: ByteBuffer(string: text)))
        }
    }
}

/// What the live engine counts, as Prometheus reads it.
enum LiveMetricsText {
    private static func one(_ name: String, _ type: String, _ help: String, _ value: Int) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(name) \(value)\n"
    }

    static func text(of tls: ServerTLS?) -> String {
        guard let tls else { return "" }
        return one(
            "care_tls_certificate_end_seconds", "gauge", "When the certificate ends, in seconds since 1970.",
            Int(tls.certificate.notAfter.milliseconds / 1000))
    }

    static func text(of live: LiveEngine) -> String {
        let metrics = live.metrics
        return one("care_facts_stored_total", "counter", "Facts stored.", metrics.stored)
            + one("care_facts_known_total", "counter", "Facts that were stored before.", metrics.duplicates)
            + one("care_facts_turned_away_total", "counter", "Facts turned away by a full queue.", metrics.turnedAway)
            + one("care_intake_transactions_total", "counter", "Transactions that took facts in.", metrics.transactions)
            + one("care_facts_queued", "gauge", "Facts that wait to be written.", metrics.queued)
            + one("care_reloads_refused_total", "counter", "Rule sets refused on a reload.", metrics.refusedReloads)
            + one("care_rules_epoch", "gauge", "The number of the rules in force.", Int(live.rules?.epoch ?? 0))
    }
}
