import CareRules
import CareValues

/// What the tests beside a rule set came to, and which campaigns each is about.
package struct RuleTestResults: Sendable {
    /// One test that was run.
    package struct Result: Sendable {
        /// The file's name as people read it.
        package var file: String
        /// The line of the file its name stands in.
        package var line: Int
        /// Its name, unique in its file.
        package var name: String
        /// The campaigns it is about, by identity.
        package var campaigns: Set<String>
        /// What was otherwise than expected; empty: it passed.
        package var failures: [RuleTestFailure]
    }

    /// A file of which no test was run.
    package struct Unreadable: Sendable {
        /// Why it was not.
        package enum Reason: Sendable {
            /// It has mistakes; this is the first.
            case mistake(Diagnostic)
            /// The system does not give it, in the system's words.
            case system(String)
        }
        /// The file's name as people read it.
        package var file: String
        /// Why.
        package var reason: Reason
        /// The campaigns that it names, by identity, as far as that can be told.
        package var campaigns: Set<String>
    }

    /// How the tests of one campaign stand.
    package enum State: Sendable {
        /// There are none.
        case untested
        /// So many, and all passed.
        case passed(Int)
        /// So many failed, of so many.
        case failed(Int, of: Int, first: Result)
        /// None is known to fail, but a file that names the campaign cannot be read.
        case unreadable(Unreadable)
    }

    /// The tests that were run, in the order of the files.
    package private(set) var results: [Result] = []
    /// The files of which none was.
    package private(set) var unreadable: [Unreadable] = []

    /// Of no file yet.
    package init() {}

    /// Reads a file and runs its tests: all of them, or none where it has a mistake.
    ///
    /// - Parameter zone: the project's zone.
    package mutating func run(
        file: String, bytes: [UInt8], rules: RuleSet, zone: Zone, in world: RuleTestRun.World
    ) {
        let read = RuleTestReader.read(file: file, bytes: bytes, rules: rules, zone: zone, zones: world.zones)
        if let mistake = read.diagnostics.first(where: { $0.severity == .error }) {
            unreadable.append(
                Unreadable(file: file, reason: .mistake(mistake), campaigns: Self.campaigns(namedIn: bytes, of: rules)))
        }
        for test in read.tests?.tests ?? [] {
            let failures = RuleTestRun.run(test, in: world).failures
            // A test also fails by a campaign that nobody thought of when it was written.
            let campaigns = test.subjects.union(failures.map(\.campaign))
            results.append(
                Result(file: file, line: test.line, name: test.name, campaigns: campaigns, failures: failures))
        }
    }

    /// Keeps in mind that the system does not give a file.
    package mutating func refuse(file: String, reason: String) {
        unreadable.append(Unreadable(file: file, reason: .system(reason), campaigns: []))
    }

    /// The tests that are about a campaign of that identity.
    package func results(of identity: String) -> [Result] { results.filter { $0.campaigns.contains(identity) } }

    /// How the tests of a campaign of that identity stand.
    package func state(of identity: String) -> State {
        let own = results(of: identity)
        let failed = own.filter { !$0.failures.isEmpty }
        if let first = failed.first { return .failed(failed.count, of: own.count, first: first) }
        if let file = unreadable.first(where: { $0.campaigns.contains(identity) }) { return .unreadable(file) }
        return own.isEmpty ? .untested : .passed(own.count)
    }

    /// The campaigns, by identity, whose names begin what stands in quotes: `"win-back"`, `"win-back/hello act"`.
    private static func campaigns(namedIn bytes: [UInt8], of rules: RuleSet) -> Set<String> {
        var found: Set<String> = []
        // Enough for a name as long as any, and what may stand behind it does not matter.
        let longest = RuleLimits.nameLength * 4 + 1
        for piece in bytes.split(separator: UInt8(ascii: "\"")) {
            let text = String(decoding: piece.prefix(longest), as: UTF8.self)
            let ends = text.indices.filter { text[$0] == " " || text[$0] == "/" } + [text.endIndex]
            for end in ends {
                guard let index = rules.index(ofCampaign: String(text[..<end])) else { continue }
                found.insert(rules.campaigns[index].identity)
            }
        }
        return found
    }
}

extension RuleTest {
    /// The campaigns it is about, by identity: those that it names; where it names none, those of which it expects something.
    fileprivate var subjects: Set<String> {
        guard let campaigns else { return Set(story.flatMap { $0.expected.map(\.identity) }) }
        return Set(
            campaigns.map { name in rules.index(ofCampaign: name).map { rules.campaigns[$0].identity } ?? name })
    }
}
