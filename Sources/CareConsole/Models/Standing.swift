import CareDispatch
import CareStore
import CareValues

/// How one destination stands.
struct DestinationStanding: Sendable {
    /// In one word.
    enum State: String, Sendable, CaseIterable {
        case healthy, breakerOpen, probing, slow, spared, disabled, unknown
    }
    var name: String
    /// The `type` in `care.json`; nil: it names no such destination.
    var type: String?
    var state = State.healthy
    var waiting = 0
    var dead = 0
    var parked = 0
    /// When the oldest that waits was decided.
    var oldest: Timestamp?
    /// When the first of those that wait is tried next, of the real clock.
    var nextAttemptAt: Timestamp?
    /// 95 in 100 answers come within so many milliseconds; nil: none seen since the start.
    var p95: Int64?
    /// Attempts since the start: those that arrived, and all others.
    var delivered = 0
    var failed = 0
    /// Attempts a second; nil: no limit.
    var limit: Double?
    var lastFailure: (at: Timestamp, detail: String)?
    /// Since when and why it is disabled.
    var disabled: (since: Timestamp, reason: String)?
    /// Until when it asked to be spared.
    var sparedUntil: Timestamp?

    /// Whether people should look at it.
    var isWell: Bool { state == .healthy || state == .spared }

    init(name: String, type: String?) {
        self.name = name
        self.type = type
    }

    /// All destinations: those of `care.json`, by name, and behind them others that something lies for.
    static func all(
        _ settings: [DestinationSettings], metrics: [DestinationMetrics], in store: any StoreSnapshot
    ) throws -> [DestinationStanding] {
        var rows = settings.map { setting in
            var row = DestinationStanding(name: setting.name, type: setting.type)
            row.limit = setting.attemptsPerSecond
            return row
        }
        func place(_ name: String) -> Int {
            if let place = rows.firstIndex(where: { $0.name == name }) { return place }
            var row = DestinationStanding(name: name, type: nil)
            row.state = .unknown
            rows.append(row)
            return rows.count - 1
        }
        for queue in try store.destinationQueues() {
            let place = place(queue.destination)
            switch queue.state {
            case .waiting:
                rows[place].waiting += queue.count
                rows[place].nextAttemptAt = queue.firstAttemptAt
            case .sending: rows[place].waiting += queue.count
            case .dead: rows[place].dead = queue.count
            case .parked: rows[place].parked = queue.count
            case .delivered, .cancelled: break
            }
        }
        for disabled in try store.disabledDestinations() {
            let place = place(disabled.name)
            rows[place].disabled = (disabled.since, disabled.reason)
        }
        for place in rows.indices {
            if rows[place].waiting > 0 { rows[place].oldest = try store.oldestDecision(waitingFor: rows[place].name) }
            rows[place].lastFailure = try store.lastFailure(at: rows[place].name)
            if let seen = metrics.first(where: { $0.destination == rows[place].name }) { rows[place].add(seen) }
            if rows[place].disabled != nil { rows[place].state = .disabled }
        }
        return rows
    }

    private mutating func add(_ metrics: DestinationMetrics) {
        p95 = metrics.latency.bound(ofPart: 0.95)
        delivered = metrics.attempts[.delivered] ?? 0
        failed = metrics.attemptCount - delivered
        sparedUntil = metrics.pausedUntil
        guard state != .unknown else { return }
        switch metrics.breaker {
        case .open: state = .breakerOpen
        case .halfOpen: state = .probing
        case .closed: state = metrics.isSlow ? .slow : metrics.pausedUntil != nil ? .spared : .healthy
        }
    }
}
