import CareThreads
import CareTransport
import CareValues

/// An attempt that has ended and is not recorded yet.
struct EndedAttempt: Sendable {
    var job: Job
    var place: Int
    /// As ``DestinationGate/began()`` gave it.
    var probe: Int?
    /// When it began, of the real clock.
    var startedAt: Timestamp
    var result: AttemptResult
    var milliseconds: Int64
}

/// Where the two network sides of one run meet: the quick one, and the slow one to which destinations are moved that
/// hang, so that thousands of silent connections cost the others neither a place nor time.
final class Sides: Sendable {
    /// Which side.
    enum Side: Int, Sendable {
        case quick
        case slow

        var other: Side { self == .quick ? .slow : .quick }
    }

    /// What one side leaves to the other.
    enum Mail: Sendable {
        /// A destination with what is claimed for it.
        case lane(DestinationLane, place: Int)
        /// An attempt of a destination that has been moved while it was under way.
        case ended(EndedAttempt)
        /// One for which the system had no descriptor: no attempt was made.
        case gaveUp(Job, place: Int, probe: Int?, reason: String)
    }

    private struct State {
        var mail: [[Mail]] = [[], []]
        var wakers: [Waker?] = [nil, nil]
        var idle = [false, false]
        var closed = [false, false]
        var isFinished = false
        var failure: (any Error)?
    }

    private let state = Lock(State())

    /// `waker` ends the wait of that side's loop.
    func open(_ side: Side, _ waker: Waker) {
        state.withLock { $0.wakers[side.rawValue] = waker }
    }

    /// Leaves something to the other side; false: it takes nothing any more.
    func post(_ mail: Mail, to side: Side) -> Bool {
        let (isTaken, waker) = state.withLock { state -> (Bool, Waker?) in
            guard !state.closed[side.rawValue] else { return (false, nil) }
            state.mail[side.rawValue].append(mail)
            return (true, state.wakers[side.rawValue])
        }
        waker?.wake()
        return isTaken
    }

    /// What was left for a side, in order.
    func takeMail(_ side: Side) -> [Mail] {
        state.withLock { state in
            guard !state.mail[side.rawValue].isEmpty else { return [] }
            defer { state.mail[side.rawValue] = [] }
            state.idle[side.rawValue] = false
            return state.mail[side.rawValue]
        }
    }

    /// Says whether a side has nothing to do now; whether it may end, because neither has.
    func setIdle(_ side: Side, _ isIdle: Bool) -> Bool {
        let (isFinished, waker) = state.withLock { state -> (Bool, Waker?) in
            state.idle[side.rawValue] = isIdle
            if state.idle == [true, true], state.mail.allSatisfy(\.isEmpty), !state.isFinished {
                state.isFinished = true
                // The other may have found something since: it keeps that to itself.
                state.closed = [true, true]
                return (true, state.wakers[side.other.rawValue])
            }
            return (state.isFinished, nil)
        }
        waker?.wake()
        return isFinished && isIdle
    }

    /// A side ends, unless something was left for it; true: it has ended.
    func close(_ side: Side) -> Bool {
        state.withLock { state in
            guard state.mail[side.rawValue].isEmpty else { return false }
            state.closed[side.rawValue] = true
            return true
        }
    }

    /// A side cannot go on: the other one is to end too.
    func fail(_ side: Side, _ error: any Error) {
        let waker = state.withLock { state in
            state.failure = state.failure ?? error
            state.closed[side.rawValue] = true
            return state.wakers[side.other.rawValue]
        }
        waker?.wake()
    }

    /// Why a side could not go on.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Ends the waits of both sides.
    func wake() {
        for waker in state.withLock({ $0.wakers }) { waker?.wake() }
    }
}
