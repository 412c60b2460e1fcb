import Testing

@testable import CareValues

@Suite struct JSONWriterTests {
    static let value: JSONValue = .object([
        "file": .string("a.json"), "count": .number(3), "empty": .array([]), "none": .object([:]),
        "list": .array([.null, .bool(true), .object(["z": .number(0.5), "a": .string("\"")])]),
    ])

    @Test func `members keep their order in one line`() {
        #expect(
            JSONWriter.text(Self.value)
                == #"{"file":"a.json","count":3,"empty":[],"none":{},"list":[null,true,{"z":0.5,"a":"\""}]}"#)
    }

    @Test func `every member has a line of its own when indented`() {
        #expect(
            JSONWriter.indentedText(Self.value) == #"""
                {
                  "file": "a.json",
                  "count": 3,
                  "empty": [],
                  "none": {},
                  "list": [
                    null,
                    true,
                    {
                      "z": 0.5,
                      "a": "\""
                    }
                  ]
                }
                """#)
        #expect(JSONWriter.indentedText(.array([])) == "[]")
        #expect(JSONWriter.indentedText(.number(1)) == "1")
    }

    @Test(arguments: [UInt64](1...10))
    func `both forms read back as the value`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let value = RandomJSON.value(depth: 4, using: &random)
            #expect(JSONValue(jsonText: JSONWriter.text(value)) == value)
            #expect(JSONValue(jsonText: JSONWriter.indentedText(value)) == value)
        }
    }

    /// The big list of naughty strings, each written, read and found again by both readers.
    @Test func `naughty strings come through unharmed`() throws {
        let document = try JSONDocument(file: "blns.json", bytes: try Fixtures.bytes("blns/blns.json"))
        let strings = document.root.elements.compactMap(\.string)
        #expect(strings.count == 515)
        let tape = JSONTape()
        for string in strings {
            let bytes = CanonicalJSON.bytes(.object([string: .string(string)]))
            let root = try JSONDocument(file: "", bytes: bytes).root
            #expect(root[string]?.string.map { Array($0.utf8) } == Array(string.utf8))
            let found = try bytes.withUnsafeBytes { try tape.parse($0)[JSONKey(string)]?.string }
            #expect(found.map { Array($0.utf8) } == Array(string.utf8))
            let finding = document.diagnostic(at: document.root, code: "x", message: string, help: string).rendered()
            #expect(!finding.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202E}" })
        }
    }
}
