import CareLogic
import CareRules
import CareValues

extension Session {
    /// Decides whether an occurrence begins an entry: `where`, condition, then the gates at entry in their order,
    /// too_late · sentinel_date · reentry · group. A false `where` or condition leaves no row, only a count.
    ///
    /// - Parameter whereIsAsked: whether the `where` was asked when the fact came, before the occurrence had to wait.
    mutating func begin(_ occurrence: Occurrence, campaign index: Int, whereIsAsked: Bool = false) {
        inZone(ofCampaign: index) {
            $0.beginOnItsClock(occurrence, campaign: index, whereIsAsked: whereIsAsked)
        }
    }

    private mutating func beginOnItsClock(_ occurrence: Occurrence, campaign index: Int, whereIsAsked: Bool) {
        let campaign = decider.campaigns[index]
        remember(occurrence, campaign: campaign)
        var isApproved = false
        do {
            let places = decider.conditionPlaces[index]
            // Without a fact the `where` is asked when the trigger fires, which an approval delays.
            if !campaign.trigger.firesByFact, keepsWaiting(occurrence, campaign: campaign) { return }
            if !whereIsAsked, try !holds(places.where, entry: occurrence.values, event: occurrence.event) {
                outcome.whereFalse.append(campaign.identity)
                noteNotMatching(occurrence)
                return
            }
            if campaign.trigger.firesByFact, keepsWaiting(occurrence, campaign: campaign) { return }
            isApproved = campaign.terms.needsApproval
            if try !holds(places.condition, entry: occurrence.values) {
                outcome.conditionFalse.append(campaign.identity)
                noteNotMatching(occurrence)
                return
            }
            let entryKey = try self.entryKey(of: occurrence, campaign: campaign)
            if let refusal = refusalAtEntry(occurrence, campaign: campaign, entryKey: entryKey) {
                recordAtEntry(occurrence, outcome: refusal.outcome, reason: refusal.reason)
                return
            }
            if campaign.gates.group != nil,
                case .displaces(let places) = GroupGate.answer(campaign, memory: row.memory, rules: rules)
            {
                for place in places.reversed() { end(entryAt: place, reason: .displaced) }
            }
            enter(occurrence, campaign: campaign, entryKey: entryKey)
        } catch {
            keepWaiting(
                occurrence, campaign: campaign, cause: isApproved ? .errorAfterApproval : .error, error: error)
        }
    }

    /// Whether an occurrence that will wait passes the `where`, which is asked when the fact comes.
    mutating func passesWhere(_ occurrence: Occurrence, campaign index: Int) -> Bool {
        let campaign = decider.campaigns[index]
        guard let condition = campaign.triggerWhere else { return true }
        let context = context(ofCampaign: index, entry: occurrence.values, event: occurrence.event)
        do {
            if try condition.isTrue(context).isTrue { return true }
            outcome.whereFalse.append(campaign.identity)
        } catch {
            keepWaiting(occurrence, campaign: campaign, cause: .error, error: error)
        }
        return false
    }

    /// Only a plan's keys ask for it.
    mutating func noteNotMatching(_ occurrence: Occurrence) {
        guard isPartial else { return }
        outcome.notMatching.insert(
            DecidedOccurrence(campaign: occurrence.campaign, occurrence: occurrence.key, due: .distantPast))
    }

    private mutating func keepWaiting(
        _ occurrence: Occurrence, campaign: Campaign, cause: WaitingOccurrence.Cause, error: LogicError
    ) {
        let reason = error.reason
        let rows = previousWait?.rows ?? 0
        let limit = LatenessGate.limit(of: campaign, due: occurrence.due, isFirstStep: true, zone: zone)
        let deadline = LatenessGate.deadline(
            limit: limit, due: occurrence.due, zone: zone, pausedFor: previousWait?.pausedFor ?? 0)
        if deadline <= row.asOf {
            recordAtEntry(occurrence, outcome: .skip, reason: .tooLate)
            return
        }
        let isNews = previousWait?.reason != reason || previousWait?.deadline != deadline
        if isNews {
            var inputs = self.inputs(entry: occurrence.values)
            inputs["error"] = .string(error.message)
            record(
                key: key(of: occurrence), outcome: .error, reason: reason, number: rows + 1, due: occurrence.due,
                destination: "", order: nil, inputs: inputs)
        }
        row.memory.waiting.append(
            WaitingOccurrence(
                occurrence: occurrence, cause: cause, rows: rows + (isNews ? 1 : 0), reason: reason, deadline: deadline,
                pausedFor: previousWait?.pausedFor ?? 0))
        retried.insert(key(of: occurrence))
    }

    private func refusalAtEntry(
        _ occurrence: Occurrence, campaign: Campaign, entryKey: String
    )
        -> (outcome: Outcome, reason: Reason)?
    {
        let limit = LatenessGate.limit(of: campaign, due: occurrence.due, isFirstStep: true, zone: zone)
        if let limit, limit <= row.asOf { return (.skip, .tooLate) }
        if let date = greetedDate(of: campaign), SentinelDate.isSentinel(date) { return (.suppress, .sentinelDate) }
        if !ReentryGate.admits(campaign, entryKey: entryKey, memory: row.memory, now: row.asOf, zone: zone) {
            return (.suppress, .reentry)
        }
        if campaign.gates.group != nil,
            GroupGate.answer(campaign, memory: row.memory, rules: rules) == .excluded
        {
            return (.suppress, .excluded)
        }
        return nil
    }

    /// The date that the campaign greets, as the customer has it; nil for other triggers, or without its year.
    private func greetedDate(of campaign: Campaign) -> CivilDate? {
        switch campaign.trigger {
        case .anniversary(let trigger):
            AnniversaryInstants(of: value(of: trigger.of), trigger: trigger, zone: zone)?.date
        case .date(let trigger): DateInstants(of: value(of: trigger.of), trigger: trigger, zone: zone)?.date
        case .inactivity(let trigger): dateOfSilence(trigger)
        default: nil
        }
    }

    private func entryKey(of occurrence: Occurrence, campaign: Campaign) throws(LogicError) -> String {
        guard let expression = campaign.entryKey else { return "" }
        let value = try expression.evaluate(context(entry: occurrence.values, event: occurrence.event)).value
        return value.jsonValue.canonicalText
    }

    private mutating func enter(_ occurrence: Occurrence, campaign: Campaign, entryKey: String) {
        row.memory.entries.append(
            Entry(
                campaign: campaign.identity, occurrence: occurrence.key, instant: occurrence.instant,
                eventTime: occurrence.event?.time, values: occurrence.values, entryKey: entryKey,
                todo: campaign.stepNames, done: [], pending: []))
        begun.append(
            DecidedOccurrence(campaign: campaign.identity, occurrence: occurrence.key, due: occurrence.due))
        outcome.entered.append(campaign.identity)
        if let entry = row.memory.entries.last { awaitGoal(of: entry, campaign: campaign) }
        let now = row.asOf
        mark(campaign: campaign.identity, entryKey: entryKey) { $0.lastEntry = now }
    }

    /// Changes the re-entry mark of a campaign and key, made when there is none.
    mutating func mark(campaign: String, entryKey: String, _ change: (inout ReentryMark) -> Void) {
        if let index = row.memory.marks.firstIndex(where: { $0.campaign == campaign && $0.entryKey == entryKey }) {
            change(&row.memory.marks[index])
        } else {
            var mark = ReentryMark(campaign: campaign, entryKey: entryKey, lastEntry: row.asOf, lastAct: nil)
            change(&mark)
            row.memory.marks.append(mark)
        }
    }

    /// Remembers the occurrence where an edit or a corrected fact could bring it again. Events and changes cannot
    /// come again: a stored fact never fires.
    mutating func remember(_ occurrence: Occurrence, campaign: Campaign) {
        switch campaign.trigger {
        case .event, .api, .change, .segment:
            return
        case .schedule:
            return rememberTick(occurrence, campaign: campaign)
        case .inactivity(let trigger):
            return rememberSilence(occurrence, trigger, campaign: campaign)
        case .anniversary, .date, .holiday:
            row.memory.decided.removeAll { $0.campaign == campaign.identity && $0.occurrence == occurrence.key }
        }
        row.memory.decided.append(
            DecidedOccurrence(campaign: campaign.identity, occurrence: occurrence.key, due: occurrence.due))
    }

    func key(of occurrence: Occurrence) -> DecisionKey {
        DecisionKey(
            campaign: occurrence.campaign, customer: row.customer, occurrence: occurrence.key, step: "", action: "")
    }

    mutating func recordAtEntry(_ occurrence: Occurrence, outcome: Outcome, reason: Reason) {
        record(
            key: key(of: occurrence), outcome: outcome, reason: reason, number: 0, due: occurrence.due,
            destination: "", order: nil, inputs: inputs(entry: occurrence.values))
    }

    func inputs(entry: JSONObject, cause: Stop.Cause? = nil) -> JSONObject {
        var inputs = JSONObject()
        if onlyCounts { return inputs }
        if !entry.isEmpty { inputs["entry"] = .object(entry) }
        if let cause { inputs[cause.kind] = .string(cause.name) }
        if let cutPoints = schema.cutPoints { inputs["cutPoints"] = .number(Double(cutPoints.version)) }
        // The ledger warning of an unknown zone name; the name itself is the customer's.
        if zoneIsFallback { inputs["warning"] = .string("unknown zone, used \(zone.name)") }
        return inputs
    }

    mutating func record(
        key: DecisionKey, outcome: Outcome, reason: Reason?, number: Int, due: Timestamp, destination: String,
        order: DeliveryOrder?, inputs: JSONObject
    ) {
        // A decision is large: to make room one by one would move those before it again and again.
        if self.outcome.decisions.isEmpty { self.outcome.decisions.reserveCapacity(4) }
        self.outcome.decisions.append(
            Decision(
                key: key, outcome: outcome, reason: reason, number: number, now: row.asOf, due: due,
                destination: destination, order: order, inputs: onlyCounts ? JSONObject() : inputs))
    }
}

extension LogicError {
    /// The closed reason an evaluation that failed is recorded under.
    var reason: Reason {
        switch self {
        case .limitExceeded: .limitExceeded
        default: .evaluationError
        }
    }
}
