import Testing

@testable import CareValues

/// Nicolas Seriot's JSONTestSuite, by both readers, each with the limits of its work.
@Suite struct JSONTestSuiteTests {
    static let folder = "JSONTestSuite/test_parsing"

    /// `accepted`, or the reason's code with the byte at which it shows.
    static func answerOfDocument(_ bytes: [UInt8]) -> String {
        let (document, diagnostics) = JSONDocument.read(file: "x.json", bytes: bytes, limits: .data)
        return document == nil ? diagnostics.first?.code ?? "?" : "accepted"
    }

    static func answerOfTape(_ bytes: [UInt8]) -> String {
        let tape = JSONTape(expectedBytes: 16)
        return bytes.withUnsafeBytes { raw in
            do throws(JSONSyntaxError) {
                _ = try tape.parse(raw).value
                return "accepted"
            } catch {
                return error.reason.code
            }
        }
    }

    @Test func `the suite is complete`() {
        #expect(Fixtures.names(in: Self.folder, prefix: "y_").count == 95)
        #expect(Fixtures.names(in: Self.folder, prefix: "n_").count == 188)
        #expect(Fixtures.names(in: Self.folder, prefix: "i_").count == 35)
    }

    @Test(arguments: Fixtures.names(in: folder, prefix: "y_"))
    func `what must be accepted is accepted`(name: String) throws {
        let bytes = try Fixtures.bytes("\(Self.folder)/\(name)")
        #expect(Self.answerOfDocument(bytes) == "accepted")
        #expect(Self.answerOfTape(bytes) == "accepted")
    }

    @Test(arguments: Fixtures.names(in: folder, prefix: "n_"))
    func `what must be refused is refused with one finding inside the text`(name: String) throws {
        let bytes = try Fixtures.bytes("\(Self.folder)/\(name)")
        let (document, diagnostics) = JSONDocument.read(file: "x.json", bytes: bytes)
        #expect(document == nil)
        #expect(diagnostics.count == 1)
        #expect(Self.answerOfTape(bytes) == diagnostics.first?.code)
        let finding = try #require(diagnostics.first)
        #expect(finding.code.hasPrefix("json."))
        #expect(finding.line >= 1 && finding.column >= 1 && finding.length >= 1)
        #expect(finding.column <= finding.sourceLine.unicodeScalars.count + 1)
        #expect(!finding.message.isEmpty && !finding.message.hasSuffix("."))
        #expect(!finding.rendered().isEmpty)
    }

    /// What RFC 8259 leaves open, and what we answer.
    static let open: [String: String] = [
        "i_number_double_huge_neg_exp.json": "accepted",
        "i_number_huge_exp.json": "json.number-out-of-range",
        "i_number_neg_int_huge_exp.json": "json.number-out-of-range",
        "i_number_pos_double_huge_exp.json": "json.number-out-of-range",
        "i_number_real_neg_overflow.json": "json.number-out-of-range",
        "i_number_real_pos_overflow.json": "json.number-out-of-range",
        "i_number_real_underflow.json": "accepted",
        "i_number_too_big_neg_int.json": "accepted",
        "i_number_too_big_pos_int.json": "accepted",
        "i_number_very_big_negative_int.json": "accepted",
        "i_object_key_lone_2nd_surrogate.json": "json.syntax",
        "i_string_1st_surrogate_but_2nd_missing.json": "json.syntax",
        "i_string_1st_valid_surrogate_2nd_invalid.json": "json.syntax",
        "i_string_UTF-16LE_with_BOM.json": "json.not-utf8",
        "i_string_UTF-8_invalid_sequence.json": "json.not-utf8",
        "i_string_UTF8_surrogate_U+D800.json": "json.not-utf8",
        "i_string_incomplete_surrogate_and_escape_valid.json": "json.syntax",
        "i_string_incomplete_surrogate_pair.json": "json.syntax",
        "i_string_incomplete_surrogates_escape_valid.json": "json.syntax",
        "i_string_invalid_lonely_surrogate.json": "json.syntax",
        "i_string_invalid_surrogate.json": "json.syntax",
        "i_string_invalid_utf-8.json": "json.not-utf8",
        "i_string_inverted_surrogates_U+1D11E.json": "json.syntax",
        "i_string_iso_latin_1.json": "json.not-utf8",
        "i_string_lone_second_surrogate.json": "json.syntax",
        "i_string_lone_utf8_continuation_byte.json": "json.not-utf8",
        "i_string_not_in_unicode_range.json": "json.not-utf8",
        "i_string_overlong_sequence_2_bytes.json": "json.not-utf8",
        "i_string_overlong_sequence_6_bytes.json": "json.not-utf8",
        "i_string_overlong_sequence_6_bytes_null.json": "json.not-utf8",
        "i_string_truncated-utf-8.json": "json.not-utf8",
        "i_string_utf16BE_no_BOM.json": "json.syntax",
        "i_string_utf16LE_no_BOM.json": "json.syntax",
        "i_structure_500_nested_arrays.json": "json.too-deep",
        "i_structure_UTF-8_BOM_empty_object.json": "json.byte-order-mark",
    ]

    @Test(arguments: Fixtures.names(in: folder, prefix: "i_"))
    func `what is left open has one known answer`(name: String) throws {
        let bytes = try Fixtures.bytes("\(Self.folder)/\(name)")
        #expect(Self.answerOfDocument(bytes) == Self.open[name])
        #expect(Self.answerOfTape(bytes) == Self.open[name])
    }

    /// What a reader that accepts them makes of unusual texts, as canonical JSON.
    static let transformed: [String: String] = [
        "number_-9223372036854775808.json": "[-9223372036854776000]",
        "number_-9223372036854775809.json": "[-9223372036854776000]",
        "number_1.0.json": "[1]",
        "number_1.000000000000000005.json": "[1]",
        "number_1000000000000000.json": "[1000000000000000]",
        "number_10000000000000000999.json": "[10000000000000000000]",
        "number_1e-999.json": "[0]",
        "number_1e6.json": "[1000000]",
        "number_9223372036854775807.json": "[9223372036854776000]",
        "number_9223372036854775808.json": "[9223372036854776000]",
        "object_key_nfc_nfd.json": "{\"e\u{301}\":\"NFD\",\"\u{E9}\":\"NFC\"}",
        "object_key_nfd_nfc.json": "{\"e\u{301}\":\"NFD\",\"\u{E9}\":\"NFC\"}",
        "object_same_key_different_values.json": "{\"a\":2}",
        "object_same_key_same_value.json": "{\"a\":1}",
        "object_same_key_unclear_values.json": "{\"a\":0}",
        "string_1_escaped_invalid_codepoint.json": "json.syntax",
        "string_1_invalid_codepoint.json": "json.not-utf8",
        "string_2_escaped_invalid_codepoints.json": "json.syntax",
        "string_2_invalid_codepoints.json": "json.not-utf8",
        "string_3_escaped_invalid_codepoints.json": "json.syntax",
        "string_3_invalid_codepoints.json": "json.not-utf8",
        "string_with_escaped_NULL.json": "[\"A\\u0000B\"]",
    ]

    @Test(arguments: Fixtures.names(in: "JSONTestSuite/test_transform"))
    func `unusual texts have one known meaning`(name: String) throws {
        let bytes = try Fixtures.bytes("JSONTestSuite/test_transform/\(name)")
        let document = JSONDocument.read(file: "x.json", bytes: bytes, limits: .data).document
        #expect((document?.root.value.canonicalText ?? Self.answerOfDocument(bytes)) == Self.transformed[name])
    }
}
