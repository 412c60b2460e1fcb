/// The bytes of a user's file, for diagnostics: lines and columns are counted only here, when one is needed.
public struct SourceText: Sendable {
    /// The file's name as the user gave it; empty when the text has none.
    public let file: String
    /// The bytes, usually UTF-8.
    public let bytes: [UInt8]
    /// Where each block of ``blockSize`` bytes stands, so that many findings in a large file stay cheap; empty for a
    /// text of one block.
    private let blocks: [Place]

    private static let blockSize = 1 << 16
    /// How many bytes of its line a finding carries, before its place and from it on.
    private static let keptBefore = 1_000
    private static let keptAfter = 3_000

    /// The place of a byte: its line from 1, the characters before it in the line, the byte at which the line begins.
    private struct Place {
        var line = 1
        var characters = 0
        var lineStart = 0
    }

    /// The text `bytes` of `file`.
    public init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
        var blocks: [Place] = []
        if bytes.count > Self.blockSize {
            var place = Place()
            for start in stride(from: 0, to: bytes.count, by: Self.blockSize) {
                blocks.append(place)
                Self.advance(&place, over: bytes.span, start..<min(start + Self.blockSize, bytes.count))
            }
        }
        self.blocks = blocks
    }

    /// The 1-based line and the 1-based column, in code points, of the byte at `offset` (the count: the end).
    ///
    /// Lines end with a line feed; of bytes that are not UTF-8 those count that do not look like continuations.
    public func position(ofOffset offset: Int) -> (line: Int, column: Int) {
        let place = place(of: min(max(offset, 0), bytes.count))
        return (place.line, place.characters + 1)
    }

    /// A finding about the bytes in `range`; the caret ends with the line.
    public func diagnostic(
        at range: Range<Int>, severity: Diagnostic.Severity = .error, code: String, message: String,
        help: String? = nil, path: String = ""
    ) -> Diagnostic {
        let from = min(max(range.lowerBound, 0), bytes.count)
        let place = place(of: from)
        var start = place.lineStart
        if from - start > Self.keptBefore {
            start = from - Self.keptBefore
            while bytes[start] & 0xC0 == 0x80, start < from { start += 1 }
        }
        let end = lineEnd(from: from)
        let to = max(from, min(range.upperBound, end))
        var finding = Diagnostic(
            file: file, line: place.line, column: place.characters + 1, length: max(1, characters(from..<to)),
            severity: severity, code: code, message: message, help: help,
            sourceLine: String(decoding: bytes[start..<end], as: UTF8.self), path: path)
        finding.sourceColumn = place.characters + 1 - characters(start..<from)
        return finding
    }

    /// The end of the line, or of what a finding carries of it.
    private func lineEnd(from offset: Int) -> Int {
        var end = min(offset + Self.keptAfter, bytes.count)
        if let feed = bytes[offset..<end].firstIndex(of: 0x0A) {
            return feed > offset && bytes[feed - 1] == 0x0D ? feed - 1 : feed
        }
        while end < bytes.count, end > offset, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    private func place(of offset: Int) -> Place {
        let block = blocks.isEmpty ? 0 : min(offset / Self.blockSize, blocks.count - 1)
        var place = blocks.isEmpty ? Place() : blocks[block]
        Self.advance(&place, over: bytes.span, (block * Self.blockSize)..<offset)
        return place
    }

    private static func advance(_ place: inout Place, over bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range {
            let byte = bytes[index]
            if byte == 0x0A {
                place = Place(line: place.line + 1, characters: 0, lineStart: index + 1)
            } else if byte & 0xC0 != 0x80 {
                place.characters += 1
            }
        }
    }

    private func characters(_ range: Range<Int>) -> Int {
        bytes[range].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }
}
