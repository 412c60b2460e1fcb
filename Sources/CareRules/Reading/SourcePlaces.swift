import CareValues

extension JSONNode {
    /// The bytes of the file that a part of a text stands in.
    ///
    /// - Parameter bytes: the part, in UTF-8 bytes of the text as it reads, escapes resolved.
    func sourceRange(ofText bytes: Range<Int>) -> Range<Int> {
        let source = document.source.bytes
        var at = offset + 1
        let end = endOffset - 1
        var read = 0
        var start = at
        while at < end, read < bytes.upperBound {
            if read <= bytes.lowerBound { start = at }
            let (length, count) = JSONNode.unit(in: source, at: at, end: end)
            at += length
            read += count
        }
        return (read <= bytes.lowerBound ? at : start)..<max(at, start)
    }

    /// How many bytes of source the character or escape at `at` takes, and how many UTF-8 bytes it reads as.
    private static func unit(in source: [UInt8], at: Int, end: Int) -> (length: Int, count: Int) {
        guard source[at] == UInt8(ascii: "\\") else { return (1, 1) }
        guard at + 1 < end, source[at + 1] == UInt8(ascii: "u"), at + 6 <= end else { return (min(2, end - at), 1) }
        let digits = String(decoding: source[(at + 2)..<(at + 6)], as: UTF8.self)
        let unit = UInt16(digits, radix: 16) ?? 0
        switch unit {
        case 0..<0x80: return (6, 1)
        case 0x80..<0x800: return (6, 2)
        // The first half of a pair stands for both: together they read as four bytes.
        case 0xD800..<0xDC00: return (min(12, end - at), 4)
        default: return (6, 3)
        }
    }
}
