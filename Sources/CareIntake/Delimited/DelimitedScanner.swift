/// What stands between the fields of a delimited file.
public enum Delimiter: Sendable, Hashable {
    /// Exactly one such ASCII byte; fields may be quoted as in RFC 4180.
    case byte(UInt8)
    /// A run of spaces and tabs; those at both ends of a line count for nothing; there are no quotes.
    case blanks
}

/// Where a field lies in the buffer it was scanned from.
struct FieldSpan {
    /// First byte of its text, behind an opening quote.
    var start: Int
    /// Behind the last byte of its text, before a closing quote.
    var end: Int
    /// Whether two quotes inside stand for one.
    var hasDoubledQuotes: Bool
}

/// Finds the records and fields of a delimited file. Knows nothing of what they mean.
///
/// Source of the format: RFC 4180, with any one-byte delimiter, line feed or CRLF as the line's end, and line breaks
/// inside quotes. A quote in the middle of an unquoted field is text.
struct DelimitedScanner {
    /// How a scan ended.
    enum Outcome: Equatable {
        /// A record: where its text ends, where the next begins, and how many line ends lie between.
        case record(end: Int, next: Int, lines: Int)
        /// The buffer ends inside the record.
        case incomplete
        /// Not a record. The next one begins after the first line end, so that nothing good is lost behind an open quote.
        case broken(reason: String, end: Int, next: Int)
    }

    /// What separates fields.
    var delimiter: Delimiter

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let quote = UInt8(ascii: "\"")

    /// Scans the record that begins at `start`; `fields` holds its fields when the outcome is a record.
    ///
    /// - Parameter isLast: no bytes follow `bytes`.
    func scan(
        _ bytes: UnsafeRawBufferPointer, from start: Int, isLast: Bool, fields: inout [FieldSpan]
    ) -> Outcome {
        fields.removeAll(keepingCapacity: true)
        switch delimiter {
        case .byte(let byte): return scanQuoted(bytes, from: start, isLast: isLast, delimiter: byte, fields: &fields)
        case .blanks: return scanBlanks(bytes, from: start, isLast: isLast, fields: &fields)
        }
    }

    /// The end of the line that begins at `start` (before its CR or LF) and the start of the next; nil: none in reach.
    static func line(
        _ bytes: UnsafeRawBufferPointer, from start: Int, isLast: Bool
    ) -> (end: Int, next: Int)? {
        let index = lineFeedIndex(bytes, from: start)
        guard index < bytes.count || isLast else { return nil }
        let next = min(index + 1, bytes.count)
        return (withoutCarriageReturn(bytes, start: start, end: index), next)
    }

    /// Whether the line that begins at `start` begins with `# `.
    static func isComment(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        start + 1 < bytes.count && bytes[start] == UInt8(ascii: "#") && bytes[start + 1] == UInt8(ascii: " ")
    }

    /// The first line feed at or after `start`, eight bytes at a time; `bytes.count`: there is none.
    private static func lineFeedIndex(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let difference = word ^ (ones &* UInt64(lineFeed))
            let hit = (difference &- ones) & ~difference & highs
            if hit != 0 { return index + (hit.trailingZeroBitCount >> 3) }
            index += 8
        }
        while index < bytes.count, bytes[index] != lineFeed { index += 1 }
        return index
    }

    private static func withoutCarriageReturn(_ bytes: UnsafeRawBufferPointer, start: Int, end: Int) -> Int {
        end > start && bytes[end - 1] == carriageReturn ? end - 1 : end
    }

    private func scanBlanks(
        _ bytes: UnsafeRawBufferPointer, from start: Int, isLast: Bool, fields: inout [FieldSpan]
    ) -> Outcome {
        guard let (end, next) = DelimitedScanner.line(bytes, from: start, isLast: isLast) else { return .incomplete }
        var index = start
        while true {
            while index < end, isBlank(bytes[index]) { index += 1 }
            guard index < end else { break }
            let fieldStart = index
            while index < end, !isBlank(bytes[index]) { index += 1 }
            fields.append(FieldSpan(start: fieldStart, end: index, hasDoubledQuotes: false))
        }
        return .record(end: end, next: next, lines: 1)
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private func scanQuoted(
        _ bytes: UnsafeRawBufferPointer, from start: Int, isLast: Bool, delimiter: UInt8, fields: inout [FieldSpan]
    ) -> Outcome {
        let count = bytes.count
        var index = start
        var lines = 1
        while true {
            if index < count, bytes[index] == DelimitedScanner.quote {
                let fieldStart = index + 1
                var doubled = false
                index += 1
                closing: while true {
                    while index < count, bytes[index] != DelimitedScanner.quote {
                        if bytes[index] == DelimitedScanner.lineFeed { lines += 1 }
                        index += 1
                    }
                    guard index < count else {
                        return isLast ? broken(bytes, from: start, isLast: true, "a quote has no end") : .incomplete
                    }
                    guard index + 1 < count || isLast else { return .incomplete }
                    if index + 1 < count, bytes[index + 1] == DelimitedScanner.quote {
                        doubled = true
                        index += 2
                    } else {
                        break closing
                    }
                }
                fields.append(FieldSpan(start: fieldStart, end: index, hasDoubledQuotes: doubled))
                index += 1
                if index + 1 < count, bytes[index] == DelimitedScanner.carriageReturn,
                    bytes[index + 1] == DelimitedScanner.lineFeed
                {
                    return .record(end: index, next: index + 2, lines: lines)
                }
                if index < count, bytes[index] == DelimitedScanner.carriageReturn, index + 1 == count {
                    return isLast ? .record(end: index, next: count, lines: lines) : .incomplete
                }
            } else {
                let fieldStart = index
                while index < count, bytes[index] != delimiter, bytes[index] != DelimitedScanner.lineFeed {
                    index += 1
                }
                guard index < count || isLast else { return .incomplete }
                let atLineEnd = index == count || bytes[index] == DelimitedScanner.lineFeed
                let end =
                    atLineEnd
                    ? DelimitedScanner.withoutCarriageReturn(bytes, start: fieldStart, end: index) : index
                fields.append(FieldSpan(start: fieldStart, end: end, hasDoubledQuotes: false))
                if atLineEnd { return .record(end: end, next: min(index + 1, count), lines: lines) }
            }
            guard index < count else {
                return isLast ? .record(end: index, next: index, lines: lines) : .incomplete
            }
            if bytes[index] == DelimitedScanner.lineFeed {
                return .record(end: index, next: index + 1, lines: lines)
            }
            guard bytes[index] == delimiter else {
                return broken(bytes, from: start, isLast: isLast, "text follows a closing quote")
            }
            index += 1
        }
    }

    private func broken(
        _ bytes: UnsafeRawBufferPointer, from start: Int, isLast: Bool, _ reason: String
    ) -> Outcome {
        guard let (end, next) = DelimitedScanner.line(bytes, from: start, isLast: isLast) else { return .incomplete }
        return .broken(reason: reason, end: end, next: next)
    }
}
