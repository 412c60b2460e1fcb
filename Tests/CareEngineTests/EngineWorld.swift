import CareCalendar
import CareDecisions
import CareEngine
import CareRules
import CareStore
import CareStoreSQLite
import CareThreads
import CareValues
import Foundation
import Testing

/// A store in a folder of its own, a clock that is set by hand, and the engine on both.
final class EngineWorld {
    static let zones = SystemZones()
    let folder: URL
    let store: SQLiteStore
    let zone: Zone
    let time = Lock(Timestamp(milliseconds: 0))
    var clock: DecisionClock { DecisionClock(realNow: { [time] in time.withLock { $0 } }) }
    var rules: RulesInForce

    init(rules text: String, at start: Timestamp, zone name: String = "Asia/Shanghai") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("care-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(
            path: folder.appendingPathComponent("care.sqlite").path, access: .readWrite(owner: "test"))
        zone = try #require(EngineWorld.zones.zone(named: name))
        time.withLock { $0 = start }
        let candidate = try Self.candidate(text, zone)
        rules = try store.write {
            try Activation.activate(candidate, at: start, in: $0, zones: EngineWorld.zones).rules
        }
    }

    /// A world whose store holds what `other`'s holds now.
    ///
    /// A file and its log, copied while nobody writes, are a store that ended without being closed.
    init(copyOf other: EngineWorld) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("care-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["care.sqlite", "care.sqlite-wal"] {
            let original = other.folder.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: original.path) else { continue }
            try FileManager.default.copyItem(at: original, to: folder.appendingPathComponent(name))
        }
        store = try SQLiteStore(
            path: folder.appendingPathComponent("care.sqlite").path, access: .readWrite(owner: "test"))
        zone = other.zone
        rules = other.rules
        let now = other.time.withLock { $0 }
        time.withLock { $0 = now }
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The rule sets read so far: the same lives are lived under the same rules again and again.
    private static let read = Lock<[String: RuleSet]>([:])

    static func candidate(_ text: String, _ zone: Zone) throws -> CandidateRules {
        if let rules = read.withLock({ $0[text] }) {
            return CandidateRules(rules: rules, zone: zone, holidays: ShippedHolidays.table)
        }
        let (rules, diagnostics) = RuleSetLoader.load(
            [RuleSource(file: "rules.json", bytes: Array(text.utf8))], destinations: nil)
        let rendered = diagnostics.map { $0.rendered(colour: false) }.joined(separator: "\n")
        let ruleSet = try #require(rules, "\(rendered)")
        read.withLock { $0[text] = ruleSet }
        return CandidateRules(rules: ruleSet, zone: zone, holidays: ShippedHolidays.table)
    }

    func activate(_ text: String) throws {
        let candidate = try Self.candidate(text, zone)
        let now = clock.decisionNow
        rules = try store.write { try Activation.activate(candidate, at: now, in: $0, zones: EngineWorld.zones).rules }
    }

    func receive(_ facts: [Fact], customer: String, at instant: Timestamp, advancesFirst: Bool = false) throws {
        time.withLock { $0 = max($0, instant) }
        try store.write { transaction in
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            try writer.receive(facts, customer: customer, at: instant, advancesFirst: advancesFirst)
            try writer.finish()
        }
    }

    /// When something is due next, ticks that wake nobody included.
    func nextDue() throws -> Timestamp? {
        let now = clock.decisionNow
        return try store.read { store in
            let decider = rules.current
            var next = try store.nextWakeUp()
            guard decider.hasTicks else { return next }
            for name in try store.zonesInUse() {
                guard let zone = Self.zones.zone(named: name) else { continue }
                for (campaign, clocks) in decider.scanned(in: [zone]) {
                    for clock in clocks {
                        let tick = decider.firstTick(ofCampaign: campaign, in: clock, after: now)
                        next = [next, tick].compactMap { $0 }.min()
                    }
                }
            }
            return next
        }
    }

    @discardableResult
    func tick(at instant: Timestamp) throws -> TickSummary {
        time.withLock { $0 = max($0, instant) }
        return try Ticker(store: store, clock: clock, recoveryRate: 1_000_000, pause: { _ in true }).tick(rules)
    }

    func plan(_ text: String, at: Timestamp, days: Int, threads: Int = 1, customer: String? = nil) throws -> [Decision]
    {
        try PlanRunner(store: store, zones: EngineWorld.zones, realNow: at).plan(
            Self.candidate(text, zone),
            PlanRunner.Request(at: at, days: days, customer: customer, keepsDecisions: true), threads: threads
        ).decisions
    }

    /// A decision as both the plan and the ledger know it.
    struct Line: Hashable, Comparable, CustomStringConvertible {
        var now: Timestamp
        var key: String
        var outcome: String
        var reason: String
        var due: Timestamp
        static func < (left: Line, right: Line) -> Bool { (left.now, left.key) < (right.now, right.key) }
        var description: String { "\(now.iso8601) \(key) \(outcome) \(reason) due \(due.iso8601)" }
    }

    func ledger(from: Timestamp, until: Timestamp) throws -> [Line] {
        let entries = try store.read { try $0.ledger(from: from, until: until) }
        // The plan shows what a key ended with.
        var last: [DeliveryID: LedgerEntry] = [:]
        for entry in entries { last[entry.key] = entry }
        return last.values.map {
            Line(
                now: $0.now,
                key: CanonicalJSON.array(of: [$0.campaign, $0.customer, $0.occurrence, $0.step, $0.action]),
                outcome: $0.outcome, reason: $0.reason, due: $0.due)
        }.sorted()
    }

    static func lines(_ decisions: [Decision]) -> [Line] {
        decisions.map {
            Line(
                now: $0.now, key: $0.key.text, outcome: $0.outcome.rawValue, reason: $0.reason?.rawValue ?? "",
                due: $0.due)
        }.sorted()
    }
}
