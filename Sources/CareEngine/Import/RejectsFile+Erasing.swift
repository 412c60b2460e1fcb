import CareStore
import CareValues
import Glibc

/// Files of rejects hold customers' data too: the store notes where they lie, so that erasing finds them.
extension RejectsFile {
    /// What the store's notes about them begin with; the path follows.
    static let notePrefix = "rejects:"
    /// The largest that is looked through, in bytes.
    static let maximumBytes = 1 << 30

    /// Notes where an import has left one.
    static func note(_ path: String, in store: any CareStore, at now: Timestamp) throws {
        try store.write { try $0.setNote(notePrefix + path, now.iso8601) }
    }

    /// Takes out the rows in which a field is the customer's id; a file without rows is removed.
    ///
    /// - Returns: how many rows; nil: there is no file of rejects any more. - Throws: ``FileReadError``.
    static func erase(_ customer: String, from path: String) throws -> Int? {
        guard Files.isFile(path) else { return nil }
        let bytes = try Files.read(path, atMost: maximumBytes)
        guard bytes.starts(with: mark.utf8) else { return nil }
        let parts = parts(of: bytes)
        let kept = parts.dropFirst().filter { !mentions(customer, bytes[$0]) }
        let erased = parts.count - 1 - kept.count
        guard erased > 0 else { return 0 }
        if kept.isEmpty {
            guard unlink(path) == 0 else { throw Files.systemError(path) }
        } else {
            try Files.replace(path, with: Array(bytes[parts[0]]) + kept.flatMap { bytes[$0] })
        }
        return erased
    }

    /// The rows in which a field is the customer's id, each with the line that says why it was refused.
    static func rows(of customer: String, in path: String) throws -> [String] {
        guard Files.isFile(path) else { return [] }
        let bytes = try Files.read(path, atMost: maximumBytes)
        guard bytes.starts(with: mark.utf8) else { return [] }
        return parts(of: bytes).dropFirst().filter { mentions(customer, bytes[$0]) }.map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
    }

    /// The head of the file, then each refused row behind its line `# line N`.
    private static func parts(of bytes: [UInt8]) -> [Range<Int>] {
        let mark = Array("# line ".utf8)
        var starts = [0]
        var place = 0
        while let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) {
            place = end + 1
            if bytes[place...].starts(with: mark) { starts.append(place) }
        }
        return zip(starts, starts.dropFirst() + [bytes.count]).map { $0..<$1 }
    }

    /// Whether a row has a field that is the id: between separators, or a text of JSON, written as it is or escaped.
    private static func mentions(_ customer: String, _ part: ArraySlice<UInt8>) -> Bool {
        guard let lineEnd = part.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        let row = part[(lineEnd + 1)...]
        let escaped = JSONWriter.text(.string(customer)).utf8.dropFirst().dropLast()
        return holds(Array(customer.utf8), row) || holds(Array(escaped), row)
    }

    private static func holds(_ word: [UInt8], _ row: ArraySlice<UInt8>) -> Bool {
        guard !word.isEmpty, row.count >= word.count else { return false }
        for start in row.startIndex...(row.endIndex - word.count) where row[start] == word[0] {
            let end = start + word.count
            guard row[start..<end].elementsEqual(word) else { continue }
            let isFirst = start == row.startIndex || isSeparator(row[start - 1])
            if isFirst, end == row.endIndex || isSeparator(row[end]) { return true }
        }
        return false
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "\""), UInt8(ascii: ":"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), 0...32:
            true
        default: false
        }
    }
}
