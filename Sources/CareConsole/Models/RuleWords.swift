import CareLogic
import CareRules
import CareValues

/// What the rules say, in the reader's language: triggers, conditions, steps.
struct RuleWords {
    var rules: RuleSet
    var voice: Voice

    // MARK: Triggers

    /// What starts a campaign, in a few words for a table: `event complaint.opened`, `7 days before birthday, 09:00`.
    func starts(_ trigger: Trigger) -> String {
        switch trigger {
        case .event(let types): return voice(Say.startsEvent, ["types": or(types)])
        case .api: return voice(Say.startsCall)
        case .change(let change):
            switch change.direction {
            case .up?: return voice(Say.startsUp, ["name": change.name])
            case .down?: return voice(Say.startsDown, ["name": change.name])
            case nil: return voice(Say.startsChange, ["name": change.name])
            }
        case .segment(let segment):
            return voice(segment.edge == .entered ? Say.startsEntered : Say.startsLeft, ["name": segment.name])
        case .anniversary(let anniversary):
            return dated(
                anniversary.name, anniversary.offsets, anniversary.at, calendar: anniversary.calendar == .chinese)
        case .date(let date): return dated(date.name, date.offsets, date.at, calendar: false)
        case .holiday(let holiday): return dated(holiday.name, holiday.offsets, holiday.at, calendar: false)
        case .schedule(let schedule):
            let text = Self.cron(schedule.text, voice) ?? voice(Say.startsSchedule, ["text": schedule.text])
            return schedule.clock == .customer ? voice(Say.onCustomersClock, ["text": text]) : text
        case .inactivity(let inactivity):
            return voice(
                Say.startsSilence, ["types": or(inactivity.types), "span": voice.duration(inactivity.duration)])
                + (inactivity.at.map { voice(Say.comma) + voice.time($0) } ?? "")
        }
    }

    private func dated(_ name: String, _ offsets: [ISODuration], _ at: LocalTime, calendar: Bool) -> String {
        var parts = offsets.map { offset in
            if offset.isZero { return name }
            return voice(
                offset.isNegative ? Say.before : Say.after,
                ["span": voice.duration(offset), "name": name])
        }
        if parts.isEmpty { parts = [name] }
        let text = parts.joined(separator: voice(Say.comma)) + voice(Say.comma) + voice.time(at)
        return calendar ? text + voice(Say.comma) + voice(Say.chineseCalendar) : text
    }

    /// A schedule of one time a day, on every day, some weekdays or a day of the month, in words; nil: another.
    static func cron(_ text: String, _ voice: Voice) -> String? {
        let fields = text.split(separator: " ").map(String.init)
        guard fields.count == 5, fields[3] == "*", let minute = Int(fields[0]), let hour = Int(fields[1]),
            let time = LocalTime(hour: hour, minute: minute)
        else { return nil }
        let at = voice.time(time)
        if fields[2] == "*", fields[4] == "*" { return voice(Say.cronDaily, ["time": at]) }
        if fields[4] == "*", let day = Int(fields[2]) {
            return voice(Say.cronMonthly, ["day": voice.ordinal(day), "time": at])
        }
        guard fields[2] == "*" else { return nil }
        if fields[4] == "1-5" { return voice(Say.cronWorkdays, ["time": at]) }
        if let weekday = Int(fields[4]), (0...7).contains(weekday) {
            // 1 January 2024 was a Monday; 0 and 7 are Sunday.
            let monday = CivilDate(year: 2024, month: 1, day: 1) ?? CivilDate(dayNumber: 4)
            return voice(
                Say.cronWeekly, ["day": voice.weekday(monday.advanced(byDays: (weekday + 6) % 7)), "time": at])
        }
        return nil
    }

    // MARK: Whole rules

    /// Trigger and condition as one sentence.
    func sentence(_ campaign: Campaign) -> Markup {
        var parts = [voice.markup(Say.ruleStarts, ["start": tag("strong") { starts(campaign.trigger) }])]
        if let condition = campaign.triggerWhere {
            parts.append(voice.markup(Say.ruleWhere, ["condition": self.condition(condition.source)]))
        }
        if let condition = campaign.condition {
            parts.append(
                voice.markup(Say.ruleCondition, ["condition": self.condition(condition.source) + expansion(condition)]))
        }
        return Markup.joined(parts) + .text(voice(Say.fullStop))
    }

    /// What a condition's one segment means, in brackets.
    private func expansion(_ condition: Expression) -> Markup {
        guard case .object(let object) = condition.source, object.count == 1, object["segment"] != nil,
            let index = condition.uses.segments.first
        else { return .empty }
        return .text(" ")
            + tag("span", "paren") {
                Markup.text("(") + self.condition(rules.schema.segments[index].condition.source) + .text(")")
            }
    }

    /// What a step waits for and orders, in words.
    func step(_ step: Step) -> Markup {
        var parts: [Markup] = []
        switch step.wait {
        case .none: break
        case .after(let duration): parts.append(voice.markup(Say.stepAfter, ["span": .text(voice.duration(duration))]))
        case .sinceEntry(let duration):
            parts.append(voice.markup(Say.stepSinceEntry, ["span": .text(voice.duration(duration))]))
        }
        if let window = step.countIn { parts.append(voice.markup(Say.stepCountIn, ["name": .text(window.name)])) }
        if let at = step.at { parts.append(voice.markup(Say.stepAt, ["time": .text(voice.time(at))])) }
        if let window = step.window { parts.append(voice.markup(Say.stepWindow, ["name": .text(window.name)])) }
        if let condition = step.condition {
            parts.append(voice.markup(Say.stepIf, ["condition": self.condition(condition.source)]))
        }
        let wait = Markup.joined(parts, separator: .text(voice(Say.comma)))
        let units = step.units.map { unit in
            Markup.joined(step.actions[unit].map(action), separator: .text(" " + voice(Say.orElse) + " "))
        }
        let orders = Markup.joined(units, separator: .text(voice(Say.semicolon)))
        return wait.isEmpty ? orders : wait + .text(voice(Say.colon)) + orders
    }

    private func action(_ action: Action) -> Markup {
        var text = voice.markup(
            action.audience == .staff ? Say.sendsToStaff : Say.sends,
            [
                "type": tag("strong") { action.type },
                "destination": Parts.link(.destination(action.destination), action.destination),
            ])
        if !action.consents.isEmpty {
            let names = action.consents.map { rules.schema.attributes[$0].name }
            text = text + voice.markup(Say.whereConsent, ["names": .text(voice.list(names))])
        }
        if let condition = action.condition {
            text = text + voice.markup(Say.actionIf, ["condition": self.condition(condition.source)])
        }
        return text
    }

    /// Names of which one will do.
    func or(_ names: [String]) -> String { names.joined(separator: " " + voice(Say.or) + " ") }
}
