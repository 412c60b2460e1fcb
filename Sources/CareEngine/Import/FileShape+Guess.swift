import CareIntake

extension FileShape {
    /// The layout of a file by its name, and where that says nothing by its first byte.
    ///
    /// `.jsonl`, `.ndjson` and `.json` are JSON Lines, `.tsv` has tabs, all else is comma-separated with a header
    /// unless the first line begins with a brace. `.rejects` at the end counts for nothing.
    static func guessed(name: String, beginning: [UInt8]) -> FileShape {
        var name = name.lowercased()
        if name.hasSuffix(RejectsFile.suffix) { name.removeLast(RejectsFile.suffix.count) }
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") || name.hasSuffix(".json") { return .jsonLines }
        if name.hasSuffix(".tsv") { return .delimited(.byte(0x09), hasHeader: true, columns: nil) }
        let first = beginning.first { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }
        if first == UInt8(ascii: "{"), !name.hasSuffix(".csv") { return .jsonLines }
        return .delimited(.byte(0x2C), hasHeader: true, columns: nil)
    }
}
