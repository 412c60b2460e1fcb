/// One finding about a user's file: a place, a stable code, a sentence, and what to do.
public struct Diagnostic: Sendable, Hashable {
    /// How bad it is: errors make a file unusable, warnings do not, notes are shown only to who asks for them.
    public enum Severity: String, Sendable, Hashable {
        case error
        case warning
        case note
    }

    /// The file's name as the user gave it; empty when the text has none.
    public var file: String
    /// 1-based line.
    public var line: Int
    /// 1-based column in Unicode code points.
    public var column: Int
    /// How many code points the caret underlines, at least 1; never past the end of the line.
    public var length: Int
    /// Error or warning.
    public var severity: Severity
    /// The stable name of this kind of finding, `rule.unknown-name`.
    public var code: String
    /// What is wrong, one sentence without a full stop.
    public var message: String
    /// What to do about it, or nil.
    public var help: String?
    /// The text of the line, without its end; of a very long line only the part around the caret.
    public var sourceLine: String
    /// The 1-based column of the first character of ``sourceLine``; 1 unless the line is very long.
    public var sourceColumn = 1
    /// Where in the document: a JSON Pointer (RFC 6901).
    public var path: String

    /// A finding with all its parts.
    public init(
        file: String, line: Int, column: Int, length: Int, severity: Severity, code: String, message: String,
        help: String?, sourceLine: String, path: String
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.length = length
        self.severity = severity
        self.code = code
        self.message = message
        self.help = help
        self.sourceLine = sourceLine
        self.path = path
    }
}
