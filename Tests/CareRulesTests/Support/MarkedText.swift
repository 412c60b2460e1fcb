import CareRules
import CareValues
import Testing

/// Text in which keycap digits mark places: `{ 1️⃣"iff": 1 }`.
struct MarkedText {
    /// The text without its marks.
    var text = ""
    /// Line and column, 1-based, in code points, of each mark.
    var places: [String: (line: Int, column: Int)] = [:]

    init(_ marked: String) {
        var line = 1
        var column = 1
        for character in marked {
            if character.unicodeScalars.last == "\u{20E3}" {
                places[String(character)] = (line, column)
                continue
            }
            text.append(character)
            if character == "\n" {
                line += 1
                column = 1
            } else {
                column += character.unicodeScalars.count
            }
        }
    }
}

/// A finding that a test expects: the mark it stands at, severity, code, sentence, help.
struct Expected: Sendable {
    var mark: String
    var severity: Diagnostic.Severity
    var code: String
    var message: String
    var help: String?

    static func error(_ mark: String, _ code: String, _ message: String, help: String? = nil) -> Expected {
        Expected(mark: mark, severity: .error, code: code, message: message, help: help)
    }

    static func warning(_ mark: String, _ code: String, _ message: String, help: String? = nil) -> Expected {
        Expected(mark: mark, severity: .warning, code: code, message: message, help: help)
    }
}

/// Loads a marked rule file beside the declarations of ``Samples/base`` and expects exactly these findings.
func expectFindings(
    in marked: String, _ expected: [Expected], destinations: Set<String>? = Samples.destinations,
    holidays: HolidayTable? = nil, zones: (any ZoneDirectory)? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let file = MarkedText(marked)
    let result = RuleSetLoader.load(
        [
            RuleSource(file: "base.json", bytes: Array(Samples.base.utf8)),
            RuleSource(file: "t.json", bytes: Array(file.text.utf8)),
        ],
        destinations: destinations, holidays: holidays, zones: zones)
    let found = result.diagnostics.map {
        "\($0.file):\($0.line):\($0.column): \($0.severity.rawValue): \($0.message) [\($0.code)] \($0.help ?? "-")"
    }
    let wanted = expected.map { finding -> (line: Int, column: Int, order: String, text: String) in
        let place = file.places[finding.mark] ?? (0, 0)
        return (
            place.line, place.column, "\(finding.severity.rawValue) \(finding.code) \(finding.message)",
            "t.json:\(place.line):\(place.column): \(finding.severity.rawValue): \(finding.message) [\(finding.code)] \(finding.help ?? "-")"
        )
    }
    // The text orders findings of one place as the loader does: errors first, then by code and sentence.
    let sorted = wanted.sorted { ($0.line, $0.column, $0.order) < ($1.line, $1.column, $1.order) }.map(\.text)
    #expect(found == sorted, sourceLocation: sourceLocation)
    let isUsable = expected.allSatisfy { $0.severity == .warning }
    #expect((result.ruleSet != nil) == isUsable, sourceLocation: sourceLocation)
}
