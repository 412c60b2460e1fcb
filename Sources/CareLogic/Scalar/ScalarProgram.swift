import CareValues

/// The conditions of a rule set for one customer at a time: the same program as ``BatchProgram``, as steps with ways on.
///
/// It says whether a condition is true; until when, and why, ``Expression/isTrue(_:)`` and ``Expression/explain(_:showsPII:)``
/// say of the same condition. Evaluating allocates nothing.
///
/// A condition that meets what cannot be evaluated must fail exactly where its own order of operands says so, while steps
/// go cheapest first. So what can fail is asked before the first step, and if it does, the condition is walked as it is
/// written.
public final class ScalarProgram: @unchecked Sendable {
    // Safety: everything is written in `init` and only read after it; the pointers are freed in `deinit`. Pointers, not
    // arrays, so that an evaluation counts no references.

    /// The conditions, in the order of their answers.
    public let conditions: [Expression]
    let schema: Schema
    /// How many steps there are.
    public let stepCount: Int
    let steps: UnsafeMutablePointer<ScalarStep>
    let slots: UnsafeMutablePointer<ScalarSlot>
    let slotCount: Int
    let tables: UnsafeMutablePointer<UInt8>
    /// What can fail, see ``Plan``.
    let failing: UnsafeMutablePointer<Int32>
    let plans: UnsafeMutablePointer<Plan>
    let dictionaries: [ScalarDictionary]
    let scalars: [ScalarPart]
    let registers: Int

    /// How one condition is evaluated; trivial.
    struct Plan {
        /// The first step, or an answer.
        var start: Int32
        /// Whether it is walked.
        var isWalked: Bool
        /// Where the slots of traits that can fail though no limit was met yet lie among what can fail, and after them
        /// the parts without a column form.
        var first: Int32
        var slots: Int32
        var scalars: Int32
    }

    /// The conditions of `program` for one customer at a time.
    public init(_ program: BatchProgram) {
        var emitter = ScalarEmitter(program)
        let places = program.schema.plan.slots
        var failing: [Int32] = []
        let plans = program.roots.indices.map { index in
            // Also those that no step reads, because the rest decides.
            let columns = program.columnsOfRoot[index].filter { column in
                guard case .trait(let trait) = program.columns[column].source else { return false }
                return switch places[trait] {
                case .list, .listMeasures, nil: true
                default: false
                }
            }
            let start = emitter.condition(program.roots[index])
            let first = failing.count
            failing += columns.sorted().map { emitter.slot($0, .value) }
            failing += program.scalarsOfRoot[index].map(Int32.init)
            return Plan(
                start: start ?? 0, isWalked: start == nil, first: Int32(first), slots: Int32(columns.count),
                scalars: Int32(program.scalarsOfRoot[index].count))
        }
        func kept<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
            let place = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
            place.initialize(from: values, count: values.count)
            return place
        }
        conditions = program.conditions
        schema = program.schema
        stepCount = emitter.steps.count
        steps = kept(emitter.steps)
        slots = kept(emitter.slots)
        slotCount = emitter.slots.count
        tables = kept(emitter.tables)
        self.failing = kept(failing)
        self.plans = kept(plans)
        dictionaries = emitter.dictionaries
        scalars = program.scalars
        registers = emitter.registers
    }

    deinit {
        // All of it is trivial.
        steps.deallocate()
        slots.deallocate()
        tables.deallocate()
        failing.deallocate()
        plans.deallocate()
    }

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

    /// The same of one condition alone, in a frame on the stack; a condition that rule tests watch is walked.
    public func isTrue(_ condition: Int, _ context: EvaluationContext) throws(LogicError) -> Bool {
        if conditions[condition].isObserved { return try conditions[condition].isTrue(context).isTrue }
        let answer: Bool? = withUnsafeTemporaryAllocation(
            of: Double.self, capacity: max(1, slotCount + registers)
        ) { numbers in
            withUnsafeTemporaryAllocation(of: WordTable.Truth?.self, capacity: max(1, scalars.count)) { truths in
                withUnsafeTemporaryAllocation(of: CivilDate?.self, capacity: 1) { today in
                    guard let values = numbers.baseAddress, let truths = truths.baseAddress,
                        let today = today.baseAddress
                    else { return nil }
                    values.initialize(repeating: ScalarProgram.unasked, count: slotCount + registers)
                    truths.initialize(repeating: nil, count: scalars.count)
                    today.initialize(to: nil)
                    let storage = ScalarFrame.Storage(
                        values: values, registers: values + slotCount, truths: truths, today: today,
                        valueCount: slotCount, truthCount: scalars.count)
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
        precondition(condition >= 0 && condition < conditions.count, "no such condition")
        let plan = plans[condition]
        if plan.isWalked || !context.cache.overflows.isEmpty { return nil }
        if plan.slots + plan.scalars > 0, !prepare(plan, context, frame) { return nil }
        return walk(from: plan.start, context, frame)
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
        let (values, truths) = (program.slotCount, program.scalars.count)
        storage = Storage(
            values: .allocate(capacity: max(1, values)), registers: .allocate(capacity: max(1, program.registers)),
            truths: .allocate(capacity: max(1, truths)), today: .allocate(capacity: 1), valueCount: values,
            truthCount: truths)
        storage.registers.initialize(repeating: 0, count: max(1, program.registers))
        storage.values.initialize(repeating: ScalarProgram.unasked, count: max(1, values))
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
        storage.values.update(repeating: ScalarProgram.unasked, count: storage.valueCount)
        storage.truths.update(repeating: nil, count: storage.truthCount)
        storage.today.pointee = nil
    }
}
