import CareThreads

/// A few threads for what blocks: reading the store, hashing a password, making a plan.
///
/// What serves many clients must not wait for any of it. What may wait for a thread is bounded; a plan never takes the
/// threads that quick questions need.
public final class WorkPool: Sendable {
    /// How long a piece of work takes.
    public enum Lane: Int, Sendable, CaseIterable {
        /// Milliseconds: most questions.
        case quick
        /// Seconds: plans, comparisons, exports.
        case heavy
        /// A tenth of a second to some seconds, and not to wait for plans: passwords, erasing, trials of destinations.
        case deed
    }

    private struct Queue {
        var jobs: [@Sendable () -> Void] = []
        var isEnded = false
    }

    /// The code of the problem when too much waits.
    static let overloaded = "overloaded"

    private static let threads = [4, 2, 2]
    private static let most = [512, 16, 64]

    private let queues: [Monitor<Queue>]
    private let workers: [Worker]

    /// A pool with its threads running.
    public init() {
        let queues = Lane.allCases.map { _ in Monitor(Queue()) }
        var workers: [Worker] = []
        for lane in Lane.allCases {
            let queue = queues[lane.rawValue]
            for _ in 0..<Self.threads[lane.rawValue] {
                let worker = Worker {
                    while let job = Self.next(queue) { job() }
                }
                if let worker { workers.append(worker) }
            }
        }
        self.queues = queues
        self.workers = workers
    }

    private static func next(_ queue: Monitor<Queue>) -> (@Sendable () -> Void)? {
        let job = queue.wait(milliseconds: nil) { queue -> (@Sendable () -> Void)?? in
            if !queue.jobs.isEmpty { return .some(queue.jobs.removeFirst()) }
            return queue.isEnded ? .some(nil) : nil
        }
        return job ?? nil
    }

    /// Runs `body` on a thread of the pool.
    ///
    /// - Throws: what `body` throws; a ``Problem`` of status 503 when too much waits.
    public func run<Answer: Sendable>(
        _ lane: Lane = .quick, _ body: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = queues[lane.rawValue].update { queue in
                guard !queue.isEnded, queue.jobs.count < Self.most[lane.rawValue] else { return false }
                queue.jobs.append { continuation.resume(with: Result { try body() }) }
                return true
            }
            if !isTaken {
                continuation.resume(
                    throwing: Problem(503, Self.overloaded, "too much is asked for at once", retryAfterSeconds: 2))
            }
        }
    }

    /// Ends the threads once what waits is done.
    public func end() {
        for queue in queues { queue.update { $0.isEnded = true } }
        for worker in workers { worker.join() }
    }
}
