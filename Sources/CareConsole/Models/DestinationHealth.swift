import CareDispatch
import CareStore
import CareValues

/// How one destination stands, with what the dispatcher has seen of it.
@dynamicMemberLookup
struct DestinationHealth: Sendable {
    /// In one word.
    enum State: String, Sendable, CaseIterable {
        case healthy, breakerOpen, probing, slow, spared, disabled, unknown
    }
    /// As the store tells it.
    let standing: DestinationStanding
    /// Attempts a second; nil: no limit.
    let limit: Double?
    /// 95 in 100 answers come within so many milliseconds; nil: none seen since the start.
    let p95: Int64?
    /// Attempts since the start: those that arrived, and all others.
    let delivered: Int
    let failed: Int
    private let isSlow: Bool

    init(_ standing: DestinationStanding, settings: DestinationSettings? = nil, seen: DestinationMetrics? = nil) {
        self.standing = standing
        limit = settings?.attemptsPerSecond
        p95 = seen?.latency.bound(ofPart: 0.95)
        delivered = seen?.attempts[.delivered] ?? 0
        failed = (seen?.attemptCount ?? 0) - delivered
        isSlow = seen?.isSlow ?? false
    }

    subscript<Value>(dynamicMember path: KeyPath<DestinationStanding, Value>) -> Value { standing[keyPath: path] }

    var state: State {
        switch standing.state {
        case .unknown: .unknown
        case .disabled: .disabled
        case .fails: standing.breaker == .halfOpen ? .probing : .breakerOpen
        case .pauses: isSlow ? .slow : .spared
        case .delivers: isSlow ? .slow : .healthy
        }
    }

    /// Whether people should look at it.
    var isWell: Bool { state == .healthy || state == .spared }
    /// What waits or is being sent.
    var waiting: Int { standing.count(.waiting) + standing.count(.sending) }
    var dead: Int { standing.count(.dead) }
    var parked: Int { standing.count(.parked) }

    /// All destinations: those of `care.json`, in its order, and behind them others that something lies for.
    static func all(_ source: ConsoleSource, in store: any StoreSnapshot) throws -> [DestinationHealth] {
        let metrics = source.metrics()
        return try DestinationStanding.all(source.destinations, in: store, now: source.clock.now()).map { standing in
            DestinationHealth(
                standing, settings: source.destinations.first { $0.name == standing.name },
                seen: metrics.first { $0.destination == standing.name })
        }
    }
}
