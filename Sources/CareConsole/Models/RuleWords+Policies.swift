import CareRules
import CareValues

/// What holds for all campaigns, in words.
extension RuleWords {
    /// Each policy: what it is called, and what it says.
    var policies: [(name: String, text: Markup)] {
        let policies = rules.policies
        var rows: [(name: String, text: Markup)] = []
        for quiet in policies.quietHours where quiet.from != quiet.until {
            var text = voice(
                Say.policyQuiet,
                ["from": voice.time(quiet.from), "until": voice.time(quiet.until), "then": effect(quiet.then)])
            if !quiet.destinations.isEmpty { text += voice(Say.comma) + voice.list(quiet.destinations) }
            rows.append((voice(Say.quietHours), .text(text)))
        }
        for cap in policies.caps {
            let period: String =
                switch cap.period {
                case .rolling(let duration): voice.duration(duration)
                case .calendar(let period): voice(Say.policyCalendar, ["period": voice(Say.period(period))])
                }
            var text = voice(Say.policyCap, n: cap.max, ["period": period, "then": effect(cap.then)])
            if let tags = cap.tags { text += voice(Say.comma) + voice(Say.policyTags, ["tags": voice.list(tags)]) }
            if let destinations = cap.destinations { text += voice(Say.comma) + voice.list(destinations) }
            rows.append((cap.name, .text(text)))
        }
        for pause in policies.pauses {
            var text = voice.markup(
                Say.policyPause, ["condition": condition(pause.when.source), "then": .text(effect(pause.then))])
            if let tags = pause.tags {
                text = text + .text(voice(Say.comma) + voice(Say.policyTags, ["tags": voice.list(tags)]))
            }
            rows.append((pause.name, text))
        }
        for window in policies.windows {
            let monday = CivilDate(year: 2024, month: 1, day: 1) ?? CivilDate(dayNumber: 4)
            let days = window.days.sorted().map { voice.weekday(monday.advanced(byDays: $0 - 1)) }
            var text = voice(
                Say.policyWindow,
                ["days": voice.list(days), "from": voice.time(window.from), "until": voice.time(window.until)])
            if let region = window.holidays { text += voice(Say.comma) + voice(Say.policyHolidays, ["region": region]) }
            rows.append((window.name, .text(text)))
        }
        return rows
    }

    private func effect(_ effect: PolicyEffect) -> String {
        voice(effect == .hold ? Say.hold : Say.suppress).lowercased()
    }
}
