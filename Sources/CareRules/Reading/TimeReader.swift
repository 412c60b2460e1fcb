import CareValues

/// Which durations a key takes.
enum DurationRange {
    /// Any sign.
    case any
    /// Zero or more.
    case notNegative
    /// More than zero.
    case positive
}

extension Findings {
    /// An ISO 8601 duration within `range` and ``RuleLimits/durationDays``.
    mutating func duration(_ node: JSONNode, _ subject: String, range: DurationRange, example: String) -> ISODuration? {
        guard let text = node.string else {
            wrongType(node, subject, needs: "a duration as text", example: "\"\(example)\"")
            return nil
        }
        guard let duration = ISODuration(text: text) else {
            error(
                "rule.bad-duration", at: node, "'\(text)' is not a duration",
                help: durationHelp(text, example: example))
            return nil
        }
        if range != .any, duration.isNegative {
            error("rule.bad-duration", at: node, "\(subject) must not be negative", help: "for example \"\(example)\"")
            return nil
        }
        if range == .positive, duration.isZero {
            error(
                "rule.bad-duration", at: node, "\(subject) must be longer than nothing",
                help: "for example \"\(example)\"")
            return nil
        }
        guard duration.approximateMilliseconds.magnitude <= UInt64(RuleLimits.durationDays) * 86_400_000 else {
            error(
                "rule.bad-duration", at: node, "\(subject) is longer than a century", help: "for example \"\(example)\""
            )
            return nil
        }
        return duration
    }

    /// What the author may have meant by a text that is no duration.
    private func durationHelp(_ text: String, example: String) -> String {
        let upper = text.uppercased()
        var candidates = [upper, "P" + upper, "PT" + upper]
        if upper.hasPrefix("P") { candidates.append("PT" + upper.dropFirst()) }
        // "60 days", "90 minutes": the number and the unit in words.
        let words = upper.split(separator: " ")
        if words.count == 2, let number = Int(words[0]) {
            let unit = words[1].hasSuffix("S") ? words[1].dropLast() : words[1]
            switch unit {
            case "DAY", "WEEK", "MONTH", "YEAR": candidates.append("P\(number)\(unit.prefix(1))")
            case "SECOND", "MINUTE", "HOUR": candidates.append("PT\(number)\(unit.prefix(1))")
            default: break
            }
        }
        for candidate in candidates where candidate != text {
            if ISODuration(text: candidate) != nil { return "did you mean '\(candidate)'?" }
        }
        return "write an ISO 8601 duration: \"\(example)\", \"P7D\" seven days, \"PT2H\" two hours, \"P1M\" a month"
    }

    /// A wall time, `HH:MM` or `HH:MM:SS`.
    mutating func wallTime(_ node: JSONNode, _ subject: String) -> LocalTime? {
        guard let text = node.string else {
            wrongType(node, subject, needs: "a time of day as text", example: "\"09:00\"")
            return nil
        }
        if let time = LocalTime(text: text) { return time }
        let padded = "0" + text
        let help =
            if LocalTime(text: padded) != nil {
                "did you mean '\(padded)'?"
            } else if text == "24:00" {
                "the end of a day is the next day's \"00:00\""
            } else {
                "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""
            }
        error("rule.bad-time", at: node, "'\(text)' is not a time of day", help: help)
        return nil
    }
}
