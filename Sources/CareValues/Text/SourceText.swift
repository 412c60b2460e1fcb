/// The bytes of a user's file, for diagnostics: lines and columns are counted only here, when one is needed.
public struct SourceText: Sendable {
    /// The file's name as the user gave it; empty when the text has none.
    public let file: String
    /// The bytes, usually UTF-8.
    public let bytes: [UInt8]

    /// The text `bytes` of `file`.
    public init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// The 1-based line and the 1-based column, in code points, of the byte at `offset` (the count: the end).
    ///
    /// Lines end with a line feed; what is not UTF-8 counts as its replacement characters.
    public func position(ofOffset offset: Int) -> (line: Int, column: Int) {
        let offset = min(max(offset, 0), bytes.count)
        let start = lineStart(before: offset)
        let line = bytes[..<start].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        return (line, codePoints(start..<offset) + 1)
    }

    /// The text of the line that holds the byte at `offset`, without its end.
    public func line(holding offset: Int) -> String {
        let offset = min(max(offset, 0), bytes.count)
        return String(decoding: bytes[lineStart(before: offset)..<lineEnd(from: offset)], as: UTF8.self)
    }

    /// A finding about the bytes in `range`; the caret ends with the line.
    public func diagnostic(
        at range: Range<Int>, severity: Diagnostic.Severity = .error, code: String, message: String,
        help: String? = nil, path: String = ""
    ) -> Diagnostic {
        let from = min(max(range.lowerBound, 0), bytes.count)
        let to = max(from, min(range.upperBound, lineEnd(from: from)))
        let (line, column) = position(ofOffset: from)
        return Diagnostic(
            file: file, line: line, column: column, length: max(1, codePoints(from..<to)), severity: severity,
            code: code, message: message, help: help, sourceLine: self.line(holding: from), path: path)
    }

    private func lineStart(before offset: Int) -> Int {
        (bytes[..<offset].lastIndex(of: 0x0A) ?? -1) + 1
    }

    private func lineEnd(from offset: Int) -> Int {
        let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
        return end > offset && bytes[end - 1] == 0x0D ? end - 1 : end
    }

    private func codePoints(_ range: Range<Int>) -> Int {
        String(decoding: bytes[range], as: UTF8.self).unicodeScalars.count
    }
}
