import Testing

@testable import CareValues

@Suite struct JSONTapeTests {
    /// Reads `text` on `tape` and hands the root to `body`.
    static func read<Result>(
        _ text: String, on tape: JSONTape = JSONTape(), _ body: (JSONTapeNode) throws -> Result
    ) throws -> Result {
        try Array(text.utf8).withUnsafeBytes { try body(try tape.parse($0)) }
    }

    static let line = #"""
        {"id":"e-1","type":"purchase","time":"2026-03-01T09:00:00Z","customer":"c\u00e91","amount":428.21,"long_member_name":"客户",
        "items":[{"sku":"a","n":2},{"sku":"b","n":null}],"ok":true,"id":"e-2","big":12345678901234567890.5}
        """#

    @Test func `members are found by key, of several the last`() throws {
        try Self.read(Self.line) { root in
            let type: JSONKey = "type"
            #expect(root[type]?.isString("purchase") == true)
            #expect(root[type]?.isString("purchas") == false)
            #expect(root[type]?.isString("purchasf") == false)
            #expect(root["id"]?.string == "e-2")
            #expect(root["customer"]?.string == "cé1")
            #expect(root["customer"]?.isString("cé1") == true)
            #expect(root["customer"]?.plainBytes == nil)
            #expect(root["long_member_name"]?.string == "客户")
            #expect(root["long_member_namf"] == nil)
            #expect(root["long_mem"] == nil)
            #expect(root[""] == nil)
            #expect(root["amount"]?.number == 428.21)
            #expect(root["amount"]?.decimal == FixedDecimal(text: "428.21"))
            #expect(root["big"]?.decimal == FixedDecimal(text: "12345678901234567890.5"))
            #expect(root["ok"]?.bool == true)
            #expect(root["items"]?.count == 2)
            #expect(root["amount"]?["x"] == nil)
            let plain = try #require(root["time"]?.plainBytes)
            #expect(String(decoding: plain, as: UTF8.self) == "2026-03-01T09:00:00Z")
            let source = try #require(root["items"]?.sourceBytes)
            #expect(String(decoding: source, as: UTF8.self) == #"[{"sku":"a","n":2},{"sku":"b","n":null}]"#)
        }
    }

    @Test func `elements and members come in order`() throws {
        try Self.read(Self.line) { root in
            var names: [String] = []
            root.forEachMember { key, _ in names.append(key.string ?? "?") }
            #expect(
                names == ["id", "type", "time", "customer", "amount", "long_member_name", "items", "ok", "id", "big"])
            var skus: [String] = []
            root["items"]?.forEachElement { skus.append($0["sku"]?.string ?? "?") }
            #expect(skus == ["a", "b"])
            root.forEachElement { _ in Issue.record("an object has no elements") }
            root["items"]?.forEachMember { _, _ in Issue.record("a list has no members") }
        }
    }

    @Test func `a short name at the end of the bytes is compared inside them`() throws {
        #expect(try Self.read(#"{"a":1}"#) { $0["a"]?.number } == 1)
        #expect(try Self.read(#"{"abcdefgh":1}"#) { $0["abcdefgh"]?.number } == 1)
        #expect(try Self.read(#"{"abcdefghi":1}"#) { $0["abcdefghi"]?.number } == 1)
        #expect(try Self.read(#"{"abcdefghi":1}"#) { $0["abcdefghj"] == nil })
        #expect(try Self.read(#"{"\u0061":1}"#) { $0["a"]?.number } == 1)
    }

    @Test func `one tape reads many texts, longer ones too`() throws {
        let tape = JSONTape(expectedBytes: 1)
        for length in [1, 10, 5_000, 3, 100_000, 2] {
            let text = "[" + Array(repeating: "0", count: length).joined(separator: ",") + "]"
            #expect(try Self.read(text, on: tape) { $0.count } == length)
            #expect(throws: JSONSyntaxError.self) { try Self.read("[" + text, on: tape) { $0.count } }
        }
    }

    @Test func `duplicate keys are refused where the limits say so`() throws {
        let strict = JSONTape(limits: JSONLimits(maximumBytes: 1000, allowsDuplicateKeys: false))
        #expect(throws: JSONSyntaxError(.duplicateKey, at: 14)) {
            try Self.read(#"[{"a":1,"b":2,"\u0061":3}]"#, on: strict) { $0.count }
        }
        #expect(throws: JSONSyntaxError(.tooLarge, at: 1000)) {
            try Self.read(String(repeating: " ", count: 1001), on: strict) { $0.count }
        }
        #expect(try Self.read(#"[{"a":1},{"a":1}]"#, on: strict) { $0.count } == 2)
    }

    @Test(arguments: [UInt64](1...30))
    func `both readers see the value that was written`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let tape = JSONTape(expectedBytes: 64)
        for _ in 0..<60 {
            let value = RandomJSON.value(depth: 4, using: &random)
            let text = RandomJSON.text(value, using: &random)
            #expect(try Self.read(text, on: tape) { $0.value } == value)
            let document = try JSONDocument(file: "", bytes: Array(text.utf8))
            #expect(document.root.value == value)
            Self.check(document.root, inside: 0..<text.utf8.count)
        }
    }

    /// Extents nest, and the source of every value reads as that value.
    private static func check(_ node: JSONNode, inside range: Range<Int>) {
        #expect(range.lowerBound <= node.offset && node.endOffset <= range.upperBound)
        #expect(JSONValue(jsonText: node.text) == node.value)
        for element in node.elements { check(element, inside: node.offset..<node.endOffset) }
        for (_, value) in node.members { check(value, inside: node.offset..<node.endOffset) }
    }

    @Test(arguments: [UInt64](1...30))
    func `damaged texts are refused or read alike by both, and never crash`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let tape = JSONTape(expectedBytes: 64)
        for _ in 0..<150 {
            let value = RandomJSON.value(depth: 3, using: &random)
            var bytes = Array(RandomJSON.text(value, using: &random).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes.remove(at: index)
                case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.insert(Array("\"\\{}[],:0-e.tn\u{7F}".utf8).randomElement(using: &random) ?? 0, at: index)
                default: bytes.removeSubrange(index...)
                }
            }
            let (document, diagnostics) = JSONDocument.read(file: "", bytes: bytes, limits: .data)
            let outcome = bytes.withUnsafeBytes { raw -> (value: JSONValue?, code: String?) in
                do throws(JSONSyntaxError) {
                    return (try tape.parse(raw).value, nil)
                } catch {
                    #expect((0...bytes.count).contains(error.offset))
                    return (nil, error.reason.code)
                }
            }
            #expect(document?.root.value == outcome.value)
            #expect(diagnostics.first?.code == outcome.code)
            for finding in diagnostics { #expect(!finding.rendered().isEmpty) }
        }
    }
}
