import CareDecisions
import CareLogic
import CareStore
import CareValues

/// Passes over customers whom nothing can fall due for in a plan, a block at a time; the others are told to decide.
///
/// Of a row only the columns that the triggers ask for are read; no object is made.
struct SievedScan: ~Copyable {
    /// A row that must be decided.
    struct Row {
        var id: String
        var wakeUp: Timestamp?
        var epoch: Int64
        /// Where its bytes lie in the block's.
        var bytes: Range<Int>
    }

    private let sieve: PeriodSieve
    private let rules: ActiveRules
    private let from: Timestamp
    private var builder: ColumnBuilder
    private var scratch: BatchScratch
    private var rows: [Row] = []
    private var arena: [UInt8] = []
    /// How many customers were passed over.
    private(set) var passedOver = 0

    init(_ sieve: PeriodSieve, rules: ActiveRules, from: Timestamp) {
        self.sieve = sieve
        self.rules = rules
        self.from = from
        builder = ColumnBuilder(for: sieve.program, now: from)
        scratch = BatchScratch(for: sieve.program)
    }

    /// Takes a row into the block if columns may rule it out.
    ///
    /// - Returns: false: the row is to be decided at once.
    mutating func take(
        id: String, wakeUp: Timestamp?, epoch: Int64, bytes: UnsafeRawBufferPointer
    ) throws -> Bool {
        // What is due before the activation is decided under the old rules, and a row more than one epoch behind under
        // several.
        guard epoch >= rules.epoch - 1, wakeUp.map({ $0 > from }) ?? true else { return false }
        let (isQuiet, cache) = try RowCodec.glance(at: bytes)
        guard isQuiet, try builder.append(stored: cache, zone: { rules.zone(named: $0) }) else { return false }
        let start = arena.count
        arena.append(contentsOf: bytes)
        rows.append(Row(id: id, wakeUp: wakeUp, epoch: epoch, bytes: start..<arena.count))
        return true
    }

    var isFull: Bool { builder.isFull }

    /// Hands out those of the block who cannot be ruled out.
    mutating func flush(_ decide: (Row, UnsafeRawBufferPointer) throws -> Void) throws {
        guard !rows.isEmpty else { return }
        sieve.program.evaluate(builder.block(), &scratch) { _ in nil }
        try arena.withUnsafeBytes { arena in
            for (position, row) in rows.enumerated() {
                if sieve.program.answer(0, at: position, scratch) {
                    passedOver += 1
                } else {
                    try decide(row, UnsafeRawBufferPointer(rebasing: arena[row.bytes]))
                }
            }
        }
        rows.removeAll(keepingCapacity: true)
        arena.removeAll(keepingCapacity: true)
    }
}
