import CareLogic
import CareValues
import Testing

/// The cases of jsonlogic.com, by the reference and by the compiled form.
struct OfficialSuiteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var number: Int
        var rule: JSONValue
        var data: JSONValue
        var expected: JSONValue
        var testDescription: String { "\(number): \(rule.canonicalText)" }
    }

    static func cases() throws -> [Case] {
        guard case .array(let entries) = try Fixtures.json("jsonlogic/tests.json") else { return [] }
        var cases: [Case] = []
        for case .array(let parts) in entries where parts.count == 3 {
            cases.append(Case(number: cases.count + 1, rule: parts[0], data: parts[1], expected: parts[2]))
        }
        return cases
    }

    @Test func `has all 278 cases`() throws {
        #expect(try Self.cases().count == 278)
    }

    @Test(arguments: try Self.cases())
    func `gives the official result, interpreted and compiled`(_ each: Case) throws {
        #expect(try ReferenceInterpreter.evaluate(each.rule, data: each.data) == each.expected)
        #expect(try PlainProgram(each.rule).evaluate(each.data) == each.expected)
    }
}
