import CareEngine
import CarePlanning
import CareValues

/// `care plan --why-not`: how many customers each part of a campaign turns away.
struct FunnelView {
    let result: FunnelRunner.Result
    let campaign: String
    let zone: Zone

    private var funnel: Funnel { result.funnel }

    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        let acts = funnel.counts.reduce(0) { $0 + ($1.key.part == .act ? $1.value : 0) }
        var lines: [String] = []
        if result.isInterrupted {
            lines.append(
                style.warning("Interrupted: this is of \(counted(funnel.customers, "customer")) only."))
        }
        lines.append(
            style.bold(
                result.isForeseen
                    ? "\(campaign) acts for \(grouped(acts)) of \(counted(funnel.customers, "customer")) "
                        + "until \(time.full(result.until)) \(zone.name)."
                    : "\(campaign) would act for \(grouped(acts)) of \(counted(funnel.customers, "customer")) "
                        + "if it fired for each at \(time.full(result.from)) \(zone.name)."))
        if let line = LeftOut.line(result.unreadable) { lines.append(style.warning(line)) }
        var table = Table([.left, .left, .right, .right])
        table.add(["PART", "TURNED AWAY BY", "CUSTOMERS", "LEFT"])
        var left = funnel.customers
        var part: Funnel.Stage.Part?
        let stages = funnel.counts.filter { $0.key.part != .act }.sorted { one, other in
            one.key.part != other.key.part
                ? one.key.part < other.key.part
                : (other.value, one.key.text) < (one.value, other.key.text)
        }
        for (stage, count) in stages {
            left -= count
            table.add([stage.part == part ? "" : stage.part.text, Self.cut(stage.text), grouped(count), grouped(left)])
            part = stage.part
        }
        if !stages.isEmpty { lines += [""] + table.lines() }
        lines.append(
            "  Each customer is counted at the first part that turns it away"
                + (result.isForeseen ? ", at its first occurrence." : "; a where that reads the event is not asked."))
        lines += ["", "Next: care explain CUSTOMER \(campaign)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cut(_ text: String) -> String {
        text.count <= 60 ? text : String(text.prefix(59)) + "…"
    }

    var json: JSONValue {
        let stages = funnel.counts.sorted { $0.key < $1.key }.map { stage, count in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("part", .string(stage.part.text)), ("by", .string(stage.text)),
                    ("customers", .number(Double(count))),
                ]))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("campaign", .string(campaign)), ("from", .string(result.from.iso8601)),
                ("until", .string(result.until.iso8601)), ("timeZone", .string(zone.name)),
                ("foreseen", .bool(result.isForeseen)), ("interrupted", .bool(result.isInterrupted)),
                ("unreadable", .number(Double(result.unreadable))),
                ("customers", .number(Double(funnel.customers))), ("stages", .array(stages)),
            ]))
    }
}
