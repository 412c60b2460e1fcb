import CareDecisions
import CareLogic
import CarePlanning
import CareValues

/// How a campaign's parts answered, in the order they are asked; the one that decided is marked.
struct ExplanationTree {
    var row: CustomerModel.Campaign
    var voice: Voice

    private var explanation: Explanation { row.explanation }

    var markup: Markup {
        tag("div", "tree") {
            trigger
            if let node = explanation.eventLook?.triggerWhere ?? explanation.triggerWhere {
                condition(voice.gate("where"), node)
            }
            if let node = explanation.condition { condition(voice.gate("condition"), node) }
            for entry in explanation.outlook.entries { self.entry(entry) }
            if explanation.held.isEmpty {
                gates(explanation.atEntry.filter { $0.look.gate != "condition" && $0.look.gate != "where" })
            }
            for action in explanation.held {
                line(
                    .none,
                    voice(Say.actionTo, ["step": action.look.step, "destination": action.look.action.destination]), "")
                gates(action.gates)
                if let deadline = action.look.deadline, action.gates.contains(where: \.objects) {
                    line(
                        .none, voice(Say.givenUp, ["time": voice.near(deadline, now: explanation.now)]), "",
                        css: "node unreached")
                }
            }
            change
        }
    }

    private var trigger: Markup {
        let glyph: Glyph = explanation.past.isEmpty && explanation.outlook.entries.isEmpty ? .none : .yes
        let starts = row.starts
        var saw = ""
        if let last = explanation.past.last {
            saw = voice(
                Say.firedAt, ["time": voice.near(last.due, now: explanation.now), "occurrence": last.occurrence])
        } else if let next = explanation.outlook.next {
            saw = voice(Say.firesAt, ["time": voice.near(next.due, now: explanation.now)])
        } else {
            saw = voice(Say.hasNotFired)
        }
        return line(glyph, voice(Say.triggerWord) + " " + starts, saw)
    }

    private func entry(_ running: Outlook.RunningEntry) -> Markup {
        let done = running.entry.done.map(\.name)
        var saw = voice(Say.entrySince, ["time": voice.near(running.entry.instant, now: explanation.now)])
        if !done.isEmpty { saw += voice(Say.comma) + voice(Say.stepsDone, ["steps": voice.list(done)]) }
        if let next = running.next {
            saw +=
                voice(Say.comma)
                + voice(Say.stepNext, ["step": next.step, "time": voice.near(next.due, now: explanation.now)])
        }
        return line(.yes, voice(Say.entryWord) + " " + running.entry.occurrence, saw)
    }

    /// A condition with what it saw; of a failing one the operators below, so that the decisive one is seen.
    private func condition(_ name: String, _ node: ExplanationNode) -> Markup {
        let isTrue = node.value == .bool(true)
        let own = line(
            isTrue ? .yes : .none, name + " " + voice.label(node), saw(node),
            css: isTrue ? "node" : "node deciding")
        guard !node.children.isEmpty else { return own }
        return own + tag("ul") { for child in node.children { tag("li") { nested(child) } } }
    }

    private func nested(_ node: ExplanationNode) -> Markup {
        let own = line(node.value == .bool(true) ? .yes : .none, voice.label(node), saw(node))
        guard !node.children.isEmpty else { return own }
        return own + tag("ul") { for child in node.children { tag("li") { nested(child) } } }
    }

    private func saw(_ node: ExplanationNode) -> String {
        let detail = voice.detail(node)
        return (detail.isEmpty ? "" : detail + " ") + "\u{2192} " + voice.result(node)
    }

    /// Gates in order: those that let through share a line, and so do those not reached.
    private func gates(_ gates: [Explanation.Gate]) -> Markup {
        var parts: [Markup] = []
        var passed: [String] = []
        var unreached: [String] = []
        func flush() {
            if !passed.isEmpty { parts.append(line(.yes, voice.list(passed), voice(Say.passed))) }
            passed = []
        }
        for gate in gates {
            let name = voice.gate(gate.look)
            switch gate.look.state {
            case .passed where gate.node == nil && gate.look.detail.isEmpty: passed.append(name)
            case .passed:
                flush()
                parts.append(line(.yes, name, gate.node.map(saw) ?? voice.detail(gate.look)))
            case .stopped(let outcome, let reason, let until):
                flush()
                parts.append(stop(name, gate, outcome, reason, until))
            case .error(let message):
                flush()
                parts.append(line(.error, name, voice.evaluationError(message), css: "node deciding bad"))
            case .notReached: unreached.append(name)
            }
        }
        flush()
        if !unreached.isEmpty {
            parts.append(line(.none, voice.list(unreached), voice(Say.notReached), css: "node unreached"))
        }
        return Markup.joined(parts)
    }

    private func stop(
        _ name: String, _ gate: Explanation.Gate, _ outcome: Outcome, _ reason: Reason, _ until: Timestamp?
    ) -> Markup {
        let shown = ShownOutcome(rawValue: outcome.rawValue) ?? .none
        var saw = gate.node.map(self.saw) ?? voice.detail(gate.look)
        if !saw.isEmpty { saw += " \u{00B7} " }
        saw += voice(Say.decides, ["outcome": voice(shown.phrase), "reason": voice.reason(reason.rawValue)])
        if let until {
            saw += voice(Say.comma) + voice(Say.untilTime, ["time": voice.near(until, now: explanation.now)])
        }
        return tag("div", "node deciding") {
            shown.glyph.coloured
            tag("span") {
                tag("strong") { name }
                " "
                tag("span", "saw") { saw }
            }
        }
    }

    /// What would have to be otherwise.
    private var change: Markup {
        guard let change = explanation.change else { return .empty }
        var parts = change.changes.map { change -> String in
            switch change {
            case .attribute(let name, let needed, _): name + " " + voice.core(needed, Say.needs)
            case .trait(let name, let needed, _, _): name + " " + voice.core(needed, Say.needs)
            }
        }
        if let byTime = change.byTime { parts.append(voice.near(byTime.at, now: explanation.now)) }
        guard !parts.isEmpty else { return .empty }
        return line(
            .arrow, voice(Say.toChange, ["changes": parts.joined(separator: voice(Say.comma))]), "", css: "node")
    }

    private func line(_ glyph: Glyph, _ text: String, _ saw: String, css: StaticString = "node") -> Markup {
        tag("div", css) {
            glyph.coloured
            tag("span") {
                text
                if !saw.isEmpty {
                    " "
                    tag("span", "saw") { saw }
                }
            }
        }
    }
}
