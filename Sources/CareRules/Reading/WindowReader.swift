import CareValues

extension PolicyReader {
    /// `windows`: opening hours by name, ascending.
    mutating func readWindows(_ node: JSONNode) -> [Window] {
        guard node.kind == .object else {
            findings.wrongType(
                node, "'windows'", needs: "an object",
                example: "{ \"business\": { \"days\": [\"mon\"], \"from\": \"09:00\", \"until\": \"18:00\" } }")
            return []
        }
        var windows: [Window] = []
        for (key, value) in node.members {
            findings.checkName(key.string ?? "", at: key, "a window")
            let name = key.string ?? ""
            // One that is broken is there all the same: the steps that name it are not to be blamed.
            windows.append(
                readWindow(name, value)
                    ?? Window(name: name, days: Set(1...7), from: .midnight, until: .midnight, clock: .project))
        }
        return windows.sorted { $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars) }
    }

    private mutating func readWindow(_ name: String, _ node: JSONNode) -> Window? {
        let subject = "window '\(name)'"
        guard
            let members = findings.members(
                of: node, .window, subject: subject,
                example: "{ \"days\": [\"mon\", \"tue\"], \"from\": \"09:00\", \"until\": \"18:00\" }")
        else { return nil }
        let from = time("from", members, in: node, subject, example: "09:00")
        let until = time("until", members, in: node, subject, example: "18:00")
        let days = members["days"].map { readDays($0) } ?? Set(1...7)
        let clock = members["zone"].map { readClock($0) } ?? .project
        let holidays: String?? = members["holidays"].map { readHolidays($0) }
        guard let from, let until, let days, let clock else { return nil }
        if case .some(nil) = holidays { return nil }
        return Window(name: name, days: days, from: from, until: until, clock: clock, holidays: holidays ?? nil)
    }

    private mutating func readHolidays(_ node: JSONNode) -> String? {
        guard let code = findings.text(node, "holidays", example: "\"CN\"") else { return nil }
        return findings.isRegion(code, at: node, in: holidays) ? code : nil
    }

    /// Days of the week, 1 for Monday.
    private mutating func readDays(_ node: JSONNode) -> Set<Int>? {
        guard let list = findings.list(node, "days", example: "[\"mon\", \"fri\"]", mayBeEmpty: false) else {
            return nil
        }
        let words = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        var days: Set<Int> = []
        var isSound = true
        for (text, place) in list {
            if let position = words.firstIndex(of: text) {
                days.insert(position + 1)
            } else {
                findings.error(
                    "rule.wrong-value", at: place, "a day must be \(alternatives(words)), not '\(text)'",
                    help: suggestion(for: text, among: words))
                isSound = false
            }
        }
        return isSound ? days : nil
    }

    private mutating func readClock(_ node: JSONNode) -> Window.Clock? {
        guard let text = findings.text(node, "zone", example: "\"project\"") else { return nil }
        switch text {
        case "project": return .project
        case "customer": return .customer
        default: return findings.isZone(text, at: node) ? .named(text) : nil
        }
    }
}
