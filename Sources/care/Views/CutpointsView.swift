import CareEngine
import CareLogic
import CareValues

/// What `care cutpoints` prints: cut points old and new, and how many customers move.
struct CutpointsView {
    let summary: CutPointRunner.Summary
    let isDryRun: Bool
    let zone: Zone

    /// For each trait a head, a table and a sentence; at the end what was stored.
    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        var text = ""
        for result in summary.results {
            let head =
                "\(result.definition.name)  \(counted(result.customers, "customer")) of \(grouped(summary.customers))"
            text += style.bold(head) + " with a score at \(time.full(summary.asOf)) \(zone.name)\n\n"
            if let after = result.after {
                text += table(result.before?.points, after).joined(separator: "\n") + "\n\n"
                text += "  " + moves(result) + "\n"
            } else {
                text += "  No event counts: nothing to compute"
                text += result.before == nil ? ".\n" : ", the cut points stay.\n"
            }
            if result.overLimit > 0 {
                text += "  \(counted(result.overLimit, "customer")) held more events than a trait may: not measured.\n"
            }
            text += "\n"
        }
        return text + ending + "\n"
    }

    private func table(_ before: RFMCutPoints?, _ after: RFMCutPoints) -> [String] {
        var table = Table([.left, .left, .right, .right, .right, .right, .left])
        table.add(["score", "", "2", "3", "4", "5", ""])
        let rows: [(String, String, KeyPath<RFMCutPoints, [Double]>)] = [
            ("recency", "fewer days than", \.recency), ("frequency", "more events than", \.frequency),
            ("monetary", "a greater sum than", \.monetary),
        ]
        for (name, words, path) in rows {
            // The best score of recency needs the fewest days.
            func cells(_ points: RFMCutPoints) -> [String] {
                let listed = name == "recency" ? points[keyPath: path].reversed() : points[keyPath: path]
                return listed.map { CanonicalJSON.numberText($0) }
            }
            if let before, before[keyPath: path] != after[keyPath: path] {
                table.add([name, words] + cells(before) + ["before"])
                table.add(["", ""] + cells(after) + ["now"])
            } else {
                table.add([name, words] + cells(after))
            }
        }
        return table.lines()
    }

    private func moves(_ result: CutPointRunner.Result) -> String {
        guard result.before != nil else {
            return "\(counted(result.customers, "customer")) \(result.customers == 1 ? "gets" : "get") a first score."
        }
        if result.after == result.before?.points { return "As before: nobody moves." }
        return "\(counted(result.movedScores, "customer")) \(result.movedScores == 1 ? "gets" : "get") another score, "
            + "\(grouped(result.movedGroups)) another group."
    }

    private var ending: String {
        if let version = summary.version {
            return
                "Stored as cut points \(version). The next tick, or serve when it reads the rules, puts them in force."
        }
        let inForce = summary.versionBefore.map { "cut points \($0) stay" } ?? "there are no cut points"
        if summary.isNew { return "Nothing was stored: \(inForce)." }
        return "Nothing is new: \(inForce)."
    }

    /// The same with all numbers.
    var json: JSONValue {
        func number(_ value: Int) -> JSONValue { .number(Double(value)) }
        func version(_ value: Int64?) -> JSONValue { value.map { .number(Double($0)) } ?? .null }
        let traits = summary.results.map { result in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("trait", .string(result.definition.name)), ("customers", number(result.customers)),
                    ("before", result.before?.points.jsonValue ?? .null), ("after", result.after?.jsonValue ?? .null),
                    ("movedScores", number(result.movedScores)), ("movedGroups", number(result.movedGroups)),
                    ("overLimit", number(result.overLimit)),
                ]))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("asOf", .string(summary.asOf.iso8601)), ("timeZone", .string(zone.name)),
                ("customers", number(summary.customers)), ("versionBefore", version(summary.versionBefore)),
                ("version", version(summary.version)), ("isNew", .bool(summary.isNew)), ("traits", .array(traits)),
            ]))
    }
}
