import CareLogic
import CareRules
import CareValues

/// What one gate says to an action, or to an entry, as of the customer's clock: what an explanation shows.
public struct GateLook: Sendable, Hashable {
    /// Whether it lets through.
    public enum State: Sendable, Hashable {
        /// It does not object.
        case passed
        /// It objects: what the decision would be, and until when, if time alone opens it.
        case stopped(outcome: Outcome, reason: Reason, until: Timestamp?)
        /// A gate before it objects.
        case notReached
        /// It cannot be asked: the evaluation errs.
        case error(String)
    }

    /// The gate, in the words of the manual: `too_late`, `condition`, `pause`, `quiet hours`.
    public var gate: String
    /// Which of several: the name of the pause, of the cap; empty where there is one.
    public var name: String
    /// What it saw, in words, without a customer's value; empty: ``condition`` tells it.
    public var detail: String
    /// The condition it asks; nil: none.
    public var condition: Expression?
    /// What it says.
    public var state: State
}

/// The gates before one action, in their order.
public struct ActionLook: Sendable {
    /// The entry's occurrence.
    public var occurrence: String
    /// The step's name.
    public var step: String
    /// The action.
    public var action: Action
    /// When its step was due.
    public var due: Timestamp
    /// When it is given up; nil: never.
    public var deadline: Timestamp?
    /// What the entry's values are read from.
    public var values: JSONObject
    /// The gates, the first that objects with all after it not reached.
    public var gates: [GateLook]
}

extension Decider {
    /// What `entry.*` would read of an event.
    public static func entryValues(of event: Event) -> JSONObject { Session.entryValues(of: event) }

    /// Whether the trigger of a campaign counts at `instant` for a customer: it is not paused, and active.
    public func counts(campaign index: Int, at instant: Timestamp, _ row: CustomerRow) -> Bool {
        Session(decider: self, row: row, clock: row.asOf).triggerCounts(index, at: instant)
    }

    /// The gates before each action of a campaign that an entry of `row` holds or would do next, as of the row's
    /// clock. The same gates as decisions ask, one by one.
    public func looks(atActionsOf index: Int, row: CustomerRow) -> [ActionLook] {
        var session = Session(decider: self, row: row, clock: row.asOf)
        session.enterZone(ofCampaign: index)
        let campaign = active.rules.campaigns[index]
        var looks: [ActionLook] = []
        for entry in row.memory.entries where entry.campaign == campaign.identity {
            for pending in entry.pending {
                guard let position = campaign.steps.firstIndex(where: { $0.name == pending.step }),
                    let action = campaign.steps[position].actions.first(where: { $0.name == pending.action })
                else { continue }
                looks.append(
                    session.look(
                        at: action, step: position, of: campaign, entry: entry, due: pending.due,
                        deadline: pending.deadline))
            }
        }
        return looks
    }

    /// The gates that an occurrence of a campaign without an entry key meets at entry, as of the row's clock.
    ///
    /// The trigger's `where` is asked only where it reads no event.
    /// - Parameter values: what `entry.*` would read.
    public func looks(atEntryOf index: Int, row: CustomerRow, values: JSONObject) -> [GateLook] {
        var session = Session(decider: self, row: row, clock: row.asOf)
        session.enterZone(ofCampaign: index)
        return session.looksAtEntry(of: active.rules.campaigns[index], values: values)
    }
}

extension Session {
    fileprivate func look(
        at action: Action, step position: Int, of campaign: Campaign, entry: Entry, due: Timestamp,
        deadline: Timestamp
    ) -> ActionLook {
        let step = campaign.steps[position]
        let context = self.context(entry: entry.values)
        let living = livingZone(campaign)
        let customer = EvaluationContext(
            schema: schema, cache: row.cache, customer: row.customer, now: row.asOf, zone: living)
        var list = GateList()
        list.add("paused") { campaign.terms.isPaused ? Stop(outcome: .hold, reason: .paused) : nil }
        list.add("too_late") { deadline <= row.asOf ? Stop(outcome: .skip, reason: .tooLate) : nil }
        list.add("exited") {
            exitConditionHolds(entry, campaign: campaign) ? Stop(outcome: .skip, reason: .exited) : nil
        }
        for condition in [campaign.condition, step.condition, action.condition] {
            guard let condition else { continue }
            list.add("condition", condition: condition) { () throws(LogicError) in
                try condition.isTrue(context).isTrue ? nil : Stop(outcome: .skip, reason: .condition)
            }
        }
        if !action.consents.isEmpty {
            let names = action.consents.map { schema.attributes[$0].name }.joined(separator: ", ")
            list.add("no_consent", name: names) { ConsentGate.stop(action, cache: row.cache, schema: schema) }
        }
        if let to = action.to {
            list.add("no_address", condition: to) { () throws(LogicError) in
                let address = try to.evaluate(context).value.text ?? ""
                return address.isEmpty ? Stop(outcome: .suppress, reason: .noAddress) : nil
            }
        }
        for pause in rules.policies.pauses where binds(pause, campaign, action) {
            list.add("pause", name: pause.name, condition: pause.when) { () throws(LogicError) in
                try PauseGate.stop([pause], campaign, action, customer)
            }
        }
        if let window = step.window {
            list.add("window", name: window.name, detail: "\(window.from.text) until \(window.until.text)") {
                WindowGate.stop(decider.active.hours(of: window, customer: living), now: row.asOf)
            }
        }
        for quiet in rules.policies.quietHours
        where action.audience == .customer && !campaign.gates.ignoresQuietHours && quiet.binds(action.destination) {
            list.add("quiet hours", detail: "\(quiet.from.text) until \(quiet.until.text)") {
                QuietHoursGate.stop([quiet], campaign, action, now: row.asOf, zone: living)
            }
        }
        for cap in rules.policies.caps
        where action.audience == .customer && !campaign.gates.ignoresCaps
            && cap.fits(tags: campaign.tags, destination: action.destination)
        {
            let taken = taken(of: cap)
            list.add("cap", name: cap.name, detail: "\(taken) of \(cap.max) taken in \(cap.period.text)") {
                FrequencyCapGate.stop([cap], campaign, action, acts: row.acts, now: row.asOf, zone: customerZone)
            }
        }
        if let holdout = campaign.gates.holdout {
            list.add("holdout", detail: "a fraction of \(holdout.fraction)") {
                HoldoutGate.stop(campaign, customer: row.customer)
            }
        }
        return ActionLook(
            occurrence: entry.occurrence, step: step.name, action: action, due: due, deadline: deadline,
            values: entry.values, gates: list.looks)
    }

    private func binds(_ pause: Pause, _ campaign: Campaign, _ action: Action) -> Bool {
        action.audience == .customer && (pause.tags.map { $0.contains(where: campaign.tags.contains) } ?? true)
    }

    private func taken(of cap: FrequencyCap) -> Int {
        row.acts.groups.reduce(0) { sum, group in
            guard cap.fits(tags: group.tags, destination: group.destination) else { return sum }
            return sum + group.times.count { cap.period.release(of: $0, zone: customerZone) > row.asOf }
        }
    }

    fileprivate func looksAtEntry(of campaign: Campaign, values: JSONObject) -> [GateLook] {
        let context = self.context(entry: values)
        var list = GateList()
        if let condition = campaign.triggerWhere, !condition.uses.event {
            list.add("where", condition: condition) { () throws(LogicError) in
                try condition.isTrue(context).isTrue ? nil : Stop(outcome: .skip, reason: .condition)
            }
        }
        if let condition = campaign.condition {
            list.add("condition", condition: condition) { () throws(LogicError) in
                try condition.isTrue(context).isTrue ? nil : Stop(outcome: .skip, reason: .condition)
            }
        }
        list.add("reentry") {
            guard campaign.entryKey == nil else { return nil }
            let admits = ReentryGate.admits(campaign, entryKey: "", memory: row.memory, now: row.asOf, zone: zone)
            return admits ? nil : Stop(outcome: .suppress, reason: .reentry, release: cooldownEnd(of: campaign))
        }
        if let group = campaign.gates.group {
            list.add("group", name: group) {
                GroupGate.answer(campaign, memory: row.memory, rules: rules) == .excluded
                    ? Stop(outcome: .suppress, reason: .excluded) : nil
            }
        }
        return list.looks
    }
}

extension Session {
    /// When a cooldown that runs is over; `distantFuture`: not by time alone.
    fileprivate func cooldownEnd(of campaign: Campaign) -> Timestamp {
        guard case .cooldown(let cooldown, let since) = campaign.reentry,
            let mark = row.memory.marks.first(where: { $0.campaign == campaign.identity && $0.entryKey.isEmpty }),
            let last = since == .entry ? mark.lastEntry : mark.lastAct
        else { return .distantFuture }
        return FrequencyCap.Period.rolling(cooldown).release(of: last, zone: zone)
    }
}

/// Gates asked one after another until one objects.
private struct GateList {
    var looks: [GateLook] = []
    private var isOpen = true

    mutating func add(
        _ gate: String, name: String = "", detail: String = "", condition: Expression? = nil,
        _ ask: () throws(LogicError) -> Stop?
    ) {
        var look = GateLook(gate: gate, name: name, detail: detail, condition: condition, state: .notReached)
        defer { looks.append(look) }
        guard isOpen else { return }
        do throws(LogicError) {
            guard let stop = try ask() else {
                look.state = .passed
                return
            }
            isOpen = false
            look.state = .stopped(
                outcome: stop.outcome, reason: stop.reason,
                until: stop.release < .distantFuture ? stop.release : nil)
        } catch {
            isOpen = false
            look.state = .error(error.message)
        }
    }
}

extension FrequencyCap.Period {
    /// `P7D`, `one week`.
    fileprivate var text: String {
        switch self {
        case .rolling(let duration): duration.text
        case .calendar(let period): "the \(period.rawValue)"
        }
    }
}
