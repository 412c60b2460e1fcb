import CareDecisions
import CareStore
import CareThreads
import CareValues

/// What somebody handed over together and waits for.
struct FactsJob: Sendable {
    var requests: [LiveRequest]
    /// How many items there are in all.
    var count: Int
    /// The caller's name for it; nil: none.
    var key: RequestKey?
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
        let day = Zone.utc.date(at: clock.now())
        let (answers, summary) = try store.write { transaction in
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            var answers: [Result<[[LiveAnswer]], any Error>] = []
            answers.reserveCapacity(jobs.count)
            for job in jobs {
                if let key = job.key, let known = try KeyedAnswers.find(key, on: day, in: transaction) {
                    answers.append(known)
                    continue
                }
                let given = try job.requests.map { try write($0, at: now, &writer, transaction) }
                if let key = job.key { try KeyedAnswers.keep(given, of: key, on: day, in: transaction) }
                answers.append(.success(given))
            }
            try writer.finish()
            return (answers, writer.summary)
        }
        written.transactions += 1
        written.summary.merge(summary)
        for (job, given) in zip(jobs, answers) {
            if case .success(let requests) = given {
                for request in requests { written.duplicates += request.count { $0 == .duplicate } }
            }
            job.answer(given)
        }
    }

    private func write(
        _ request: LiveRequest, at now: Timestamp, _ writer: inout CustomerWriter, _ transaction: any StoreTransaction
    ) throws -> [LiveAnswer] {
        var answers: [LiveAnswer] = []
        answers.reserveCapacity(request.items.count)
        var facts: [Fact] = []
        /// The places of `facts` among the answers.
        var places: [Int] = []
        for item in request.items {
            switch item {
            case .fact(let fact):
                places.append(answers.count)
                facts.append(fact)
            case .change(let setting):
                let (refusal, fact) = try settle(setting, of: request.customer, at: now, transaction)
                if let refusal {
                    answers.append(refusal)
                    continue
                }
                places.append(answers.count)
                facts.append(fact)
            }
            answers.append(.stored)
        }
        guard !facts.isEmpty else { return answers }
        let (erased, tooOld) = (writer.summary.factsErased, writer.summary.factsTooOld)
        let isNew = try writer.receive(facts, customer: request.customer, at: now, advancesFirst: false)
        let isErased = writer.summary.factsErased > erased
        for (place, isNew) in zip(places, isNew) where !isNew { answers[place] = isErased ? .erased : .duplicate }
        guard writer.summary.factsTooOld > tooOld else { return answers }
        let horizon = try writer.foldedBefore()
        for (place, fact) in zip(places, facts) where fact.isOlder(than: horizon) {
            answers[place] = .refused(code: "too_old", reason: "older than the facts that are kept")
        }
        return answers
    }

    /// The fact that a setting is, or the answer when it is none.
    private func settle(
        _ setting: AttributeSetting, of customer: String, at now: Timestamp, _ transaction: any StoreTransaction
    ) throws -> (LiveAnswer?, Fact) {
        let exists = try transaction.customer(customer) != nil
        let current = exists ? CurrentAttributes(of: try transaction.facts(of: customer, receivedUntil: nil)) : nil
        let tag = current?.tag
        let isAsAsked = setting.ifMatch.map { exists && ($0 == "*" || $0 == tag) } ?? true
        var values = setting.values
        if let current { values = current.missing(from: setting) }
        let fact = Fact.attributes(
            AttributeFact(
                values: values, time: setting.time ?? now, receivedAt: now, hasOwnTime: setting.time != nil))
        if !isAsAsked || (setting.createsOnly && exists) { return (.changed(tag: tag), fact) }
        if exists, values.isEmpty { return (.duplicate, fact) }
        return (nil, fact)
    }
}

extension Fact {
    /// Whether it is of a time before `instant`; attributes without a time of their own are of now.
    fileprivate func isOlder(than instant: Timestamp) -> Bool {
        if case .attributes(let attributes) = self, !attributes.hasOwnTime { return false }
        return time < instant
    }
}
