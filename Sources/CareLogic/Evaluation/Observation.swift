import CareValues
import Synchronization

/// What has been seen of the tests inside one condition: of each whether it was ever true, and ever false.
///
/// A test is what `and`, `or`, `!`, `!!` and `if` put together: a comparison, a segment, a flag. Only evaluations that
/// reach a test count; one that is missing was not true, and counts as false.
package struct ConditionObservation: Sendable, Hashable {
    /// How many tests of one condition are watched; any after them are not.
    package static let maximumTests = 63
    /// Bit n: the test at position n was true.
    package var wasTrue: UInt64
    /// Bit n: the test at position n was false or missing.
    package var wasFalse: UInt64
}

extension Expression {
    /// Watches the tests of this condition from now on, whenever it is asked whether it is true.
    package func startObserving() {
        program.wasTrue.bitwiseOr(Program.isObserved, ordering: .relaxed)
    }

    /// Whether its tests are watched.
    var isObserved: Bool { program.wasTrue.load(ordering: .relaxed) & Program.isObserved != 0 }

    /// What was seen so far.
    package var observation: ConditionObservation {
        ConditionObservation(
            wasTrue: program.wasTrue.load(ordering: .relaxed) & ~Program.isObserved,
            wasFalse: program.wasFalse.load(ordering: .relaxed))
    }

    func observe(_ context: EvaluationContext) {
        var walk = TestWalk(evaluator: Evaluator(program: program, context: context))
        walk.visit(program.root, isReached: true)
    }
}

/// Goes through a condition in the order of its evaluation and counts its tests.
private struct TestWalk {
    let evaluator: Evaluator
    /// The position of the next test.
    var position = 0

    /// - Parameter isReached: whether the evaluation gets here; tests it passes over are counted, not noted.
    /// - Returns: whether the part is true; nil: missing, in error, or not reached.
    @discardableResult
    mutating func visit(_ index: Int, isReached: Bool) -> Bool? {
        let program = evaluator.program
        let instruction = program.instructions[index]
        switch instruction.code {
        case .constant:
            break
        case .and, .or:
            var goesOn = isReached
            for operand in 0..<Int(instruction.b) {
                let truth = visit(program.operand(instruction, operand), isReached: goesOn)
                if truth == (instruction.code == .or) { goesOn = false }
            }
        case .not, .truth:
            visit(program.operand(instruction, 0), isReached: isReached)
        case .conditional:
            var goesOn = isReached
            for operand in stride(from: 0, to: Int(instruction.b), by: 2) {
                guard operand + 1 < Int(instruction.b) else {
                    visit(program.operand(instruction, operand), isReached: goesOn)
                    break
                }
                let isTaken = visit(program.operand(instruction, operand), isReached: goesOn) ?? false
                visit(program.operand(instruction, operand + 1), isReached: goesOn && isTaken)
                if isTaken { goesOn = false }
            }
        default:
            defer { position += 1 }
            guard isReached, position < ConditionObservation.maximumTests,
                let truth = try? evaluator.evaluate(index).value.truth ?? false
            else { break }
            if truth {
                program.wasTrue.bitwiseOr(1 << UInt64(position), ordering: .relaxed)
            } else {
                program.wasFalse.bitwiseOr(1 << UInt64(position), ordering: .relaxed)
            }
        }
        guard isReached else { return nil }
        return (try? evaluator.evaluate(index))?.value.truth
    }
}
