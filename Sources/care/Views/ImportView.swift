import CareDecisions
import CareEngine
import CareIntake
import CareThreads
import CareValues

/// What `care import` shows: a line of progress on a terminal, then the sums, in which every row is once.
struct ImportView {
    let request: ImportRequest
    let projectZone: Zone
    /// Whether the rows went through a service, which delivers by itself.
    let isBesideService: Bool
    let console: Console
    private let started: Timestamp
    private let lastShown = Lock<Timestamp?>(nil)

    init(request: ImportRequest, projectZone: Zone, isBesideService: Bool = false, console: Console) {
        self.isBesideService = isBesideService
        self.request = request
        self.projectZone = projectZone
        self.console = console
        started = console.now()
    }

    // MARK: Progress

    /// Rewrites the line of progress, at most five times a second.
    func show(_ progress: ImportProgress) {
        guard console.showsProgress else { return }
        let now = console.now()
        let isDue = lastShown.withLock { last in
            if let last, now.milliseconds(since: last) < 200 { return false }
            last = now
            return true
        }
        if isDue { console.writeError("\r\u{1B}[K" + line(progress, at: now)) }
    }

    /// Takes the line of progress away.
    func endProgress() {
        if lastShown.withLock({ $0 != nil }) { console.writeError("\r\u{1B}[K") }
    }

    func line(_ progress: ImportProgress, at now: Timestamp) -> String {
        let seconds = max(0.001, Double(now.milliseconds(since: started)) / 1000)
        let share = progress.bytes == 0 ? 1 : min(1, Double(progress.bytesRead) / Double(progress.bytes))
        let rate = Int(Double(progress.rows) / seconds)
        let expected = share > 0 ? Int(Double(progress.rows) / share) : progress.rows
        let left = share > 0 ? Int((seconds / share - seconds).rounded(.up)) : 0
        return "\(request.shownPath)  \(grouped(progress.rows)) of about \(grouped(expected)) rows · "
            + "\(Int(share * 100)) % · \(grouped(rate))/s · \(left) s left"
    }

    // MARK: The end

    func text(_ summary: ImportSummary) -> String {
        var lines = [headline(summary)]
        var table = Table([.left, .right, .left])
        table.add(["read", grouped(summary.read)])
        table.add(["new", grouped(summary.new)])
        table.add(["already stored", grouped(summary.alreadyStored), summary.alreadyStored > 0 ? " unchanged" : ""])
        if case .history = request.mode {
            table.add([
                "not taken", grouped(summary.notTaken),
                summary.notTaken > 0 ? " at or after --history-until; take them with --fire" : "",
            ])
        }
        if summary.erased > 0 {
            table.add(["erased", grouped(summary.erased), " about customers who were erased; not stored"])
        }
        table.add([
            "refused", grouped(summary.refused), summary.refused > 0 ? " → \(request.shownPath).rejects" : "",
        ])
        lines += table.lines()
        lines += refusals(summary)
        if summary.sentinelDates > 0, let first = summary.firstSentinel {
            lines.append(
                "Taken, but look: \(counted(summary.sentinelDates, "row")) with a date that often stands for 'unknown' "
                    + "(first: line \(grouped(first.line)), \(first.field)). It gets no greeting.")
        }
        if summary.unknownZones > 0, let first = summary.firstUnknownZone {
            lines.append(
                "Taken, but look: \(counted(summary.unknownZones, "row")) with a time zone that does not exist "
                    + "(first: line \(grouped(first.line)), \(first.field)). The project's is used: \(projectZone.name)."
            )
        }
        if summary.undeclaredEvents > 0 {
            let types = summary.undeclaredTypes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let shown = types.prefix(5).map { "\($0.key) (\(grouped($0.value)))" }.joined(separator: ", ")
            lines.append(
                "Taken, but look: \(counted(summary.undeclaredEvents, "event")) of types that the rule files neither "
                    + "declare nor name: \(shown)\(types.count > 5 ? " …" : "").")
        }
        if !summary.ignoredColumns.isEmpty {
            let shown = summary.ignoredColumns.prefix(8).joined(separator: ", ")
            lines.append(
                "Not stored, since no rule file declares them: \(shown)\(summary.ignoredColumns.count > 8 ? " …" : ".")"
            )
        }
        if summary.decisions.decided > 0 || request.mode.fires { lines.append(decided(summary)) }
        if summary.isInterrupted {
            lines.append("Interrupted: what is counted here is stored. Import the same file again for the rest.")
        } else {
            // Of these rows the file is not at fault.
            let unreadable = summary.refusals[.unreadableCustomer]?.count ?? 0
            if summary.refused > unreadable { lines.append("Correct that file and import it the same way.") }
            if unreadable > 0 {
                lines.append(
                    "What is stored of some customers cannot be read: care doctor names them. Import their rows again once "
                        + "they are restored or erased.")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func headline(_ summary: ImportSummary) -> String {
        let what = request.kind == .customers ? "customer row" : "event"
        let subject = "\(grouped(summary.new)) new \(what)\(summary.new == 1 ? "" : "s")"
        switch request.mode {
        case .history(let until):
            return "Imported \(subject) as history until \(TimeText(zone: projectZone).full(until)) "
                + "\(projectZone.name); no campaign was started."
        case .fire: return "Received \(subject) now."
        case .fireAtRows: return "Received \(subject), each at its own time."
        }
    }

    private func refusals(_ summary: ImportSummary) -> [String] {
        var table = Table([.left, .right, .left])
        let order = summary.refusals.sorted {
            ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue)
        }
        for (code, tally) in order {
            var first = "first: line \(grouped(tally.first.extent.line))"
            if !tally.first.field.isEmpty { first += ", \(tally.first.field)" }
            if let shown = tally.first.shown { first += " \"\(shown)\"" }
            if code == .sameRowOtherProperties { first += "; see --id, --allow-new" }
            if code == .unreadableCustomer { first += "; see care doctor" }
            if code == .brokenLine || code == .tooLarge { first += ": \(tally.first.reason)" }
            table.add([code.rawValue, grouped(tally.count), first])
        }
        return table.lines(indent: "    ")
    }

    private func decided(_ summary: ImportSummary) -> String {
        let outcomes = summary.decisions.decisions
        guard summary.decisions.decided > 0 else { return "No action was decided." }
        let words: [(Outcome, String)] = [
            (.act, "act"), (.hold, "held"), (.suppress, "suppressed"), (.skip, "skipped"), (.error, "error"),
        ]
        let parts = words.compactMap { outcome, word in outcomes[outcome].map { "\(grouped($0)) \(word)" } }
        return "Decided \(counted(summary.decisions.decided, "action")): \(parts.joined(separator: ", ")). "
            + (isBesideService ? "care serve delivers what waits." : "What waits goes out with: care tick")
    }

    // MARK: JSON

    func json(_ summary: ImportSummary) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("file", .string(request.shownPath)), ("kind", .string(request.kind.rawValue)),
        ]
        switch request.mode {
        case .history(let until):
            members.append(("historyUntil", .string(until.iso8601)))
            members.append(("timeZone", .string(projectZone.name)))
        case .fire: members.append(("fired", .string("now")))
        case .fireAtRows: members.append(("fired", .string("rows")))
        }
        let counts = [
            ("read", summary.read), ("new", summary.new), ("alreadyStored", summary.alreadyStored),
            ("notTaken", summary.notTaken), ("refused", summary.refused), ("sentinelDates", summary.sentinelDates),
            ("unknownZones", summary.unknownZones), ("undeclaredEvents", summary.undeclaredEvents),
            ("erased", summary.erased),
        ]
        members += counts.map { ($0, JSONValue.number(Double($1))) }
        if summary.refused > 0 { members.append(("rejects", .string(request.shownPath + ".rejects"))) }
        let refusals = summary.refusals.sorted { $0.key.rawValue < $1.key.rawValue }.map { code, tally in
            var first: [(name: String, value: JSONValue)] = [
                ("line", .number(Double(tally.first.extent.line))), ("field", .string(tally.first.field)),
                ("reason", .string(tally.first.reason)),
            ]
            if let shown = tally.first.shown { first.append(("value", .string(shown))) }
            return JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("code", .string(code.rawValue)), ("count", .number(Double(tally.count))),
                    ("first", .object(JSONObject(uniqueMembers: first))),
                ]))
        }
        members.append(("refusals", .array(refusals)))
        members.append(("ignoredColumns", .array(summary.ignoredColumns.map(JSONValue.string))))
        let decisions = summary.decisions.decisions.sorted { $0.key.rawValue < $1.key.rawValue }
        members.append(
            (
                "decisions",
                .object(JSONObject(uniqueMembers: decisions.map { ($0.key.rawValue, .number(Double($0.value))) }))
            ))
        members.append(("interrupted", .bool(summary.isInterrupted)))
        return .object(JSONObject(uniqueMembers: members))
    }
}

extension ImportRequest.Mode {
    /// Whether rows start campaigns.
    var fires: Bool {
        if case .history = self { false } else { true }
    }
}
