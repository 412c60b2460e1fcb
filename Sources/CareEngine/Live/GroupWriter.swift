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
    /// Decides on a thread of its own where a group is large enough; nil: there is none.
    let preparer: Preparer?

    /// A job's answers, as far as they are known, and which of them stand where among those of the facts.
    private struct Draft {
        var answers: [LiveAnswer]
        var open: [(answer: Int, taken: Int)] = []

        func answers(_ taken: [PipelinedWriter.Taken]) -> [LiveAnswer] {
            var answers = self.answers
            for one in open { answers[one.answer] = LiveAnswer(taken[one.taken]) }
            return answers
        }
    }

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
        let isLarge = jobs.reduce(0) { $0 + $1.count } >= PipelinedWriter.worthwhile
        let (answers, summary) = try store.write { transaction in
            var writer = PipelinedWriter(
                transaction, rules: rules, clock: clock, preparer: isLarge ? preparer : nil, passesUnreadable: true)
            do {
                var drafts: [Result<Draft, any Error>] = []
                drafts.reserveCapacity(jobs.count)
                for job in jobs { drafts.append(try draft(job, on: day, at: now, &writer, transaction)) }
                try writer.finish()
                return (drafts.map { $0.map { $0.answers(writer.taken) } }, writer.summary)
            } catch {
                writer.abandon()
                throw error
            }
        }
        written.transactions += 1
        written.summary.merge(summary)
        if !summary.revoked.isEmpty { revoke(summary.revoked) }
        for (job, given) in zip(jobs, answers) {
            if case .success(let answers) = given { written.duplicates += answers.count(where: \.isDuplicate) }
            job.answer(given)
        }
    }

    /// Takes in what one job says.
    private func draft(
        _ job: FactsJob, on day: CivilDate, at now: Timestamp, _ writer: inout PipelinedWriter,
        _ transaction: any StoreTransaction
    ) throws -> Result<Draft, any Error> {
        if let key = job.key, let known = try KeyedAnswers.find(key, on: day, in: transaction) {
            return known.map { Draft(answers: $0) }
        }
        var draft = Draft(answers: job.batch.answers)
        for (request, places) in zip(job.batch.requests, job.batch.places) {
            // Most requests are one fact, for which no more of the store is needed than the customer's row.
            if request.items.count == 1, case .fact(let fact) = request.items[0] {
                let taken = try writer.receive(
                    fact.received(at: now), customer: request.customer, at: now, advancesFirst: false)
                draft.open.append((places[0], taken))
                continue
            }
            var taking = RequestTaking(request, at: now)
            _ = try writer.alone(request.customer) { try taking.run(&$0, transaction) }
            for (place, answer) in zip(places, taking.answers) { draft.answers[place] = answer }
        }
        guard let key = job.key else { return .success(draft) }
        try writer.settle()
        let given = draft.answers(writer.taken)
        // What cannot be read now is asked for again under the same key once it is repaired.
        if !given.contains(.unreadable) { try KeyedAnswers.keep(given, of: key, on: day, in: transaction) }
        return .success(Draft(answers: given))
    }
}

extension LiveAnswer {
    /// What is answered of a fact.
    fileprivate init(_ taken: PipelinedWriter.Taken) {
        switch taken {
        case .stored: self = .stored
        case .known: self = .duplicate
        case .erased: self = .erased
        case .tooOld: self = .tooOld
        case .unreadable: self = .unreadable
        }
    }
}
