import CareThreads
import CareValues
import Testing

@testable import CareConsole

/// What is computed beside requests.
@Suite struct BoardTests {
    /// A gate that computations wait at.
    final class Gate: Sendable {
        let state = Monitor((open: 0, running: 0, most: 0))
        func pass() {
            state.update {
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
            _ = state.wait(milliseconds: nil) { state -> Bool? in
                guard state.open > 0 else { return nil }
                state.open -= 1
                state.running -= 1
                return true
            }
        }
        func open(_ count: Int) { state.update { $0.open += count } }
    }

    private let instant = Timestamp(milliseconds: 0)

    @Test func `boards compute one after another, whatever the key, and never too many wait`() throws {
        let gate = Gate()
        let queue = BoardQueue(most: 2)
        let made = Monitor<[Int]>([])
        let board = Board<Int, Int>(now: { Timestamp(milliseconds: 0) }, queue: queue, patience: 0) { key in
            gate.pass()
            made.update { $0.append(key) }
            return key
        }
        // The first runs, two wait, and the fourth is not taken.
        guard case .underWay = board.state(0, epoch: 1) else { throw Failure("0 is under way") }
        _ = gate.state.wait(milliseconds: 60_000) { $0.running == 1 ? true : nil }
        for key in 1...3 {
            guard case .underWay = board.state(key, epoch: 1) else { throw Failure("\(key) is under way") }
        }
        gate.open(4)
        #expect(made.wait(milliseconds: 60_000) { $0.count == 3 ? $0 : nil } == [0, 1, 2])
        let patient = Board<Int, Int>(now: { Timestamp(milliseconds: 0) }, queue: queue, patience: 60_000) { $0 }
        guard case .ready(9) = patient.state(9, epoch: 1) else { throw Failure("9 comes after the others") }
        #expect(made.update { $0 } == [0, 1, 2])
        #expect(gate.state.update { $0.most } == 1)
    }

    @Test func `what is forgotten is computed anew once, and not again while it is under way`() throws {
        let count = Lock(0)
        let board = Board<Int, Int>(now: { Timestamp(milliseconds: 0) }, queue: BoardQueue(), patience: 60_000) { _ in
            count.withLock {
                $0 += 1
                return $0
            }
        }
        guard case .ready(1) = board.state(7, epoch: 1) else { throw Failure("the first") }
        guard case .ready(1) = board.state(7, epoch: 1) else { throw Failure("still fresh") }
        board.forget(7)
        guard case .ready(2) = board.state(7, epoch: 1) else { throw Failure("computed anew") }
        guard case .ready(2) = board.state(7, epoch: 1) else { throw Failure("once") }
        guard case .ready(3) = board.state(7, epoch: 2) else { throw Failure("another epoch") }
    }

    struct Failure: Error {
        init(_ text: Comment) { Issue.record(text) }
    }

    @Test(arguments: [
        (nil, 14), ("14", 14), ("7", 7), ("90", 90), ("8", 14), ("2147483647", 14), ("-1", 14), ("x", 14),
    ])
    func `a plan has one of the lengths that there are`(text: String?, days: Int) {
        #expect(PlanModel.length(text) == days)
    }
}
