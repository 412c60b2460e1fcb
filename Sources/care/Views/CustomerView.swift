import CareDecisions
import CareEngine
import CareStore
import CareValues

/// `care customers show`
struct CustomerView {
    let record: CustomerRecord
    let showsPII: Bool
    /// At most so many lines of what happened.
    let limit: Int

    /// Something that happened.
    private struct Happening {
        var at: Timestamp
        var kind: String
        var what: String
        var detail: JSONValue
        var note: String
    }

    func text(_ style: Style) -> String {
        let time = TimeText(zone: record.zone)
        let row = record.row
        var head = "\(row.customer) · \(record.zone.name) · as of \(time.full(row.asOf))"
        if record.generation > 1 { head += " · taken in again after an erasure" }
        var lines = [style.bold(head)]
        lines += block("Attributes", record.attributes)
        lines += block("Traits", record.traits)
        lines.append("")
        lines.append("Segments  " + (record.segments.isEmpty ? "none" : record.segments.joined(separator: ", ")))
        let entries = row.memory.entries.filter(\.lives)
        if !entries.isEmpty {
            lines.append("")
            lines.append("Under way")
            var table = Table([.left, .left])
            for entry in entries {
                table.add([
                    entry.campaign, "since \(time.full(entry.instant)), to do: \(entry.todo.joined(separator: ", "))",
                ])
            }
            lines += table.lines()
        }
        let happenings = happenings
        lines.append("")
        lines.append(happenings.isEmpty ? "Nothing has happened yet." : "What happened, newest first")
        var table = Table([.left, .left, .left, .left])
        for one in happenings.prefix(limit) {
            let detail = one.detail == .null ? "" : JSONWriter.text(one.detail)
            table.add([
                time.full(one.at), one.kind, one.what,
                [detail, one.note].filter { !$0.isEmpty }.joined(separator: " "),
            ])
        }
        lines += table.lines()
        if happenings.count > limit {
            lines.append("\(grouped(happenings.count - limit)) more: add --limit \(happenings.count)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func block(_ title: String, _ values: [CustomerRecord.Value]) -> [String] {
        guard !values.isEmpty else { return [] }
        var table = Table([.left, .left])
        for one in values {
            let since = one.since.map { "  counts since \(TimeText(zone: record.zone).full($0))" } ?? ""
            table.add([one.name, (one.value.map { JSONWriter.text(shown($0, of: one.name)) } ?? "-") + since])
        }
        return ["", title] + table.lines()
    }

    private func shown(_ value: JSONValue, of name: String) -> JSONValue {
        showsPII ? value : record.mask.masked(value, of: name)
    }

    private var happenings: [Happening] {
        var all = record.facts.map { fact in
            switch fact {
            case .event(let event) where event.type.isEmpty:
                Happening(at: event.time, kind: "folded", what: "what was before", detail: .null, note: "")
            case .event(let event):
                Happening(
                    at: event.time, kind: "event", what: event.type,
                    detail: event.properties.members.isEmpty ? .null : shown(.object(event.properties), of: ""),
                    note: "")
            case .attributes(let fact):
                Happening(
                    at: fact.time, kind: "attributes", what: fact.values.members.map(\.name).joined(separator: ", "),
                    detail: shown(.object(fact.values), of: ""), note: "")
            }
        }
        let deliveries = Dictionary(
            record.deliveries.map { ($0.order.id, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in record.decisions {
            let step = entry.step.isEmpty || entry.step == "1" ? "" : "/\(entry.step)"
            var note = entry.reason
            if let delivery = deliveries[entry.key], entry.outcome == Outcome.act.rawValue {
                note = "\(delivery.order.destination) \(delivery.state.rawValue) \(entry.key.text.prefix(12))"
            }
            all.append(
                Happening(at: entry.now, kind: entry.outcome, what: entry.campaign + step, detail: .null, note: note))
        }
        return all.enumerated().sorted { ($1.element.at, $1.offset) < ($0.element.at, $0.offset) }.map(\.element)
    }

    var json: JSONValue {
        func values(_ values: [CustomerRecord.Value]) -> JSONValue {
            .object(
                JSONObject(
                    uniqueMembers: values.map { one in
                        (name: one.name, value: one.value.map { shown($0, of: one.name) } ?? .null)
                    }))
        }
        let happenings = happenings
        let timeline = happenings.prefix(limit).map { one in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("at", .string(one.at.iso8601)), ("kind", .string(one.kind)), ("what", .string(one.what)),
                    ("detail", one.detail), ("note", .string(one.note)),
                ]))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("customer", .string(record.row.customer)), ("timeZone", .string(record.zone.name)),
                ("asOf", .string(record.row.asOf.iso8601)), ("life", .number(Double(record.generation))),
                ("attributes", values(record.attributes)), ("traits", values(record.traits)),
                ("segments", .array(record.segments.map(JSONValue.string))),
                ("happenings", .number(Double(happenings.count))), ("timeline", .array(timeline)),
            ]))
    }
}

/// `care customers erase`
struct ErasedView {
    let id: String
    let summary: Eraser.Summary
    let zone: Zone
    let console: Console

    func text(_ style: Style) -> String {
        let content = summary.content ?? ErasedContent()
        var lines = [
            summary.wasErased
                ? style.bold(
                    "\(id) was forgotten \(TimeText(zone: zone).full(summary.erasure.at)). "
                        + "What lies outside the store was looked through again.")
                : style.bold(
                    "Forgot \(id): \(counted(content.facts, "fact")), and whom \(counted(content.decisions, "decision")) and "
                        + "\(counted(content.deliveries, "delivery", "deliveries")) were about.")
        ]
        if !content.cancelled.isEmpty {
            lines.append(
                "\(counted(content.cancelled.count, "delivery", "deliveries")) not sent yet: cancelled (erased).")
        }
        if summary.planLines > 0 { lines.append("Approved plans: \(counted(summary.planLines, "line")) taken out.") }
        if summary.rejectedRows > 0 {
            lines.append("Files of rejects: \(counted(summary.rejectedRows, "row")) taken out.")
        }
        for error in summary.unreadable {
            lines.append(
                style.warning("warning: ")
                    + "\(console.shown(error.path)) could not be looked through: \(error.reason). "
                    + "Take the customer out by hand")
        }
        if !summary.isLogEmpty {
            lines.append(
                "A program still reads the store as it was: its log is emptied by the next care tick or care serve.")
        }
        lines.append(
            "Later facts about it are refused. Backups made before still hold it: care restore forgets it again,")
        lines.append(
            "by \(console.shown(ErasureFile.path(of: "care.sqlite"))) beside the store: keep that file with the backups."
        )
        return lines.joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        let content = summary.content ?? ErasedContent()
        func number(_ count: Int) -> JSONValue { .number(Double(count)) }
        return .object(
            JSONObject(uniqueMembers: [
                ("customer", .string(id)), ("erasedAt", .string(summary.erasure.at.iso8601)),
                ("facts", number(content.facts)), ("decisions", number(content.decisions)),
                ("deliveries", number(content.deliveries)), ("cancelled", number(content.cancelled.count)),
                ("planLines", number(summary.planLines)), ("rejectedRows", number(summary.rejectedRows)),
                ("unreadable", .array(summary.unreadable.map { .string($0.path) })),
                ("logIsEmpty", .bool(summary.isLogEmpty)),
            ]))
    }
}
