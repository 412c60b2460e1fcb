/// What is wrong with the text of a cron expression, and where.
public struct CronSyntaxError: Error, Sendable, Hashable {
    /// The part of the text, in UTF-8 bytes.
    public var range: Range<Int>
    /// What is wrong, one sentence without a full stop.
    public var message: String
    /// What to do about it.
    public var help: String?
}

extension CronExpression {
    /// Reads five fields: `*`, numbers, names of months and weekdays, ranges `a-b`, steps `*/n` and `a-b/n`, lists of all
    /// of these; small or capital letters; 0 and 7 are Sunday.
    public init(text: String) throws(CronSyntaxError) {
        let whole = Array(text.utf8)
        if let help = CronField.nicknames[text.lowercased()] {
            throw CronSyntaxError(
                range: 0..<whole.count, message: "'\(text)' is not five fields", help: "write '\(help)'")
        }
        let words = CronField.words(of: whole)
        guard words.count == 5 else {
            let example = "minute, hour, day of the month, month, weekday: \"0 10 1 * *\""
            let place = words.count > 5 ? words[5].lowerBound..<words[words.count - 1].upperBound : 0..<whole.count
            throw CronSyntaxError(
                range: place.isEmpty ? 0..<max(1, whole.count) : place,
                message: "a cron has five fields, not \(words.count)",
                help: words.count > 5 ? "no seconds and no years: \(example)" : example)
        }
        var sets: [UInt64] = []
        for (field, range) in zip(CronField.all, words) { sets.append(try field.read(whole, range)) }
        let isStar = words.map { whole[$0.lowerBound] == UInt8(ascii: "*") }
        // Sunday is 0 and 7 in a crontab, 7 here.
        let sundays: UInt64 = sets[4] & 1 == 0 ? 0 : 1 << 7
        self.init(
            minutes: sets[0], hours: UInt32(truncatingIfNeeded: sets[1]), days: UInt32(truncatingIfNeeded: sets[2]),
            months: UInt16(truncatingIfNeeded: sets[3]), weekdays: UInt8(truncatingIfNeeded: sets[4] & ~1 | sundays),
            isEither: !isStar[2] && !isStar[4])
        guard everMatches else {
            throw CronSyntaxError(
                range: words[2].lowerBound..<words[3].upperBound,
                message: "no month has such a day: this cron never matches",
                help: "name a day that one of the months has")
        }
    }
}

/// One of the five fields: which numbers and names it takes.
struct CronField {
    let noun: String
    let bounds: ClosedRange<Int>
    /// Names by their number from the lower bound on.
    let names: [String]

    static let all = [
        CronField(noun: "minute", bounds: 0...59, names: []), CronField(noun: "hour", bounds: 0...23, names: []),
        CronField(noun: "day of the month", bounds: 1...31, names: []),
        CronField(
            noun: "month", bounds: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        CronField(noun: "weekday", bounds: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    ]

    /// Words that some crontabs take for five fields.
    static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// The ranges of what blanks and tabs part.
    static func words(of text: [UInt8]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        for index in 0...text.count {
            let isBlank = index == text.count || text[index] == 0x20 || text[index] == 0x09
            if isBlank, let begin = start {
                words.append(begin..<index)
                start = nil
            } else if !isBlank, start == nil {
                start = index
            }
        }
        return words
    }

    /// The numbers that the field's text names, as bits.
    func read(_ text: [UInt8], _ range: Range<Int>) throws(CronSyntaxError) -> UInt64 {
        var bits: UInt64 = 0
        for part in Self.split(text, range, at: UInt8(ascii: ",")) { bits |= try readPart(text, part) }
        return bits
    }

    /// `*`, `a`, `a-b`, each but the number perhaps with `/n`.
    private func readPart(_ text: [UInt8], _ range: Range<Int>) throws(CronSyntaxError) -> UInt64 {
        let pieces = Self.split(text, range, at: UInt8(ascii: "/"))
        let (base, step) = (pieces[0], pieces.count > 1 ? pieces[1] : nil)
        guard pieces.count <= 2 else { throw failure(text, range, "has two steps", "one '/' at most") }
        var (low, high) = (bounds.lowerBound, bounds.upperBound)
        if text[base] != [UInt8(ascii: "*")] {
            let ends = Self.split(text, base, at: UInt8(ascii: "-"))
            low = try value(text, ends[0])
            high = ends.count > 1 ? try value(text, ends[1]) : low
            guard ends.count <= 2 else { throw failure(text, base, "is no range", "write a-b") }
            // A week may end on Sunday, which is 0 too.
            if bounds.upperBound == 7, ends.count == 2, high == 0 { high = 7 }
            guard low <= high else {
                throw failure(
                    text, base, "runs backwards",
                    "write two ranges: \(name(low))-\(name(bounds.upperBound - (bounds.upperBound == 7 ? 1 : 0))),\(name(bounds.lowerBound))-\(name(high))"
                )
            }
            if step != nil, ends.count == 1 {
                throw failure(text, range, "has a step but no range", "write \(name(low))-\(bounds.upperBound)/…")
            }
        }
        var stride = 1
        if let step {
            guard let number = Self.number(text[step]), number > 0 else {
                throw failure(text, step.isEmpty ? range : step, "is no step", "a whole number above 0: */15")
            }
            stride = number
        }
        var bits: UInt64 = 0
        for number in Swift.stride(from: low, through: high, by: stride) {
            bits |= 1 << UInt64(bounds.upperBound == 7 && number == 7 ? 0 : number)
        }
        return bits
    }

    private func value(_ text: [UInt8], _ range: Range<Int>) throws(CronSyntaxError) -> Int {
        let word = String(decoding: text[range], as: UTF8.self)
        if let place = names.firstIndex(of: word.lowercased()) { return bounds.lowerBound + place }
        guard let number = Self.number(text[range]) else {
            let help =
                names.isEmpty
                ? "a number from \(bounds.lowerBound) to \(bounds.upperBound), *, a range, a step or a list"
                : nearest(word.lowercased(), in: names).map { "did you mean '\($0)'?" }
                    ?? "a number from \(bounds.lowerBound) to \(bounds.upperBound), or \(names[0]) to \(names[names.count == 8 ? 6 : names.count - 1])"
            throw failure(text, range, "is no \(noun)", help)
        }
        guard bounds.contains(number) else {
            throw failure(text, range, "is no \(noun)", "from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    private func failure(_ text: [UInt8], _ range: Range<Int>, _ what: String, _ help: String) -> CronSyntaxError {
        let word = String(decoding: text[range], as: UTF8.self)
        // An empty part is shown by what stands beside it.
        let place = range.isEmpty ? max(0, range.lowerBound - 1)..<max(1, range.lowerBound) : range
        return CronSyntaxError(
            range: place, message: word.isEmpty ? "a \(noun) is missing" : "'\(word)' \(what)", help: help)
    }

    private func name(_ number: Int) -> String { String(number) }

    private static func split(_ text: [UInt8], _ range: Range<Int>, at separator: UInt8) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        for index in range where text[index] == separator {
            parts.append(start..<index)
            start = index + 1
        }
        return parts + [start..<range.upperBound]
    }

    /// One to three digits.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(digits.count), digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }
}
