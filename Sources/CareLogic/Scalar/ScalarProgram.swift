import CareValues

/// The conditions of a rule set for one customer at a time: the same program as ``BatchProgram``, as steps with ways on.
///
/// It says whether a condition is true; until when, and why, ``Expression/isTrue(_:)`` and ``Expression/explain(_:showsPII:)``
/// say of the same condition. Evaluating allocates nothing.
///
/// A condition that meets what cannot be evaluated must fail exactly where its own order of operands says so, while steps
/// go cheapest first. So what can fail is asked before the first step, and if it does, the condition is walked as it is
/// written.
public struct ScalarProgram: Sendable {
    /// The conditions, in the order of their answers.
    public let conditions: [Expression]
    let schema: Schema
    let steps: [ScalarStep]
    let slots: [ScalarSlot]
    let dictionaries: [ScalarDictionary]
    let tables: [UInt8]
    let scalars: [ScalarPart]
    let registers: Int
    let plans: [Plan]

    /// How one condition is evaluated.
    struct Plan: Sendable {
        /// The first step, or an answer; nil: it is walked.
        var start: Int32?
        /// Slots of traits that can fail though no limit was met yet.
        var eagerSlots: [Int32] = []
        /// The parts without a column form: each can fail.
        var scalars: [Int32] = []
    }

    /// The conditions of `program` for one customer at a time.
    public init(_ program: BatchProgram) {
        var emitter = ScalarEmitter(program)
        let plan = program.schema.plan
        plans = program.roots.indices.map { index in
            // Also those that no step reads, because the rest decides.
            let failing = program.columnsOfRoot[index].filter { column in
                guard case .trait(let trait) = program.columns[column].source else { return false }
                return switch plan.slots[trait] {
                case .list, .listMeasures, nil: true
                default: false
                }
            }
            return Plan(
                start: emitter.condition(program.roots[index]),
                eagerSlots: failing.sorted().map { emitter.slot($0, .value) },
                scalars: program.scalarsOfRoot[index].map(Int32.init))
        }
        conditions = program.conditions
        schema = program.schema
        steps = emitter.steps
        slots = emitter.slots
        dictionaries = emitter.dictionaries
        tables = emitter.tables
        scalars = program.scalars
        registers = emitter.registers
    }

    /// How many steps there are.
    public var stepCount: Int { steps.count }

    /// Whether a condition is true of a customer; missing is not.
    ///
    /// - Parameter frame: of this program; one that was used for another customer or instant must be
    ///   ``ScalarFrame/reset()`` before.
    /// - Throws: ``LogicError`` as ``Expression/isTrue(_:)`` does.
    public func isTrue(
        _ condition: Int, _ context: EvaluationContext, _ frame: inout ScalarFrame
    ) throws(LogicError) -> Bool {
        if let answer = answer(condition, context, frame.storage) { return answer }
        return try conditions[condition].isTrue(context).isTrue
    }

    /// The same of one condition alone, in a frame on the stack.
    public func isTrue(_ condition: Int, _ context: EvaluationContext) throws(LogicError) -> Bool {
        let answer: Bool? = withUnsafeTemporaryAllocation(
            of: Double.self, capacity: max(1, slots.count + registers)
        ) { numbers in
            withUnsafeTemporaryAllocation(of: WordTable.Truth?.self, capacity: max(1, scalars.count)) { truths in
                withUnsafeTemporaryAllocation(of: CivilDate?.self, capacity: 1) { today in
                    guard let values = numbers.baseAddress, let truths = truths.baseAddress,
                        let today = today.baseAddress
                    else { return nil }
                    values.initialize(repeating: ScalarRun.unasked, count: slots.count + registers)
                    truths.initialize(repeating: nil, count: scalars.count)
                    today.initialize(to: nil)
                    let storage = ScalarFrame.Storage(
                        values: values, registers: values + slots.count, truths: truths, today: today,
                        valueCount: slots.count, truthCount: scalars.count)
                    return self.answer(condition, context, storage)
                }
            }
        }
        if let answer { return answer }
        return try conditions[condition].isTrue(context).isTrue
    }

    /// nil: the condition is to be walked.
    @inline(__always)
    private func answer(_ condition: Int, _ context: EvaluationContext, _ frame: ScalarFrame.Storage) -> Bool? {
        guard let start = plans[condition].start, context.cache.overflows.isEmpty else { return nil }
        let run = ScalarRun(program: self, context: context, frame: frame)
        return run.prepare(condition) ? run.walk(from: start) : nil
    }
}

/// The room in which one thread evaluates a ``ScalarProgram``, with what is known of one customer at one instant.
public struct ScalarFrame: ~Copyable {
    /// Values that are not NaN, and NaN for missing; what was not asked for yet has a NaN of its own.
    struct Storage {
        var values: UnsafeMutablePointer<Double>
        var registers: UnsafeMutablePointer<Double>
        var truths: UnsafeMutablePointer<WordTable.Truth?>
        var today: UnsafeMutablePointer<CivilDate?>
        var valueCount: Int
        var truthCount: Int
    }

    // Safety: allocated in `init`, freed in `deinit`, never handed out.
    let storage: Storage

    /// Room for `program`.
    public init(for program: borrowing ScalarProgram) {
        let (values, truths) = (program.slots.count, program.scalars.count)
        storage = Storage(
            values: .allocate(capacity: max(1, values)), registers: .allocate(capacity: max(1, program.registers)),
            truths: .allocate(capacity: max(1, truths)), today: .allocate(capacity: 1), valueCount: values,
            truthCount: truths)
        storage.registers.initialize(repeating: 0, count: max(1, program.registers))
        storage.values.initialize(repeating: ScalarRun.unasked, count: max(1, values))
        storage.truths.initialize(repeating: nil, count: max(1, truths))
        storage.today.initialize(to: nil)
    }

    deinit {
        storage.values.deallocate()
        storage.registers.deallocate()
        storage.truths.deallocate()
        storage.today.deallocate()
    }

    /// Forgets the customer.
    public mutating func reset() {
        storage.values.update(repeating: ScalarRun.unasked, count: storage.valueCount)
        storage.truths.update(repeating: nil, count: storage.truthCount)
        storage.today.pointee = nil
    }
}
