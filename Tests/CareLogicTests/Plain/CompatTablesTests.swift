import CareLogic
import CareValues
import Testing

/// The community's cases, of which the reference and the compiled form pass all that are not listed with a reason.
struct CompatTablesTests {
    struct Case {
        var name: String
        var rule: JSONValue
        var data: JSONValue
        /// nil: an error is expected.
        var expected: JSONValue?
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
                        expected: entry["error"] == nil ? entry["result"] : nil))
            }
        }
        return cases
    }

    /// The listed cases by name, with the reason.
    static func knownIssues() throws -> [String: String] {
        var reasons: [String: String] = [:]
        guard case .object(let groups) = try Fixtures.json("compat-tables-known-issues.json") else { return [:] }
        for (reason, names) in groups.members {
            guard case .array(let names) = names else { continue }
            for case .string(let name) in names { reasons[name] = reason }
        }
        return reasons
    }

    @Test func `passes every case that is not listed, and none that is`() throws {
        let cases = try Self.cases()
        let known = try Self.knownIssues()
        #expect(cases.count == 1_138)
        #expect(Set(known.keys).subtracting(cases.map(\.name)) == [])
        #expect(cases.count - known.count == 932, "the count that Fixtures/README.md tells")
        for each in cases {
            let interpreted = try? ReferenceInterpreter.evaluate(each.rule, data: each.data)
            let compiled = try? PlainProgram(each.rule).evaluate(each.data)
            let text = "\(each.name): \(each.rule.canonicalText) over \(each.data.canonicalText)"
            #expect(interpreted == compiled, "\(text)")
            let passes = interpreted == each.expected
            let got = interpreted?.canonicalText ?? "an error"
            let wanted = each.expected?.canonicalText ?? "an error"
            if let reason = known[each.name] {
                #expect(!passes, "\(text) passes now; listed as: \(reason)")
            } else {
                #expect(passes, "\(text): \(got), expected \(wanted)")
            }
        }
    }
}
