import CareDecisions
import CareLogic
import CareStore
import CareValues

/// Passes over customers at whom no edited campaign looks, under the old rules or the new, a block at a time.
struct DiffSieve: ~Copyable {
    /// A row that must be compared.
    struct Row {
        var id: String
        var wakeUp: Timestamp?
        var epoch: Int64
        /// Where its bytes lie in the block's.
        var bytes: Range<Int>
        var asOf: Timestamp
        var decided: [DecidedOccurrence]
        var places: [(zone: Zone, isOwn: Bool)]
    }

    /// One side's edited campaigns, and the columns they are told by.
    private struct Side: ~Copyable {
        let sieve: PeriodSieve
        let decider: Decider
        var builder: ColumnBuilder
        var answers: PeriodAnswers
        var place: (zone: Zone, isOwn: Bool)
        /// Asked of nobody: who does not match is the same under both sides.
        private var notMatching: [Int]

        init(_ edited: Decider, from: Timestamp, until: Timestamp) {
            sieve = PeriodSieve(edited, from: from, until: until)
            decider = edited
            builder = ColumnBuilder(for: sieve.program, now: from)
            answers = sieve.answers()
            place = (edited.active.projectZone, false)
            notMatching = edited.active.rules.campaigns.map { _ in 0 }
        }

        mutating func append(_ cache: UnsafeRawBufferPointer) throws -> Bool {
            var place = self.place
            // The builder asks for a zone only where it is another than the last row's, whatever became of that row.
            defer { self.place = place }
            let decider = self.decider
            return try builder.append(
                stored: cache,
                zone: {
                    place = decider.active.zone(named: $0)
                    return place.zone
                })
        }

        /// Whether an activation has not come to a row of that epoch, and what has become due since is unknown to it.
        func isBehind(_ epoch: Int64, at from: Timestamp) -> Bool {
            epoch < decider.active.epoch && decider.active.activatedAt < from
        }

        mutating func evaluate() { answers.ask(builder.block()) }

        mutating func rulesOut(_ row: Row, _ place: (zone: Zone, isOwn: Bool), at position: Int) -> Bool {
            let asOf = row.epoch < decider.active.epoch ? max(row.asOf, decider.active.activatedAt) : row.asOf
            return sieve.rulesOut(
                at: position, answers, place.zone, isOwn: place.isOwn, asOf: asOf, decided: row.decided, cache: nil,
                notMatching: &notMatching)
        }
    }

    private let from: Timestamp
    /// The oldest epoch whose rows are one activation behind at most.
    private let epoch: Int64
    private var old: Side
    private var new: Side
    private var rows: [Row] = []
    private var arena: [UInt8] = []

    /// The sieve of the edited campaigns of two rule sets.
    ///
    /// - Precondition: both have the same layout of facts.
    init(old: Decider, new: Decider, from: Timestamp, until: Timestamp) {
        self.from = from
        epoch = max(old.active.epoch, new.active.epoch) - 1
        self.old = Side(old, from: from, until: until)
        self.new = Side(new, from: from, until: until)
    }

    /// Takes a row into the block if columns can tell something of it.
    ///
    /// - Returns: false: the row is to be compared at once.
    mutating func take(
        id: String, wakeUp: Timestamp?, epoch: Int64, bytes: UnsafeRawBufferPointer
    ) throws -> Bool {
        guard epoch >= self.epoch, !old.isBehind(epoch, at: from), !new.isBehind(epoch, at: from),
            wakeUp.map({ $0 > from }) ?? true
        else { return false }
        let glance = try RowCodec.glance(at: bytes)
        guard glance.isQuiet, try old.append(glance.cache) else { return false }
        do {
            guard try new.append(glance.cache) else { throw EngineError.unreadableRow }
        } catch {
            // Both blocks hold the same rows.
            old.builder.removeLast()
            throw error
        }
        let start = arena.count
        arena.append(contentsOf: bytes)
        rows.append(
            Row(
                id: id, wakeUp: wakeUp, epoch: epoch, bytes: start..<arena.count, asOf: glance.asOf,
                decided: glance.decided, places: [old.place, new.place]))
        return true
    }

    var isFull: Bool { old.builder.isFull }

    /// Hands out those of the block who cannot be ruled out.
    mutating func flush(_ compare: (Row, UnsafeRawBufferPointer) throws -> Void) throws {
        guard !rows.isEmpty else { return }
        old.evaluate()
        new.evaluate()
        try arena.withUnsafeBytes { arena in
            for (position, row) in rows.enumerated() {
                if old.rulesOut(row, row.places[0], at: position),
                    new.rulesOut(row, row.places[1], at: position)
                {
                    continue
                }
                try compare(row, UnsafeRawBufferPointer(rebasing: arena[row.bytes]))
            }
        }
        rows.removeAll(keepingCapacity: true)
        arena.removeAll(keepingCapacity: true)
    }
}
