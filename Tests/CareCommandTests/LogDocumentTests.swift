import Glibc
import Testing

/// The operations guide tells every line that the log can have.
@Suite struct LogDocumentTests {
    private static func text(_ path: String) throws -> String {
        let root = String(#filePath).split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let file = try #require(fopen(root + "/" + path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }

    @Test func `every event of the log stands in the guide, and no other`() throws {
        let source = try Self.text("Sources/care/Views/ServeLog.swift")
        let levels = #"(?:"(?:debug|info|warning|error)"|[\w.]+ [<>] [\w.]+ \? "warning" : "info")"#
        let call = try Regex(#"write\(\s*\#(levels),\s*"([a-z_]+)""#)
        let events = Set(source.matches(of: call).compactMap { $0.output[1].substring.map(String.init) })
        let guide = try Self.text("docs/operations.md")
        let table = guide.split(separator: "## What the log says", maxSplits: 1).last ?? ""
        var told: Set<String> = []
        for line in table.split(separator: "\n") where line.hasPrefix("| `") {
            let cell = line.split(separator: "|")[0]
            told.formUnion(cell.matches(of: /`([a-z_]+)`/).map { String($0.output.1) })
        }
        #expect(events.count > 20)
        #expect(events == told, "\(events.symmetricDifference(told).sorted())")
    }
}
