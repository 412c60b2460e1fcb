import CareLogic
import CareValues
import Glibc
import Testing

/// A schema from a rule file's text; findings are failures.
func schema(_ text: String) throws -> Schema {
    var diagnostics: [Diagnostic] = []
    let result = try schema(text, diagnostics: &diagnostics)
    #expect(diagnostics.map { "\($0.line):\($0.column) \($0.message)" } == [])
    return try #require(result)
}

/// The same, with its findings.
func schema(_ text: String, diagnostics: inout [Diagnostic]) throws -> Schema? {
    let document = try JSONDocument(file: "schema.json", bytes: Array(text.utf8), limits: .ruleFile)
    func members(_ name: String) -> [SchemaBuilder.Member] {
        document.root[name].map { $0.members.map { ($0.key, $0.value) } } ?? []
    }
    var builder = SchemaBuilder()
    builder.add(
        attributes: members("attributes"), events: members("events"), traits: members("traits"),
        segments: members("segments"))
    return builder.build(diagnostics: &diagnostics)
}

extension FactCache {
    /// The cache after its bytes were written and read.
    func throughCodec(_ schema: Schema) throws -> FactCache {
        var writer = ByteWriter()
        encode(into: &writer, schema: schema)
        return try writer.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let cache = try FactCache.decode(from: &reader, schema: schema)
            #expect(reader.remaining == 0)
            return cache
        }
    }
}

/// Seeds of a generated suite: `CARE_TEST_SCALE=0.1` makes every generated suite a tenth as long.
func seeds(_ count: Int) -> ClosedRange<UInt64> {
    let scale = getenv("CARE_TEST_SCALE").flatMap { Double(String(cString: $0)) } ?? 1
    return 1...UInt64(max(1, Double(count) * scale))
}
