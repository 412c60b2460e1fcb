import CareDecisions
import CareStore
import CareThreads
import CareValues

/// Facts that somebody handed over together and waits for.
struct FactsJob: Sendable {
    var requests: [LiveRequest]
    /// How many facts there are in all.
    var count: Int
    /// Gets the answers, or why nothing was taken.
    var answer: @Sendable (Result<[[LiveAnswer]], any Error>) -> Void
}

/// Writes a group of jobs in one transaction, and answers them once it is on disk.
struct GroupWriter {
    /// What became of a group.
    struct Written {
        var summary = CustomerWriter.Summary()
        var duplicates = 0
        var transactions = 0
        /// What ends the service.
        var failure: (any Error)?
    }

    let store: any CareStore
    let clock: DecisionClock
    let rules: RulesInForce

    /// Writes and answers them all.
    ///
    /// A job that cannot be written for itself, because a customer's row cannot be read, costs the others nothing: the
    /// group is taken apart and each written alone.
    func write(_ jobs: [FactsJob]) -> Written {
        var written = Written()
        do {
            try commit(jobs, &written)
        } catch let error as StoreError where error.code == .full {
            for job in jobs { job.answer(.failure(LiveRefusal.storeFull)) }
        } catch let error as StoreError where error.endsTheService {
            for job in jobs { job.answer(.failure(LiveRefusal.failed)) }
            written.failure = error
        } catch  where jobs.count > 1 {
            for job in jobs {
                let alone = write([job])
                written.summary.merge(alone.summary)
                written.duplicates += alone.duplicates
                written.transactions += alone.transactions
                written.failure = written.failure ?? alone.failure
            }
        } catch {
            for job in jobs { job.answer(.failure(error)) }
        }
        return written
    }

    private func commit(_ jobs: [FactsJob], _ written: inout Written) throws {
        let now = clock.decisionNow
        let (answers, summary) = try store.write { transaction in
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            var answers: [[[LiveAnswer]]] = []
            answers.reserveCapacity(jobs.count)
            for job in jobs {
                answers.append(try job.requests.map { try write($0, at: now, &writer, transaction) })
            }
            try writer.finish()
            return (answers, writer.summary)
        }
        written.transactions += 1
        written.summary.merge(summary)
        for (job, answers) in zip(jobs, answers) {
            for request in answers { written.duplicates += request.count { $0 == .duplicate } }
            job.answer(.success(answers))
        }
    }

    private func write(
        _ request: LiveRequest, at now: Timestamp, _ writer: inout CustomerWriter, _ transaction: any StoreTransaction
    ) throws -> [LiveAnswer] {
        let erased = writer.summary.factsErased
        let fresh = try writer.receive(request.facts, customer: request.customer, at: now, advancesFirst: false)
        if writer.summary.factsErased > erased { return fresh.map { _ in .erased } }
        return fresh.map { $0 ? .stored : .duplicate }
    }
}
