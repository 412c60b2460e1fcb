import CareDispatch
import CareStore
import CareThreads
import CareValues
import LoopbackServer
import Testing

@Suite struct MetricsTests {
    @Test func `counts attempts by how they ended, and says how each destination stands`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { request in
            switch request.path {
            case "/well": .status(204)
            case "/busy": .status(429, headers: ["Retry-After: 60"])
            case "/gone": .status(410)
            case "/large": .status(413)
            case "/lost": .hangUp
            default: .status(500)
            }
        }
        let names = ["well", "busy", "gone", "large", "lost", "down"]
        for (index, name) in names.enumerated() {
            try world.enqueue((index * 100)..<(index * 100 + (name == "down" ? 12 : 1)), to: name)
        }
        let settings = try names.map { try DispatchWorld.settings($0, server.url("/\($0)")) }
        let dispatcher = try world.dispatcher(settings)
        world.clock.advance(250)
        try dispatcher.run(until: .outboxEmptyOrWaiting)
        let metrics = Dictionary(uniqueKeysWithValues: try dispatcher.metrics().map { ($0.destination, $0) })
        let outcomes: [(String, DestinationMetrics.Outcome)] = [
            ("well", .delivered), ("busy", .throttled), ("gone", .gone), ("large", .permanent), ("lost", .unknown),
        ]
        for (name, outcome) in outcomes { #expect(metrics[name]?.attempts == [outcome: 1], "\(name)") }
        let down = try #require(metrics["down"])
        #expect(down.attempts[.failed, default: 0] >= 10)
        #expect(down.breaker == .open)
        #expect(down.breakerOpenings == 1)
        #expect(down.waiting == 12)
        #expect(metrics["gone"]?.isDisabled == true)
        #expect(metrics["busy"]?.pausedUntil == world.clock.now().advanced(byMilliseconds: 60_000))
        #expect(metrics["well"]?.waiting == 0)
        #expect(metrics["well"]?.latency.count == 1)
        #expect(metrics["well"]?.delay.bound(ofPart: 1) == 250)
        #expect(metrics.values.allSatisfy { $0.inFlight == 0 })
        // Nothing is due yet; when it has been for a while, its age shows.
        #expect(down.queueAgeMilliseconds == 0)
        world.clock.advance(3_600_000)
        #expect(
            try #require(try dispatcher.metrics().first { $0.destination == "down" }).queueAgeMilliseconds > 3_500_000)
        #expect(try #require(try dispatcher.metrics().first { $0.destination == "busy" }).pausedUntil == nil)
    }

    @Test func `puts each duration into the first bucket that holds it`() {
        var histogram = LatencyHistogram()
        #expect(histogram.bound(ofPart: 0.5) == nil)
        for milliseconds: Int64 in [-5, 0, 1, 2, 60_000, 60_001] { histogram.add(milliseconds) }
        #expect(histogram.counts.first == 3)
        #expect(histogram.counts[1] == 1)
        #expect(histogram.counts.suffix(2) == [1, 1])
        #expect(histogram.sumMilliseconds == 120_004)
        #expect(histogram.bound(ofPart: 0.5) == 1)
        #expect(histogram.bound(ofPart: 0.8) == 60_000)
        #expect(histogram.bound(ofPart: 1) == nil)
    }

    @Test func `writes a page for Prometheus`() {
        var metrics = DestinationMetrics(destination: "a \"b\" \\ c\n")
        metrics.attempts = [.delivered: 3, .failed: 1]
        metrics.latency.add(3)
        metrics.latency.add(70_000)
        metrics.breaker = .halfOpen
        metrics.queueAgeMilliseconds = 1_500
        let lines = MetricsText.text(of: [metrics]).split(separator: "\n").map(String.init)
        let label = #"destination="a \"b\" \\ c\n""#
        for line in [
            "# TYPE care_delivery_attempts_total counter",
            "care_delivery_attempts_total{\(label),outcome=\"delivered\"} 3",
            "care_delivery_attempts_total{\(label),outcome=\"unknown\"} 0",
            "care_delivery_attempt_seconds_bucket{\(label),le=\"0.002\"} 0",
            "care_delivery_attempt_seconds_bucket{\(label),le=\"0.005\"} 1",
            "care_delivery_attempt_seconds_bucket{\(label),le=\"60\"} 1",
            "care_delivery_attempt_seconds_bucket{\(label),le=\"+Inf\"} 2",
            "care_delivery_attempt_seconds_sum{\(label)} 70.003",
            "care_delivery_attempt_seconds_count{\(label)} 2",
            "care_delivery_breaker{\(label),state=\"half-open\"} 1",
            "care_delivery_breaker{\(label),state=\"closed\"} 0",
            "care_delivery_queue_age_seconds{\(label)} 1.5",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }
}
