/// How findings are shown: as text with the source line and a caret, and as JSON.
extension Diagnostic {
    /// The finding in two or three lines, without a line end at the last:
    ///
    /// ```text
    /// rules/gold.json:4:18: error: unknown operator 'iff' [rule.unknown-operator]
    ///     4 |   "condition": { "iff": [{ "segment": "vip" }, true, false] },
    ///       |                  ^~~~~  did you mean 'if'?
    /// ```
    ///
    /// The caret stands by display width (two columns for Chinese, Japanese, Korean), the column counts characters.
    /// A finding about a whole file has line 0 and no source line. Control characters of the file are not passed on.
    public func rendered(colour: Bool = false) -> String {
        let name = file.isEmpty ? "" : clean(file) + ":"
        let place = line > 0 ? name + "\(line):\(column): " : name.isEmpty ? "" : name + " "
        let head: String
        if colour {
            let red = severity == .error ? "\u{1B}[1;31m" : severity == .warning ? "\u{1B}[1;33m" : "\u{1B}[1m"
            head =
                "\u{1B}[1m\(place)\u{1B}[0m\(red)\(severity.rawValue):\u{1B}[0m\u{1B}[1m \(clean(message))\u{1B}[0m [\(code)]"
        } else {
            head = "\(place)\(severity.rawValue): \(clean(message)) [\(code)]"
        }
        guard line > 0 else { return head + (help.map { "\n      " + clean($0) } ?? "") }
        let number = String(line)
        let gutter = String(repeating: " ", count: max(0, 5 - number.count)) + number
        let blank = String(repeating: " ", count: gutter.count)
        let excerpt = Excerpt(sourceLine, column: column - sourceColumn + 1, length: length)
        let caret = "^" + String(repeating: "~", count: max(0, excerpt.caretWidth - 1))
        let tint = severity == .error ? "\u{1B}[31m" : severity == .warning ? "\u{1B}[33m" : ""
        let shown = colour && severity != .note ? tint + caret + "\u{1B}[0m" : caret
        return head + "\n\(gutter) | \(excerpt.text)\n\(blank) | \(excerpt.indent)\(shown)"
            + (help.map { "  " + clean($0) } ?? "")
    }

    /// The finding as `care check --format json` shows it.
    public var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("file", .string(file)), ("line", .number(Double(line))), ("column", .number(Double(column))),
            ("severity", .string(severity.rawValue)), ("code", .string(code)), ("message", .string(message)),
        ]
        if let help { members.append(("help", .string(help))) }
        members.append(("path", .string(path)))
        return .object(JSONObject(uniqueMembers: members))
    }
}

extension Diagnostic: Comparable {
    /// By file, line, column; then errors before warnings, then code and sentence, so that the order is always the same.
    public static func < (left: Diagnostic, right: Diagnostic) -> Bool {
        if left.file != right.file { return left.file < right.file }
        if left.line != right.line { return left.line < right.line }
        if left.column != right.column { return left.column < right.column }
        if left.severity != right.severity { return left.severity.rank < right.severity.rank }
        return (left.code, left.message, left.path) < (right.code, right.message, right.path)
    }
}

extension Diagnostic.Severity {
    /// Errors first, notes last.
    fileprivate var rank: Int {
        switch self {
        case .error: 0
        case .warning: 1
        case .note: 2
        }
    }
}

extension [Diagnostic] {
    /// All findings as text, by place, one after another, without a line end at the last.
    public func rendered(colour: Bool = false) -> String {
        sorted().map { $0.rendered(colour: colour) }.joined(separator: "\n")
    }

    /// Whether at least one makes its file unusable.
    public var hasErrors: Bool { contains { $0.severity == .error } }
}

/// The part of a source line around the caret, at most ``maximumWidth`` columns wide.
private struct Excerpt {
    /// The columns that are left of 100 beside the gutter.
    static let maximumWidth = 92

    var text = ""
    /// What stands before the caret: blanks by display width, tabs where the line has tabs.
    var indent = ""
    var caretWidth = 1

    init(_ line: String, column: Int, length: Int) {
        let scalars = Array(line.unicodeScalars)
        let from = min(max(column - 1, 0), scalars.count)
        let to = min(from + max(length, 1), scalars.count)
        var range = 0..<scalars.count
        if width(scalars[...]) > Self.maximumWidth {
            range = Self.window(scalars, from, to)
        }
        let cutsFront = range.lowerBound > 0
        let cutsBack = range.upperBound < scalars.count
        if cutsFront {
            text = "..."
            indent = "   "
        }
        for scalar in scalars[range] { text.unicodeScalars.append(visible(scalar)) }
        for scalar in scalars[range.lowerBound..<from] {
            indent += scalar == "\t" ? "\t" : String(repeating: " ", count: displayWidth(scalar))
        }
        if cutsBack { text += "..." }
        caretWidth = max(1, width(scalars[from..<min(to, max(from, range.upperBound))]))
    }

    /// As much as fits, from the line's beginning if the caret is inside that, else from 30 columns before the caret.
    private static func window(_ scalars: [Unicode.Scalar], _ from: Int, _ to: Int) -> Range<Int> {
        var start = 0
        if width(scalars[..<min(to, scalars.count)]) > maximumWidth - 3 {
            var before = 0
            start = from
            while start > 0, before + displayWidth(scalars[start - 1]) <= 30 {
                start -= 1
                before += displayWidth(scalars[start])
            }
        }
        var room = maximumWidth - (start > 0 ? 6 : 3)
        var end = start
        while end < scalars.count, displayWidth(scalars[end]) <= room {
            room -= displayWidth(scalars[end])
            end += 1
        }
        return start..<end
    }
}

private func width(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
    scalars.reduce(0) { $0 + displayWidth($1) }
}

/// `scalar`, or U+FFFD for a control or formatting character that would act on the terminal; tabs stay.
private func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x09: scalar
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
    default: scalar
    }
}

private func clean(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars { result.unicodeScalars.append(scalar == "\t" ? " " : visible(scalar)) }
    return result
}
