import CareRules
import CareValues
import Testing

/// Broken rule files of every shape: no crash, and every finding lies inside its file.
struct MutationTests {
    static let replacements: [JSONValue] = [
        .null, .bool(true), .number(-1), .number(1.5), .number(1e300), .string(""), .string("P1D"), .string("{{"),
        .string("{{entry.}}"), .string("é\u{0}"), .array([]), .array([.null]), .object(JSONObject()),
        .object(["var": .string("tier")]), .object(["$value": .object(["$value": .null])]),
        .object(["segment": .string("vip")]),
        .array([.object(["and": .array([])])]),
    ]

    @Test(arguments: [UInt64](1...20)) func `a value replaced by any other is read or refused, never more`(
        seed: UInt64
    ) throws {
        var generator = SplitMix64(seed: seed)
        let sources = try ProjectFiles.rules()
        for _ in 0..<5 {
            let index = Int.random(in: 0..<sources.count, using: &generator)
            let document = try JSONDocument(file: sources[index].file, bytes: sources[index].bytes)
            var left = Int.random(in: 1..<count(document.root.value), using: &generator)
            let value = Self.replacements.randomElement(using: &generator) ?? .null
            let mutated = replaced(document.root.value, at: &left, with: value)
            var files = sources
            files[index].bytes = CanonicalJSON.bytes(mutated)
            check(files)
        }
    }

    @Test(arguments: [UInt64](1...20)) func `a byte replaced by any other is read or refused, never more`(
        seed: UInt64
    ) throws {
        var generator = SplitMix64(seed: seed)
        let sources = try ProjectFiles.rules()
        for _ in 0..<5 {
            let index = Int.random(in: 0..<sources.count, using: &generator)
            var files = sources
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<files[index].bytes.count, using: &generator)
                files[index].bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
            check(files)
        }
    }

    /// Loads the files: no rule set with an error, one without; findings lie inside their files.
    private func check(_ files: [RuleSource]) {
        let result = RuleSetLoader.load(files, destinations: Samples.destinations.union(["escalations"]))
        #expect((result.ruleSet == nil) == result.diagnostics.contains { $0.severity == .error })
        for finding in result.diagnostics {
            guard let file = files.first(where: { $0.file == finding.file }) else {
                Issue.record("a finding in no file: \(finding.rendered())")
                continue
            }
            let lines = file.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            let isInside =
                finding.line == 0
                || finding.line <= lines.count
                    && finding.column <= String(decoding: lines[finding.line - 1], as: UTF8.self).unicodeScalars.count
                        + 1
            #expect(isInside, "\(finding.rendered())")
            #expect(!finding.message.isEmpty && finding.length >= 1)
        }
        guard let ruleSet = result.ruleSet else { return }
        let again = Samples.load(ruleSet.canonicalText)
        #expect(again.ruleSet?.fingerprint == ruleSet.fingerprint)
    }
}

/// How many values a value holds, itself included.
private func count(_ value: JSONValue) -> Int {
    switch value {
    case .array(let elements): elements.reduce(1) { $0 + count($1) }
    case .object(let object): object.members.reduce(1) { $0 + count($1.value) }
    default: 1
    }
}

/// The value with the one at position `left`, counted from the outside in, replaced.
private func replaced(_ value: JSONValue, at left: inout Int, with other: JSONValue) -> JSONValue {
    if left == 0 {
        left -= 1
        return other
    }
    left -= 1
    switch value {
    case .array(let elements):
        return .array(elements.map { left >= 0 ? replaced($0, at: &left, with: other) : $0 })
    case .object(let object):
        var members: [(name: String, value: JSONValue)] = []
        for member in object.members {
            members.append((member.name, left >= 0 ? replaced(member.value, at: &left, with: other) : member.value))
        }
        return .object(JSONObject(uniqueMembers: members))
    default:
        return value
    }
}
