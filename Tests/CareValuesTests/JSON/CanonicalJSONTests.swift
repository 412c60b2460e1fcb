import Testing

@testable import CareValues

@Suite struct CanonicalJSONTests {
    /// The test data of the authors of RFC 8785, by file name without extension.
    @Test(arguments: Fixtures.names(in: "json-canon/testdata/input"))
    func `the published inputs give the published outputs, byte for byte`(name: String) throws {
        let input = try Fixtures.bytes("json-canon/testdata/input/\(name)")
        let output = try Fixtures.bytes("json-canon/testdata/output/\(name)")
        let hexName = name.replacing(".json", with: ".txt")
        let hexText = String(decoding: try Fixtures.bytes("json-canon/testdata/outhex/\(hexName)"), as: UTF8.self)
        let hex = hexText.split(whereSeparator: { $0.isWhitespace }).joined()
        let document = try JSONDocument(file: name, bytes: input)
        #expect(CanonicalJSON.bytes(document.root.value) == output)
        #expect(Hex.encode(CanonicalJSON.bytes(document.root.value)) == hex)
        // Canonical text is a fixed point.
        let again = try JSONDocument(file: name, bytes: output)
        #expect(CanonicalJSON.bytes(again.root.value) == output)
    }

    @Test func `there are six published pairs`() {
        #expect(Fixtures.names(in: "json-canon/testdata/input").count == 6)
    }

    /// RFC 8785, appendix B: the bit pattern of a double and its text.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func `numbers are written as the RFC's samples`(bits: UInt64, text: String) {
        #expect(CanonicalJSON.numberText(Double(bitPattern: bits)) == text)
    }

    @Test(
        arguments: [
            (1e-5, "0.00001"), (1e-7, "1e-7"), (1e16, "10000000000000000"), (1.0, "1"), (-1.5, "-1.5"),
            (123.456, "123.456"),
            (1e21, "1e+21"), (1e20, "100000000000000000000"), (0.1 + 0.2, "0.30000000000000004"),
            (1.25e-300, "1.25e-300"),
            (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)])
    func `numbers are laid out as ECMAScript does`(number: Double, text: String) {
        #expect(CanonicalJSON.numberText(number) == text)
    }

    @Test(arguments: [UInt64](1...8))
    func `the text of every double reads back as that double`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            let text = CanonicalJSON.numberText(number)
            let read = JSONValue(jsonText: text)
            #expect(read == .number(number), "\(text)")
        }
    }

    @Test func `members are ordered by UTF-16 code units, not by code points`() {
        // U+1F600 is written with surrogates, which come before U+FB33.
        let value = JSONValue.object(["\u{FB33}": .number(1), "\u{1F600}": .number(2), "a": .null, "": .bool(true)])
        #expect(value.canonicalText == "{\"\":true,\"a\":null,\"\u{1F600}\":2,\"\u{FB33}\":1}")
    }

    @Test func `only what must be escaped is escaped`() {
        let value = JSONValue.string("\u{0}\u{8}\t\n\u{B}\u{C}\r\u{1F}\"\\/\u{7F}é€😀")
        #expect(value.canonicalText == #""\u0000\b\t\n\u000b\f\r\u001f\"\\/"# + "\u{7F}é€😀\"")
        #expect(CanonicalJSON.array(of: ["a\"b", "", "生"]) == #"["a\"b","","生"]"#)
        #expect(CanonicalJSON.array(of: []) == "[]")
    }

    @Test(arguments: [UInt64](1...20))
    func `canonical text reads back as an equal value with the same text`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let value = RandomJSON.value(depth: 4, using: &random)
            let text = value.canonicalText
            #expect(JSONValue(jsonText: text) == value)
            #expect(JSONValue(jsonText: text)?.canonicalText == text)
        }
    }
}
