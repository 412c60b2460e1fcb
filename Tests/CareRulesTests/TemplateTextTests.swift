import Testing

@testable import CareRules

/// Texts with `{{path}}` places.
struct TemplateTextTests {
    static let good: [(String, [TemplateText.Piece])] = [
        ("", []),
        ("plain", [.literal("plain")]),
        ("{{name}}", [.place(path: "name", bytes: 2..<6)]),
        ("{{ name }}", [.place(path: "name", bytes: 3..<7)]),
        ("Dear {{name}}!", [.literal("Dear "), .place(path: "name", bytes: 7..<11), .literal("!")]),
        ("{{a}}{{b}}", [.place(path: "a", bytes: 2..<3), .place(path: "b", bytes: 7..<8)]),
        ("{ {name} }", [.literal("{ {name} }")]),
        ("}} {x}", [.literal("}} {x}")]),
        ("尊敬的{{姓名}}", [.literal("尊敬的"), .place(path: "姓名", bytes: 11..<17)]),
        ("{{entry.a.b}}", [.place(path: "entry.a.b", bytes: 2..<11)]),
    ]

    @Test(arguments: good) func `splits a text at its places`(text: String, pieces: [TemplateText.Piece]) throws {
        #expect(try TemplateText(text).pieces == pieces)
    }

    static let bad: [(String, String, Range<Int>)] = [
        ("{{", "'{{' is not closed", 0..<2),
        ("a {{name", "'{{' is not closed", 2..<4),
        ("a {{name}", "'{{' is not closed", 2..<4),
        ("{{a}} {{b", "'{{' is not closed", 6..<8),
        ("{{}}", "'{{}}' names nothing", 0..<4),
        ("{{  }}", "'{{}}' names nothing", 0..<6),
        ("{{#vip}}", "'{{#vip}}' is no path: it holds '#'", 2..<6),
        ("{{/vip}}", "'{{/vip}}' is no path: it holds '/'", 2..<6),
        ("{{{name}}}", "'{{{name}}' is no path: it holds '{'", 2..<7),
    ]

    @Test(arguments: bad) func `refuses what is no place`(text: String, message: String, bytes: Range<Int>) {
        #expect(throws: TemplateText.Problem.self) { try TemplateText(text) }
        do {
            _ = try TemplateText(text)
        } catch {
            #expect(error.message == message)
            #expect(error.bytes == bytes)
        }
    }
}
