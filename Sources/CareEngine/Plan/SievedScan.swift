import CareDecisions
import CareLogic
import CareStore
import CareValues

/// Passes over customers whom nothing can fall due for in a plan, a block at a time; the others are told to decide.
///
/// Of a row only the columns that the triggers and conditions ask for are read; no object is made.
struct SievedScan: ~Copyable {
    /// A row that must be decided.
    struct Row {
        var id: String
        var wakeUp: Timestamp?
        var epoch: Int64
        /// Where its bytes lie in the block's.
        var bytes: Range<Int>
        /// Where its stored cache begins among them.
        var cache: Int
        /// The customer's zone, and whether it is its own.
        var zone: Zone
        var isOwnZone: Bool
        /// The customer's own clock.
        var asOf: Timestamp
        /// What was decided of it.
        var decided: [DecidedOccurrence]
        /// Whether nothing is under way for the customer.
        var isCalm: Bool
    }

    private let sieve: PeriodSieve
    private let decider: Decider
    private let from: Timestamp
    /// The ticks of the rules before, which wake nobody and are decided when a row is brought up; nil: there were none.
    private let ticksBefore: TickCalendar?
    private var builder: ColumnBuilder
    private var answers: PeriodAnswers
    private var rows: [Row] = []
    private var arena: [UInt8] = []
    private var place: (zone: Zone, isOwn: Bool)
    /// How many customers were passed over.
    private(set) var passedOver = 0
    /// By campaign: how many of its ticks and instants fell to those who do not match.
    private(set) var notMatching: [Int]

    init(_ sieve: PeriodSieve, _ decider: Decider, from: Timestamp, ticksBefore: TickCalendar?) {
        self.sieve = sieve
        self.decider = decider
        self.from = from
        self.ticksBefore = ticksBefore
        builder = ColumnBuilder(for: sieve.program, now: from)
        answers = sieve.answers()
        place = (decider.active.projectZone, false)
        notMatching = decider.active.rules.campaigns.map { _ in 0 }
    }

    /// Takes a row into the block if columns can tell something of it.
    ///
    /// - Returns: false: the row is to be decided at once.
    /// - Throws: what ``UnreadableCustomer/isCause(of:)`` knows, and the row is not in the block.
    mutating func take(
        id: String, wakeUp: Timestamp?, epoch: Int64, bytes: UnsafeRawBufferPointer
    ) throws -> Bool {
        // What is due before the activation is decided under the old rules, and a row more than one epoch behind under
        // several.
        // So is what has become due since an activation that has not come to the row: its wake-up knows nothing of it.
        let isBehind = epoch < decider.active.epoch && decider.active.activatedAt < from
        guard epoch >= decider.active.epoch - 1, !isBehind, wakeUp.map({ $0 > from }) ?? true else { return false }
        let glance = try RowCodec.glance(at: bytes)
        var place = self.place
        // The builder asks for a zone only where it is another than the last row's, whatever became of that row.
        defer { self.place = place }
        let decider = self.decider
        guard glance.isForeseeable,
            try builder.append(
                stored: glance.cache,
                zone: {
                    place = decider.active.zone(named: $0)
                    return place.zone
                })
        else { return false }
        let start = arena.count
        arena.append(contentsOf: bytes)
        rows.append(
            Row(
                id: id, wakeUp: wakeUp, epoch: epoch, bytes: start..<arena.count,
                cache: arena.count - glance.cache.count, zone: place.zone,
                isOwnZone: place.isOwn, asOf: glance.asOf, decided: glance.decided,
                isCalm: epoch == decider.active.epoch ? glance.isCalm : glance.isQuiet))
        return true
    }

    var isFull: Bool { builder.isFull }

    /// Hands out those of the block who cannot be ruled out, with what the columns say of each.
    mutating func flush(_ decide: (Row, UnsafeRawBufferPointer, PeriodLook) throws -> Void) throws {
        guard !rows.isEmpty else { return }
        answers.ask(builder.block())
        try arena.withUnsafeBytes { arena in
            for (position, row) in rows.enumerated() {
                if isRuledOut(row, at: position, arena) {
                    passedOver += 1
                } else {
                    let look = answers.look(at: position)
                    try decide(row, UnsafeRawBufferPointer(rebasing: arena[row.bytes]), look)
                }
            }
        }
        rows.removeAll(keepingCapacity: true)
        arena.removeAll(keepingCapacity: true)
    }

    /// Whether all that falls due is of campaigns that the customer does not match; it is counted then. Damage is seen only
    /// where it lies in what is read.
    private mutating func isRuledOut(_ row: Row, at position: Int, _ arena: UnsafeRawBufferPointer) -> Bool {
        guard row.isCalm else { return false }
        if row.epoch < decider.active.epoch,
            ticksBefore?.mayBeOverdue(since: row.asOf, in: row.zone, isOwn: row.isOwnZone) ?? false
        {
            return false
        }
        // What an activation does to a row that something falls due for is decided.
        let cache =
            row.epoch == decider.active.epoch
            ? UnsafeRawBufferPointer(rebasing: arena[row.cache..<row.bytes.upperBound]) : nil
        return sieve.rulesOut(
            at: position, answers, row.zone, isOwn: row.isOwnZone, asOf: max(row.asOf, asOfFloor(row)),
            decided: row.decided, cache: cache, notMatching: &notMatching)
    }

    /// An activation brings a row's clock to its own instant.
    private func asOfFloor(_ row: Row) -> Timestamp {
        row.epoch < decider.active.epoch ? decider.active.activatedAt : .distantPast
    }
}
