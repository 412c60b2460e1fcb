import CareValues

/// The room that one thread needs to run a ``BatchProgram``, and what it has counted.
public struct BatchScratch: ~Copyable {
    /// For how many customers each condition was true, by condition, over all blocks since the last ``reset()``.
    public internal(set) var hits: [Int]
    /// For how many customers each condition could not be evaluated.
    public internal(set) var failures: [Int]
    /// For how many customers each step of the program was true, by its number in ``BatchProgram/text``; empty unless
    /// asked for.
    public internal(set) var stepHits: [Int]
    /// Customers of the last blocks.
    public internal(set) var customers = 0
    /// How many customers were asked of the scalar form, because the columns could not tell.
    public internal(set) var scalarEvaluations = 0

    let countsSteps: Bool
    var masks: [UInt8]
    var spare: [UInt8]
    /// One register of ``ColumnBlock/capacity`` for each number.
    var numbers: [Double]
    /// By scalar part: what it says of each customer of the block.
    var scalars: [[UInt8]]
    /// By scalar part: the customers of the block whom it cannot be evaluated for.
    var scalarFailures: [[Int]]
    /// By mask, then by zone of `clock`: what the clock has fixed.
    var clockSets: [[ValueSet]]
    /// By mask: what a leaf takes, in codes.
    var leaves: [BatchLeaf]
    /// By mask: all ranges of a leaf's codes.
    var leafRanges: [[ClosedRange<UInt32>]]
    var clock: (now: Timestamp, zones: [Zone])?
    /// Which scalar parts the block has been asked about.
    var isAsked: [Bool]
    /// By mask: the codes of a text leaf, with the state of the dictionary they are for.
    var textSets: [Int: TextCodes] = [:]

    struct TextCodes {
        var identity: TextDictionary.Identity
        /// How many texts the dictionary had.
        var count: Int
        /// The texts by position of which the leaf is true.
        var set: ValueSet
        /// The texts of which it cannot be evaluated.
        var failing: ValueSet
    }

    /// Room for one thread.
    ///
    /// - Parameter countsSteps: whether ``stepHits`` are counted, which costs about a tenth.
    public init(for program: BatchProgram, countsSteps: Bool = false) {
        let capacity = ColumnBlock.capacity
        hits = Array(repeating: 0, count: program.conditions.count)
        failures = hits
        self.countsSteps = countsSteps
        stepHits = countsSteps ? Array(repeating: 0, count: program.masks.count) : []
        masks = Array(repeating: 0, count: program.schedule.placeCount * capacity)
        spare = Array(repeating: 0, count: capacity)
        numbers = Array(repeating: 0, count: program.numbers.count * capacity)
        for (index, node) in program.numbers.enumerated() {
            guard case .constant(let value) = node else { continue }
            for lane in 0..<capacity { numbers[index * capacity + lane] = value }
        }
        clockSets = Array(repeating: [], count: program.masks.count)
        leaves = Array(repeating: BatchLeaf(), count: program.masks.count)
        leafRanges = Array(repeating: [], count: program.masks.count)
        isAsked = Array(repeating: false, count: program.scalars.count)
        scalars = Array(repeating: [], count: program.scalars.count)
        scalarFailures = Array(repeating: [], count: program.scalars.count)
    }

    /// Forgets what was counted.
    public mutating func reset() {
        for index in hits.indices { hits[index] = 0 }
        for index in failures.indices { failures[index] = 0 }
        for index in stepHits.indices { stepHits[index] = 0 }
        customers = 0
        scalarEvaluations = 0
    }
}
