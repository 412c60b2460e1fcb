import Testing

@testable import CareValues

@Suite struct JSONDocumentTests {
    static let text = #"""
        {
          "名前": "张三", "tier": "gold",
          "list": [1, -2.50, [], {"a/b": {"~": null}}, true],
          "empty": {}, "escaped": "a\u00e9\ud83d\ude00\n\/\"", "off": false
        }
        """#

    static func document() throws -> JSONDocument {
        try JSONDocument(file: "rules/x.json", bytes: Array(text.utf8))
    }

    @Test func `values are read where they stand`() throws {
        let root = try Self.document().root
        #expect(root.kind == .object)
        #expect(root.count == 6)
        #expect(root.members.map { $0.key.string } == ["名前", "tier", "list", "empty", "escaped", "off"])
        #expect(root["名前"]?.string == "张三")
        #expect(root["escaped"]?.string == "aé😀\n/\"")
        #expect(root["off"]?.bool == false)
        #expect(root["none"] == nil)
        let list = try #require(root["list"])
        #expect(list.count == 5)
        #expect(list.elements.map(\.kind) == [.number, .number, .array, .object, .bool])
        #expect(list.elements.map(\.number) == [1, -2.5, nil, nil, nil])
        #expect(list.elements.map(\.decimal) == [FixedDecimal(1), FixedDecimal(text: "-2.5"), nil, nil, nil])
        #expect(list.elements.map(\.text) == ["1", "-2.50", "[]", #"{"a/b": {"~": null}}"#, "true"])
        #expect(list.members.map { $0.key.string } == [])
        #expect(root.elements.map(\.kind) == [])
        #expect(root["empty"]?.count == 0)
        #expect(root["tier"]?["x"] == nil)
    }

    @Test func `values of another kind are nil`() throws {
        let root = try Self.document().root
        let off = try #require(root["off"])
        #expect(off.string == nil && off.number == nil && off.decimal == nil && !off.isNull && off.count == 0)
        let tier = try #require(root["tier"])
        #expect(tier.bool == nil && tier.number == nil && tier.value == .string("gold"))
    }

    @Test func `paths are JSON Pointers with their escapes`() throws {
        let root = try Self.document().root
        #expect(root.path == "")
        #expect(root["名前"]?.path == "/名前")
        #expect(root.key("tier")?.path == "/tier")
        let last = try #require(root["list"]?.elements.map { $0 }.last)
        #expect(last.path == "/list/4")
        let null = root["list"]?.elements.compactMap { $0["a/b"]?["~"] }.first
        #expect(null?.isNull == true)
        #expect(null?.path == "/list/3/a~1b/~0")
    }

    @Test func `lines and columns count characters, extents count bytes`() throws {
        let document = try Self.document()
        let tier = try #require(document.root["tier"])
        let place = document.position(ofOffset: tier.offset)
        #expect(place.line == 2)
        #expect(place.column == 23)
        #expect(tier.endOffset - tier.offset == 6)
        let name = try #require(document.root["名前"])
        #expect(name.endOffset - name.offset == 8)
        #expect(document.position(ofOffset: name.offset).column == 9)
        #expect(document.root.endOffset == Self.text.utf8.count)
        let end = document.position(ofOffset: Self.text.utf8.count)
        #expect(end.line == 5)
        #expect(end.column == 2)
    }

    @Test func `a finding carries the line, the caret's length and the path`() throws {
        let document = try Self.document()
        let name = try #require(document.root["名前"])
        let finding = document.diagnostic(at: name, code: "rule.x", message: "m", help: "h")
        #expect(
            finding
                == Diagnostic(
                    file: "rules/x.json", line: 2, column: 9, length: 4, severity: .error, code: "rule.x", message: "m",
                    help: "h", sourceLine: #"  "名前": "张三", "tier": "gold","#, path: "/名前"))
        let root = document.diagnostic(at: document.root, severity: .warning, code: "c", message: "m")
        #expect(root.length == 1)
        #expect(root.sourceLine == "{")
    }

    @Test func `carriage returns belong to the end of the line`() throws {
        let document = try JSONDocument(file: "x", bytes: Array("{\r\n \"a\": 1\r\n}\r\n".utf8))
        let value = try #require(document.root["a"])
        let finding = document.diagnostic(at: value, code: "c", message: "m")
        #expect(finding.line == 2)
        #expect(finding.column == 7)
        #expect(finding.sourceLine == " \"a\": 1")
    }

    @Test func `all duplicate keys are reported, and the document is still there`() {
        let text = #"""
            {"a": 1, "b": {"x": 1, "\u0078": 2},
             "a": 2, "c": [{"k": 1, "k": 2, "k": 3}]}
            """#
        let (document, diagnostics) = JSONDocument.read(file: "d.json", bytes: Array(text.utf8))
        #expect(document?.root["a"]?.number == 2)
        #expect(
            diagnostics.map { "\($0.line):\($0.column) \($0.length) \($0.code) \($0.path)" } == [
                "1:24 8 json.duplicate-key /b/x", "2:2 3 json.duplicate-key /a", "2:25 3 json.duplicate-key /c/0/k",
                "2:33 3 json.duplicate-key /c/0/k",
            ])
        #expect(diagnostics.map(\.message).first == "the name 'x' is used twice in one object")
        #expect(
            diagnostics.map(\.help) == [
                "its first use is in the same line", "its first use is in line 1", "its first use is in the same line",
                "its first use is in the same line",
            ])
        #expect(throws: JSONDocumentError.self) { try JSONDocument(file: "d.json", bytes: Array(text.utf8)) }
        #expect(JSONDocument.read(file: "d.json", bytes: Array(text.utf8), limits: .data).diagnostics == [])
        #expect(JSONValue(jsonText: text) == nil)
    }

    @Test func `of very many duplicate keys a thousand are reported, quickly`() {
        let text = "{" + Array(repeating: "\"k\":1", count: 50_000).joined(separator: ",") + "}"
        let (document, diagnostics) = JSONDocument.read(file: "d.json", bytes: Array(text.utf8))
        #expect(document?.root.count == 50_000)
        #expect(diagnostics.count == JSONLimits.reportedDuplicateKeys)
    }

    @Test(arguments: [(63, true), (64, true), (65, false), (100_000, false)])
    func `sixty-four levels are read and no more`(depth: Int, isAccepted: Bool) {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let text =
                String(repeating: open, count: depth) + (open == "[" ? "" : "1")
                + String(repeating: close, count: depth)
            let (document, diagnostics) = JSONDocument.read(file: "x", bytes: Array(text.utf8))
            #expect((document != nil) == isAccepted)
            #expect(diagnostics.map(\.code) == (isAccepted ? [] : ["json.too-deep"]))
            if let document {
                #expect(JSONValue(jsonText: document.root.value.canonicalText) == document.root.value)
            }
        }
    }

    @Test(arguments: [(9, false), (10, true), (11, true)])
    func `a text of exactly the largest size is read`(limit: Int, isAccepted: Bool) {
        let limits = JSONLimits(maximumBytes: limit, allowsDuplicateKeys: false)
        let (document, diagnostics) = JSONDocument.read(file: "x", bytes: Array(#"["123456"]"#.utf8), limits: limits)
        #expect((document != nil) == isAccepted)
        #expect(diagnostics.map(\.code) == (isAccepted ? [] : ["json.too-large"]))
    }

    @Test func `limits are lowered to what the tape can hold`() {
        let limits = JSONLimits(maximumDepth: .max, maximumBytes: .max, allowsDuplicateKeys: true)
        #expect(limits.maximumDepth == 512)
        #expect(limits.maximumBytes == 268_435_455)
        #expect(JSONLimits(maximumDepth: -1, maximumBytes: -1, allowsDuplicateKeys: true).maximumBytes == 0)
    }
}
