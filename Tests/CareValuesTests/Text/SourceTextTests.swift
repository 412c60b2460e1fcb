import Testing

@testable import CareValues

@Suite struct SourceTextTests {
    /// A text of several blocks with lines of all lengths, and the place of every byte counted the plain way.
    @Test(arguments: [UInt64](1...2))
    func `places in a large text are those that counting from its beginning gives`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var text = ""
        let pieces = ["a", "客户", "é", "😀", "\n", "\r\n", String(repeating: "x", count: 700)]
        while text.utf8.count < 300_000 { text += pieces.randomElement(using: &random) ?? "" }
        let bytes = Array(text.utf8)
        let source = SourceText(file: "big.json", bytes: bytes)
        var line = 1
        var column = 1
        var wrong = 0
        for (offset, byte) in bytes.enumerated() {
            // The column of a byte inside a character is that behind it.
            if byte & 0xC0 != 0x80, offset % 97 == 0 || offset & 0xFFFF < 3 || offset & 0xFFFF > 0xFFFC {
                let place = source.position(ofOffset: offset)
                if place.line != line || place.column != column { wrong += 1 }
            }
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        #expect(wrong == 0)
        #expect(source.position(ofOffset: bytes.count).line == line)
        #expect(source.position(ofOffset: .max).line == line)
        #expect(source.position(ofOffset: -1) == (1, 1))
    }

    @Test(arguments: [0, 10, 999, 1_000, 1_001, 70_000, 150_000])
    func `a finding in a very long line carries the part around its place`(before: Int) throws {
        let bytes = Array(
            (String(repeating: "客", count: before) + "\"iff\"" + String(repeating: "客", count: 200_000)).utf8)
        let finding = SourceText(file: "x", bytes: bytes)
            .diagnostic(at: (3 * before)..<(3 * before + 5), code: "c", message: "m")
        #expect(finding.column == before + 1)
        #expect(finding.length == 5)
        #expect(finding.sourceLine.utf8.count <= 4_000)
        #expect(finding.sourceLine.unicodeScalars.allSatisfy { $0 != "\u{FFFD}" })
        let place = finding.column - finding.sourceColumn
        #expect(String(finding.sourceLine.dropFirst(place).prefix(5)) == "\"iff\"")
        let lines = finding.rendered().split(separator: "\n")
        let caret = try #require(lines[2].firstIndex(of: "^"))
        let indent = displayWidth(String(lines[2][..<caret]))
        var width = 0
        let behind = lines[1].drop { character in
            guard width < indent else { return false }
            width += displayWidth(String(character))
            return true
        }
        #expect(behind.hasPrefix("\"iff\""))
        #expect(displayWidth(String(lines[1])) <= 100)
    }

    @Test func `a caret never leaves its line`() {
        let source = SourceText(file: "x", bytes: Array("ab\r\ncd\n".utf8))
        #expect(source.diagnostic(at: 1..<99, code: "c", message: "m").length == 1)
        #expect(source.diagnostic(at: 4..<99, code: "c", message: "m").length == 2)
        #expect(source.diagnostic(at: 7..<99, code: "c", message: "m").sourceLine.isEmpty)
        #expect(source.diagnostic(at: 2..<3, code: "c", message: "m").sourceLine == "ab")
        #expect(source.diagnostic(at: 0..<0, code: "c", message: "m").sourceLine == "ab")
    }
}
