import CareDecisions
import CareLogic
import CarePlanning
import CareValues

/// `care plan --customer`: every action, with its payload and its key.
struct CustomerPlanView {
    let plan: Plan
    let customer: String
    /// What says which occurrences name a personal value; nil: such values are shown.
    let hiding: Schema?

    /// The customer's own clock.
    private var zone: Zone { plan.customerZone ?? plan.zone }
    private var time: TimeText { TimeText(zone: zone) }

    func text(_ style: Style) -> String {
        var lines = [style.bold(headline)]
        if !plan.decisions.isEmpty { lines.append("") }
        var table = Table([.left, .left, .left, .left, .left])
        for decision in plan.decisions {
            let step = decision.key.step == "1" || decision.key.step.isEmpty ? "" : "/\(decision.key.step)"
            table.add([
                time.short(decision.now), decision.outcome.rawValue, plan.campaignName(of: decision) + step,
                decision.destination.isEmpty ? "-" : decision.destination, basis(decision),
            ])
        }
        let rows = table.lines(indent: "")
        for (row, decision) in zip(rows, plan.decisions) {
            lines.append(row)
            let indent = String(repeating: " ", count: 18)
            if let order = decision.order {
                lines.append("\(indent)\(order.type) \(JSONWriter.text(order.data))")
            } else if let reason = decision.reason {
                lines.append("\(indent)\(reason.rawValue)")
            }
            let key = decision.key.text(generation: plan.customerLife)
            let id = decision.order == nil ? "" : " · \(DeliveryID(hashing: key).text)"
            // The id is that of the key as it is: only what is printed of it is masked.
            let occurrence = hiding.map { Mask.occurrence(decision.key.occurrence, $0) } ?? decision.key.occurrence
            lines.append(style.dim("\(indent)occurrence \(occurrence)\(id)"))
        }
        let approved = plan.campaigns.filter { facts in
            facts.needsApproval && plan.decisions.contains { $0.key.campaign == facts.identity }
        }
        if !approved.isEmpty {
            lines += ["", "Only if it is approved: \(approved.map(\.name).joined(separator: ", "))."]
        }
        let waiting = plan.campaigns.filter {
            !$0.basis.isForeseeable && (plan.campaign == nil || plan.campaign == $0.name)
        }
        if !waiting.isEmpty {
            lines += [
                "",
                "Cannot be foreseen: \(waiting.map(\.name).joined(separator: ", ")) (an event or a change starts them).",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let total = plan.tally.total
        var parts = [total.act == 0 ? "no message" : counted(total.act, "message")]
        if total.suppress > 0 {
            parts.append("\(grouped(total.suppress)) \(total.suppress == 1 ? "is" : "are") suppressed")
        }
        if total.skip > 0 { parts.append("\(grouped(total.skip)) \(total.skip == 1 ? "is" : "are") skipped") }
        if total.held > 0 {
            parts.append("\(grouped(total.held)) \(total.held == 1 ? "is" : "are") held at the end")
        }
        return
            "\(customer) gets \(parts.joined(separator: ", ")), until \(time.full(plan.until)) \(zone.name). Nothing was sent."
    }

    private func basis(_ decision: Decision) -> String {
        guard let facts = plan.campaigns.first(where: { $0.identity == decision.key.campaign }) else { return "" }
        return (decision.key.step == facts.steps.first ? facts.basis : .running).rawValue
    }
}
