import CareValues

/// What quiet hours, windows and caps make impossible, or other than the author will have meant.
extension CampaignReader {
    /// Looks at a campaign whose parts are sound.
    mutating func warnAboutGates(_ gates: CampaignGates, tags: [String], steps: [Step], _ members: [String: JSONNode]) {
        if let holdout = gates.holdout, holdout.fraction == 1, let node = members["holdout"] {
            findings.warning(
                "rule.unreachable", at: node, "the holdout is everybody: nobody is ever acted on",
                help: "0.1 holds out every tenth customer")
        }
        let nodes = members["steps"].map { Array($0.elements) } ?? []
        for (position, step) in steps.enumerated() {
            let node = position < nodes.count ? nodes[position] : nil
            warnAboutWallTime(of: step, node: node, position: position, gates, trigger: members["trigger"])
            if let place = node?.member("actions") ?? members["actions"] {
                warnAboutCaps(step, gates, tags: tags, at: place)
                if position > 0 { warnAboutOwnCaps(steps[...position], gates, tags: tags, at: place) }
            }
        }
    }

    // MARK: Wall times

    /// An `at` inside quiet hours, or outside the window that the step asks for.
    private mutating func warnAboutWallTime(
        of step: Step, node: JSONNode?, position: Int, _ gates: CampaignGates, trigger: JSONNode?
    ) {
        var at = step.at
        var place = node?.member("at")
        if at == nil, position == 0, step.wait == .none, step.window == nil {
            (at, place) = wallTime(of: trigger)
        }
        guard let at, let place else { return }
        if let window = step.window, step.at != nil, !contains(window.from, window.until, at) {
            findings.warning(
                "rule.at-outside-window", at: place,
                "\(at.text) lies outside the window '\(window.name)', \(window.from.text) until \(window.until.text)",
                help: "choose a time inside it: the step waits for a day on which both are so")
        }
        guard !gates.ignoresQuietHours else { return }
        let bound = step.actions.filter { $0.audience == .customer }
        for quiet in policies.quietHours where contains(quiet.from, quiet.until, at) && quiet.from != quiet.until {
            guard bound.contains(where: { quiet.binds($0.destination) }) else { continue }
            let then =
                quiet.then == .hold
                ? "it would wait until \(quiet.until.text): choose a time outside them"
                : "it would never go out: choose a time outside them"
            findings.warning(
                "rule.at-in-quiet-hours", at: place,
                "\(at.text) lies in the quiet hours \(quiet.from.text) until \(quiet.until.text)", help: then)
            return
        }
    }

    /// The wall time that a trigger says, or takes from the policies, and where that is said.
    private func wallTime(of trigger: JSONNode?) -> (LocalTime?, JSONNode?) {
        guard let trigger, trigger.kind == .object else { return (nil, nil) }
        for member in trigger.members where member.value.kind == .object {
            guard let kind = member.key.string, kind != "where" else { continue }
            if let place = member.value.member("at") { return (place.string.flatMap { LocalTime(text: $0) }, place) }
            if ["anniversary", "date", "holiday"].contains(kind) { return (defaultAt, member.key) }
            if kind == "schedule" { return wallTime(ofSchedule: member.value) }
        }
        return (nil, nil)
    }

    /// The one wall time of a schedule on the customer's clock whose firings are not spread.
    private func wallTime(ofSchedule schedule: JSONNode) -> (LocalTime?, JSONNode?) {
        guard schedule.member("spread") == nil, (schedule.member("zone")?.string ?? "customer") == "customer",
            let place = schedule.member("cron"), let text = place.string, let cron = try? CronExpression(text: text),
            cron.times.count == 1
        else { return (nil, nil) }
        return (cron.times[0], place)
    }

    /// Whether a wall time lies in `[from, until)`, which may wrap midnight; equal ends are the whole day.
    private func contains(_ from: LocalTime, _ until: LocalTime, _ time: LocalTime) -> Bool {
        from < until ? from <= time && time < until : from <= time || time < until
    }

    // MARK: Caps

    /// A later step that comes while the campaign's own earlier messages still fill a cap.
    private mutating func warnAboutOwnCaps(
        _ steps: ArraySlice<Step>, _ gates: CampaignGates, tags: [String], at node: JSONNode
    ) {
        guard !gates.ignoresCaps, gates.countsForCaps, let last = steps.last else { return }
        for cap in policies.caps where cap.max > 0 {
            guard case .rolling(let period) = cap.period, cap.then == .suppress,
                messages(of: last, under: cap, tags) > 0
            else { continue }
            let due = reach(of: last, in: steps).upperBound
            let sum = steps.dropLast().reduce(0) { sum, step in
                due - reach(of: step, in: steps).lowerBound < period.approximateMilliseconds
                    ? sum + messages(of: step, under: cap, tags) : sum
            }
            guard sum >= cap.max else { continue }
            findings.warning(
                "rule.unreachable", at: node,
                "the step '\(last.name)' comes while the steps before it fill the cap '\(cap.name)', \(cap.max) in \(period.text)",
                help: "wait longer, or say \"caps\": { \"ignores\": true }")
        }
    }

    /// The earliest and the latest that a step comes after the entry, in milliseconds, if nothing holds it: a wall time
    /// adds less than a day, a window up to a week.
    private func reach(of step: Step, in steps: ArraySlice<Step>) -> ClosedRange<Int64> {
        var least: Int64 = 0
        var most: Int64 = 0
        for one in steps {
            switch one.wait {
            case .none: break
            case .after(let wait):
                least += wait.approximateMilliseconds
                most += wait.approximateMilliseconds
            case .sinceEntry(let wait):
                least = wait.approximateMilliseconds
                most = least
            }
            most += one.window != nil || one.countIn != nil ? 7 * 86_400_000 : one.at != nil ? 86_400_000 : 0
            if one.name == step.name { break }
        }
        return least...max(least, most)
    }

    /// How many messages a step surely orders that a cap counts.
    private func messages(of step: Step, under cap: FrequencyCap, _ tags: [String]) -> Int {
        guard step.condition == nil else { return 0 }
        return step.units.count { unit in
            let action = step.actions[unit.lowerBound]
            return unit.count == 1 && action.condition == nil && action.audience == .customer
                && action.consents.isEmpty && cap.fits(tags: tags, destination: action.destination)
        }
    }

    /// A step that orders more at once than a cap ever lets through.
    private mutating func warnAboutCaps(_ step: Step, _ gates: CampaignGates, tags: [String], at node: JSONNode) {
        guard !gates.ignoresCaps, gates.countsForCaps else { return }
        for cap in policies.caps where cap.max > 0 {
            // A condition may choose between actions, and so does a choice: each counts where it stands alone.
            let ordered = step.units.filter { unit in
                let action = step.actions[unit.lowerBound]
                return unit.count == 1 && action.condition == nil && action.audience == .customer
                    && cap.fits(tags: tags, destination: action.destination)
            }
            guard ordered.count > cap.max else { continue }
            findings.warning(
                "rule.unreachable", at: node,
                "the step orders \(ordered.count) messages at once, and the cap '\(cap.name)' lets \(cap.max) through",
                help: cap.then == .hold ? "the others would wait for it" : "the others would never go out")
        }
    }
}
