import CareValues
import Testing

@testable import CareLogic

/// The community's cases, which the reference and the compiled form pass without an exception.
struct CompatTablesTests {
    struct Case {
        var name: String
        var rule: JSONValue
        var data: JSONValue
        /// A value, or of an error what a handler of `try` reads.
        var expected: Answer
    }

    enum Answer: Equatable {
        case value(JSONValue)
        case error(JSONValue)

        init(_ evaluate: () throws(PlainLogicError) -> JSONValue) {
            do {
                self = .value(try evaluate())
            } catch {
                self = .error(error.handled ?? .null)
            }
        }
    }

    static func cases() throws -> [Case] {
        guard case .array(let files) = try Fixtures.json("compat-tables/index.json") else { return [] }
        var cases: [Case] = []
        for case .string(let file) in files {
            guard case .array(let entries) = try Fixtures.json("compat-tables/" + file) else { continue }
            var number = 0
            for case .object(let entry) in entries {
                number += 1
                guard let rule = entry["rule"] else { continue }
                cases.append(
                    Case(
                        name: "\(file) \(number)", rule: rule, data: entry["data"] ?? .null,
                        expected: entry["error"].map { .error($0) } ?? .value(entry["result"] ?? .null)))
            }
        }
        return cases
    }

    @Test func `every case of the community's suite passes, errors by their type`() throws {
        let cases = try Self.cases()
        #expect(cases.count == 1_138)
        for each in cases {
            let interpreted = Answer { () throws(PlainLogicError) in
                try ReferenceInterpreter.evaluate(each.rule, data: each.data)
            }
            let compiled = Answer { () throws(PlainLogicError) in try PlainProgram(each.rule).evaluate(each.data) }
            let text = "\(each.name): \(each.rule.canonicalText) over \(each.data.canonicalText)"
            #expect(interpreted == each.expected, "\(text)")
            #expect(compiled == each.expected, "\(text)")
        }
    }

    /// Operands that operators stumble over, in every place.
    static let operands: [JSONValue] = [
        .null, .bool(true), .number(0), .number(2), .string(""), .string("2"), .string("b"), .array([]),
        .array([.number(1), .string("3")]), .object(JSONObject()), ["var": "a"], ["var": "list"], ["var": "none"],
        ["throw": "late"],
    ]
    static let operators = [
        "==", "===", "!=", "!==", "<", "<=", ">", ">=", "+", "*", "-", "/", "%", "min", "max", "cat", "!", "!!", "and",
        "or", "if", "in", "merge", "substr", "map", "filter", "reduce", "all", "some", "none", "missing",
        "missing_some",
        "var", "val", "exists", "??", "try", "throw", "preserve", "log",
    ]

    @Test(arguments: operators) func `the reference and the compiled form agree on any operands`(name: String) {
        let data: JSONValue = ["a": 3, "list": [1, 2, 3], "b": "text"]
        var rules: [JSONValue] = [.object([name: .array([])])]
        for one in Self.operands {
            rules.append(.object([name: one]))
            rules.append(.object([name: .array([one])]))
            for two in Self.operands {
                rules.append(.object([name: .array([one, two])]))
                for three in Self.operands { rules.append(.object([name: .array([one, two, three])])) }
            }
        }
        for rule in rules {
            let interpreted = Answer { () throws(PlainLogicError) in
                try ReferenceInterpreter.evaluate(rule, data: data)
            }
            let compiled = Answer { () throws(PlainLogicError) in try PlainProgram(rule).evaluate(data) }
            #expect(interpreted == compiled, "\(rule.canonicalText)")
        }
    }
}
