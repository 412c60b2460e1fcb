import CareDecisions
import CareStore
import CareThreads
import CareValues

/// What somebody handed over together and waits for.
struct FactsJob: Sendable {
    var batch: LiveBatch
    /// How many items there are in all.
    var count: Int
    /// The caller's name for it; nil: none.
    var key: RequestKey?
    /// Gets the answers, or why nothing was taken.
    var answer: @Sendable (Result<[LiveAnswer], any Error>) -> Void
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
    /// A customer of whom something cannot be read costs the others nothing. Neither does a job that cannot be written for
    /// itself: the group is taken apart and each written alone.
    ///
    /// - Parameter revoke: gets deliveries that were claimed and are cancelled now, before anybody is answered.
    func write(_ jobs: [FactsJob], revoking revoke: ([DeliveryID]) -> Void) -> Written {
        var written = Written()
        do {
            try commit(jobs, &written, revoke)
        } catch let error as StoreError where error.code == .full {
            for job in jobs { job.answer(.failure(LiveRefusal.storeFull)) }
        } catch let error as StoreError where error.endsTheService {
            for job in jobs { job.answer(.failure(LiveRefusal.failed)) }
            written.failure = error
        } catch  where jobs.count > 1 {
            for job in jobs {
                let alone = write([job], revoking: revoke)
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

    private func commit(
        _ jobs: [FactsJob], _ written: inout Written, _ revoke: ([DeliveryID]) -> Void
    ) throws {
        let now = clock.decisionNow
        let day = Zone.utc.date(at: clock.now())
        let (answers, summary) = try store.write { transaction in
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            var answers: [Result<[LiveAnswer], any Error>] = []
            answers.reserveCapacity(jobs.count)
            for job in jobs {
                if let key = job.key, let known = try KeyedAnswers.find(key, on: day, in: transaction) {
                    answers.append(known)
                    continue
                }
                var given = job.batch.answers
                for (request, places) in zip(job.batch.requests, job.batch.places) {
                    let own = try write(request, at: now, &writer, transaction)
                    for (place, answer) in zip(places, own) { given[place] = answer }
                }
                // What cannot be read now is asked for again under the same key once it is repaired.
                if let key = job.key, !given.contains(.unreadable) {
                    try KeyedAnswers.keep(given, of: key, on: day, in: transaction)
                }
                answers.append(.success(given))
            }
            try writer.finish()
            return (answers, writer.summary)
        }
        written.transactions += 1
        written.summary.merge(summary)
        if !summary.revoked.isEmpty { revoke(summary.revoked) }
        for (job, given) in zip(jobs, answers) {
            if case .success(let answers) = given { written.duplicates += answers.count(where: \.isDuplicate) }
            job.answer(given)
        }
    }

    private func write(
        _ request: LiveRequest, at now: Timestamp, _ writer: inout CustomerWriter, _ transaction: any StoreTransaction
    ) throws -> [LiveAnswer] {
        var taking = RequestTaking(request, at: now)
        _ = try writer.passing(request.customer) { try taking.run(&$0, transaction) }
        return taking.answers
    }
}
