import CareDecisions
import CareLogic
import CareStore
import CareThreads
import CareValues

/// Decides about customers on a thread of its own, a run at a time, while the caller's thread reads and writes them.
///
/// Only what needs no store is done there. Everything else comes back untouched, to be done where the store is.
final class Preparer: Sendable {
    /// One customer as stored, and what is to happen.
    struct Job: Sendable {
        enum Work: Sendable {
            /// A request of one fact, not stored so far as anybody knows.
            case receive(Fact, at: Timestamp, advancesFirst: Bool)
            /// History, stored already.
            case absorb([Fact], asOf: Timestamp)
        }
        var id: String
        /// Of the newest epoch; nil: nobody has heard of the customer.
        var before: StoredCustomer?
        var work: Work
        /// Where whoever handed it over looks for what became of it; nil: nowhere.
        var place: Int?
    }

    /// What became of a job.
    enum Answer: Sendable {
        /// The customer afterwards; of a request, its fact as it is to be stored.
        case prepared(PreparedCustomer, Fact?)
        /// The store must be asked: a late event, or a row whose cache is to be rebuilt.
        case needsStore
    }

    private struct State {
        var jobs: [Job]?
        var decider: Decider?
        var answers: [Answer]?
        var isEnded = false
    }
    private let state = Monitor(State())

    /// Begins; nil: the system has no thread left.
    func start() -> Worker? {
        Worker { [self] in
            while let (jobs, decider) = nextRun() {
                let answers = jobs.map { Self.answer(to: $0, decider) }
                state.update { $0.answers = answers }
            }
        }
    }

    /// Gives it a run; the one before must have been collected.
    func submit(_ jobs: [Job], _ decider: Decider) {
        state.update {
            $0.jobs = jobs
            $0.decider = decider
        }
    }

    /// The answers to the run submitted, in its order, as soon as they are there.
    func collect() -> [Answer] {
        state.wait(milliseconds: nil) { $0.answers.take() } ?? []
    }

    /// Ends the thread; a run under way is finished first.
    func end() {
        state.update { $0.isEnded = true }
    }

    private func nextRun() -> ([Job], Decider)? {
        let run = state.wait(milliseconds: nil) { state -> ([Job], Decider)?? in
            if let jobs = state.jobs.take(), let decider = state.decider { return (jobs, decider) }
            return state.isEnded ? .some(nil) : nil
        }
        return run ?? nil
    }

    private static func answer(to job: Job, _ decider: Decider) -> Answer {
        var loaded: LoadedCustomer?
        if let before = job.before {
            guard let plain = before.plain(decider) else { return .needsStore }
            loaded = plain
        }
        switch job.work {
        case .absorb(let facts, let asOf):
            return .prepared(
                decider.absorbed(facts, id: job.id, asOf: asOf, loaded: loaded.take(), before: job.before), nil)
        case .receive(let fact, let receivedAt, let advancesFirst):
            let at = decider.receivedAt(receivedAt, row: loaded?.row, advancesFirst: advancesFirst)
            let fact = fact.received(at: at)
            if case .event(let event) = fact, let newest = loaded?.row.cache.newestEventTime, event.time < newest {
                return .needsStore
            }
            let prepared = decider.received(
                [fact], id: job.id, at: at, loaded: loaded.take(), before: job.before, laterEvents: [],
                advancesFirst: advancesFirst)
            return .prepared(prepared, fact)
        }
    }
}

extension StoredCustomer {
    /// The row decoded, when that is all there is to do: it is of the rules of `decider` and has its cache.
    fileprivate func plain(_ decider: Decider) -> LoadedCustomer? {
        guard epoch == decider.active.epoch,
            let (row, hasCache) = try? row.withUnsafeBytes({
                try RowCodec.decode($0, customer: id, schema: decider.active.rules.schema)
            }), hasCache
        else { return nil }
        var outcome = TouchOutcome()
        outcome.wakeUp = wakeUp
        return LoadedCustomer(row: row, outcome: outcome, isBroughtUp: false)
    }
}
