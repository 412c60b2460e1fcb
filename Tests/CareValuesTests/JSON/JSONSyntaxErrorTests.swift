import Testing

@testable import CareValues

/// The place of each mistake is marked in the text: ⟪ and ⟫ stand around what the caret underlines.
@Suite struct JSONSyntaxErrorTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var text: String
        var message: String
        var help: String?
        var code = "json.syntax"

        init(_ text: String, _ message: String, _ help: String? = nil, code: String = "json.syntax") {
            self.text = text
            self.message = message
            self.help = help
            self.code = code
        }

        var testDescription: String { text }
    }

    static let mistakes: [Mistake] = [
        Mistake("{\n \"a\": 1\n ⟪\"b\"⟫: 2\n}", "a comma is missing before this member"),
        Mistake("[1 ⟪2⟫]", "a comma is missing before this element"),
        Mistake("{\"a\": 1⟪;⟫ \"b\": 2}", "a comma separates members", "write ',' for ';'"),
        Mistake("{\"a\": [1, 2⟪}⟫", "'}' cannot close a list", "'[' of line 1 is still open"),
        Mistake("{\n\"a\": {\"b\": 1\n⟪]⟫", "']' cannot close an object", "'{' of line 2 is still open"),
        Mistake("[1⟪:⟫ 2]", "a colon stands only in objects, behind a member's name"),
        Mistake("{\"a\": 1⟪,⟫}", "a trailing comma: nothing follows it", "remove it"),
        Mistake("[1⟪,⟫\n]", "a trailing comma: nothing follows it", "remove it"),
        Mistake("[1,⟪,⟫2]", "a value is missing before this comma"),
        Mistake("{⟪,⟫\"a\": 1}", "a member is missing before this comma"),
        Mistake("{\"a\": ⟪}⟫", "a value is missing before this bracket"),
        Mistake("{\"a\": ⟪'gold'⟫}", "strings are written in double quotes", "write \" for '"),
        Mistake("{⟪'a'⟫: 1}", "member names are written in double quotes", "write \" for '"),
        Mistake("{⟪tier⟫: 1}", "member names are written in double quotes", "write \"tier\""),
        Mistake("{\"a\": ⟪gold⟫}", "strings are written in double quotes", "write \"gold\""),
        Mistake("{\"a\": ⟪金卡⟫}", "strings are written in double quotes", "write \"金卡\""),
        Mistake("{\"a\": ⟪“⟫gold”}", "strings are written in straight double quotes", "write \" for this quote"),
        Mistake("{⟪1⟫: 1}", "a member's name is expected here, in double quotes"),
        Mistake("[⟪True⟫]", "no value is called 'True'", "did you mean 'true'?"),
        Mistake("[⟪None⟫]", "no value is called 'None'", "did you mean 'null'?"),
        Mistake("[⟪flase⟫]", "no value is called 'flase'", "did you mean 'false'?"),
        Mistake("[⟪NaN⟫]", "JSON has no number 'NaN'"),
        Mistake("[⟪+1⟫]", "a number begins with a digit or '-'"),
        Mistake("[⟪.5⟫]", "a number begins with a digit or '-'"),
        Mistake("[⟪1.⟫]", "'1.' is not a number", "digits are missing after the point"),
        Mistake("[⟪-⟫]", "'-' is not a number", "digits are missing after '-'"),
        Mistake("[⟪1e⟫]", "'1e' is not a number", "digits are missing in the exponent"),
        Mistake("[⟪1.e5⟫]", "'1.e5' is not a number", "digits are missing between point and exponent"),
        Mistake("[⟪-x⟫]", "'-x' is not a number"),
        Mistake("[⟪007⟫]", "a number does not begin with 0", "write it without the 0, or as a string"),
        Mistake(
            "[⟪1e400⟫]", "this number is too large", "the largest is about 1.8e308", code: "json.number-out-of-range"),
        Mistake("{\"a\" ⟪=⟫ 1}", "a colon stands between a member's name and its value", "write ':' for '='"),
        Mistake("{\"a\" ⟪1⟫}", "a colon is missing after this member's name", "write \"name\": value"),
        Mistake("{ ⟪//⟫ why\n}", "JSON has no comments", "use \"description\""),
        Mistake("{\"a\": 1 ⟪/*⟫ why */}", "JSON has no comments", "use \"description\""),
        Mistake("⟪#⟫ why\n{}", "JSON has no comments", "use \"description\""),
        Mistake("{}\n⟪{⟫}", "there is text after the end of the JSON value", "a file holds one value"),
        Mistake("{}⟪}⟫", "this bracket closes nothing", "remove it"),
        Mistake("⟪⟫", "the file is empty", "an empty object is {}"),
        Mistake("⟪ ⟫\n", "the file is empty", "an empty object is {}"),
        Mistake("{\n\"a\": [1⟪,⟫ \n", "the text ends too early, after this", "'[' of line 2 is never closed"),
        Mistake("{\"a\": \"张⟪\"⟫", "the text ends too early, after this", "'{' of line 1 is never closed"),
        Mistake(
            "{\"a\": ⟪\"gold},⟫\n\"b\": 1}", "this string has no end",
            "close it with '\"'; a line break inside is written \\n"),
        Mistake("[⟪\"abc⟫", "this string has no end", "close it with '\"'; a line break inside is written \\n"),
        Mistake("[\"a⟪\t⟫b\"]", "a tab stands in a string", "write it \\t"),
        Mistake("[\"a⟪\u{1}⟫b\"]", "the control character U+0001 stands in a string", "write it \\u0001"),
        Mistake(
            #"["C:⟪\x⟫yz"]"#, "no such escape",
            #"escapes are \" \\ \/ \b \f \n \r \t \uXXXX; a backslash itself is \\"#),
        Mistake(#"["⟪\u12G4⟫"]"#, "\\u needs four hexadecimal digits"),
        Mistake(
            #"["⟪\ud83d⟫x"]"#, "this escape is half a character",
            #"characters above U+FFFF take two escapes, \uD83D\uDE00, or stand as they are"#),
        Mistake(
            "⟪\u{FEFF}⟫{}", "the file begins with a byte order mark", "save it as UTF-8 without one",
            code: "json.byte-order-mark"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is explained at its exact place`(mistake: Mistake) throws {
        let plain = mistake.text.replacing("⟪", with: "").replacing("⟫", with: "")
        let before = try #require(mistake.text.split(separator: "⟪", omittingEmptySubsequences: false).first)
        let marked = mistake.text.drop { $0 != "⟪" }.dropFirst().prefix { $0 != "⟫" }
        let lines = before.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let (document, diagnostics) = JSONDocument.read(file: "x.json", bytes: Array(plain.utf8))
        #expect(document == nil)
        let finding = try #require(diagnostics.first)
        #expect(diagnostics.count == 1)
        #expect(finding.code == mistake.code)
        #expect(finding.message == mistake.message)
        #expect(finding.help == mistake.help)
        #expect(finding.line == lines.count)
        #expect(finding.column == (lines.last?.count ?? 0) + 1)
        #expect(finding.length == max(1, marked.unicodeScalars.count))
    }

    @Test func `what is not UTF-8 is named by its byte`() throws {
        let (_, diagnostics) = JSONDocument.read(file: "x", bytes: Array("[\"caf".utf8) + [0xE9] + Array("\"]".utf8))
        let finding = try #require(diagnostics.first)
        #expect(finding.code == "json.not-utf8")
        #expect(finding.message == "the byte 0xe9 is not UTF-8")
        #expect(finding.column == 6)
        #expect(finding.sourceLine == "[\"caf\u{FFFD}\"]")
        let utf16: [UInt8] = [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]
        #expect(
            JSONDocument.read(file: "x", bytes: utf16).diagnostics.first?.message == "the file is UTF-16, not UTF-8")
    }

    /// Unicode 15, table 3-7, and beyond both its ends.
    @Test(
        arguments: [
            ([0x7F], true), ([0x80], false), ([0xC1, 0xBF], false), ([0xC2, 0x80], true), ([0xDF, 0xBF], true),
            ([0xC2, 0x7F], false), ([0xC2, 0xC0], false), ([0xE0, 0x9F, 0x80], false), ([0xE0, 0xA0, 0x80], true),
            ([0xED, 0x9F, 0xBF], true), ([0xED, 0xA0, 0x80], false), ([0xED, 0xBF, 0xBF], false),
            ([0xEE, 0x80, 0x80], true),
            ([0xEF, 0xBF, 0xBF], true), ([0xEF, 0xBF], false), ([0xF0, 0x8F, 0xBF, 0xBF], false),
            ([0xF0, 0x90, 0x80, 0x80], true), ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0xF4, 0x90, 0x80, 0x80], false),
            ([0xF5, 0x80, 0x80, 0x80], false), ([0xF0, 0x90, 0x80], false), ([0xFF], false),
        ] as [([UInt8], Bool)])
    func `exactly the well-formed byte sequences are characters`(bytes: [UInt8], isAccepted: Bool) {
        for padding in 0..<9 {
            let filler = [UInt8](repeating: 0x61, count: padding)
            let text = [0x22] + filler + bytes + filler + [0x22]
            #expect((JSONDocument.read(file: "", bytes: text).document != nil) == isAccepted)
        }
    }
}
