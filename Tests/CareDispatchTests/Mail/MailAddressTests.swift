import Testing

@testable import CareDispatch

@Suite struct MailAddressTests {
    @Test(arguments: [
        "ann@example.com", "a.b+c@x-y.example", "o'neil@example.com", "x@localhost", "A_1!#$%&*/=?^`{|}~-@example.com",
        "1@1.2", "x@xn--bcher-kva.example",
    ]) func `takes addresses`(_ text: String) throws {
        #expect(try MailAddress(text).text == text)
        #expect(try MailAddress("  \(text) ").text == text)
    }

    static let refused: [(text: String, problem: MailAddress.Problem)] = [
        ("", .empty), ("   ", .empty), ("ann", .malformed), ("@example.com", .malformed), ("ann@", .malformed),
        ("ann@@example.com", .several), ("a@b@c.example", .several), ("a@b.example,c@d.example", .several),
        ("a@b.example;c@d.example", .several), ("Ann <ann@example.com>", .several), ("<ann@example.com>", .several),
        ("\"a b\"@example.com", .several), ("a@b.example\r\nRCPT TO:<x@y.z>", .several),
        ("a\n@example.com", .malformed),
        ("a@example.com\r", .malformed), ("a b@example.com", .malformed), ("a@exa mple.com", .malformed),
        ("a\t@example.com", .malformed), ("a\u{0}@example.com", .malformed), (".a@example.com", .malformed),
        ("a.@example.com", .malformed), ("a..b@example.com", .malformed), ("a@example..com", .malformed),
        ("a@.example.com", .malformed), ("a@example.com.", .malformed), ("a@-x.example", .malformed),
        ("a@x-.example", .malformed), ("a@[127.0.0.1]", .malformed), ("a@exam_ple.com", .malformed),
        ("jörg@example.com", .international), ("joe@bücher.example", .international), ("a@例え.jp", .international),
        (String(repeating: "a", count: 65) + "@example.com", .tooLong),
        ("a@" + Array(repeating: String(repeating: "b", count: 60), count: 5).joined(separator: "."), .tooLong),
        ("a@" + String(repeating: "b", count: 64) + ".example", .malformed),
    ]

    @Test(arguments: refused) func `refuses what is not one address`(
        _ test: (text: String, problem: MailAddress.Problem)
    ) {
        #expect(throws: test.problem) { try MailAddress(test.text) }
    }

    @Test func `takes lengths up to the limits`() throws {
        _ = try MailAddress(String(repeating: "a", count: 64) + "@example.com")
        let domain = Array(repeating: String(repeating: "b", count: 62), count: 4).joined(separator: ".")
        #expect("a@\(domain)".utf8.count == 253)
        _ = try MailAddress("a@\(domain)")
        _ = try MailAddress("aa@\(domain)")
        #expect(throws: MailAddress.Problem.tooLong) { try MailAddress("aaa@\(domain)") }
    }

    @Test(arguments: ["A\r\nB <a@b.example>", "A\u{0} <a@b.example>", "Ann <a@b.example", "Ann <>", "Ann"])
    func `refuses senders that are none`(_ text: String) {
        #expect(throws: MailAddress.Problem.self) { try Mailbox(text) }
    }
}
