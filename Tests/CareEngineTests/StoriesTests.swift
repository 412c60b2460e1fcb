import CareCalendar
import CareDecisions
import CareEngine
import CareRules
import CareValues
import Foundation
import Testing

@testable import CarePlanning

/// Every story that `decide` must answer, in the three ways that decisions come about: as a rule test, on a live
/// engine, and as a plan. The stories are the rule tests in `Tests/Stories`, told with the campaigns of `examples`.
///
/// `care test` runs them too, in the tests of the commands. What gates and triggers do beside them is in the suites
/// `StoryTests` and `GateStoryTests`.
@Suite struct StoriesTests {
    /// A way that does not apply to the stories of such a beginning, and why.
    struct Exception {
        var way: Way
        var stories: [String]
        var why: String
    }

    /// The ways in which the same decisions must come about.
    enum Way: CaseIterable {
        /// A rule test by passes of ten minutes, beside the one at every due instant, which is what is expected.
        case ruleTestByTicks
        /// A live engine, ticked every ten minutes.
        case engineByTicks
        /// A live engine, ticked at every due instant, each stretch planned before.
        case plan
    }

    static let exceptions = [
        Exception(
            way: .plan, stories: ["31:"],
            why: "a plan takes what needs approval as approved; ApprovalTests carries such plans out"),
        Exception(
            way: .ruleTestByTicks, stories: ["16:", "18:"],
            why: "a rule test expects a decision at the pass that takes it, here minutes after its instant"),
    ]

    /// The stories, read against the examples.
    static let stories: Result<[RuleTest], any Error> = Result {
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var sources: [RuleSource] = []
        for folder in ["examples", "Tests/Stories"] {
            for file in try FileManager.default.contentsOfDirectory(atPath: project.appending(path: folder).path)
                .sorted()
            where file.hasSuffix(".json") && !file.hasSuffix(".tests.json") && file != "care.json" {
                let bytes = Array(try Data(contentsOf: project.appending(path: folder + "/" + file)))
                sources.append(RuleSource(file: file, bytes: bytes))
            }
        }
        let loaded = RuleSetLoader.load(
            sources, destinations: nil, holidays: ShippedHolidays.table, zones: EngineWorld.zones)
        let rules = try #require(loaded.ruleSet)
        let zone = try #require(EngineWorld.zones.zone(named: "Asia/Shanghai"))
        let bytes = Array(try Data(contentsOf: project.appending(path: "Tests/Stories/stories.tests.json")))
        let read = RuleTestReader.read(
            file: "stories.tests.json", bytes: bytes, rules: rules, zone: zone, zones: EngineWorld.zones)
        return try #require(read.tests?.tests)
    }

    static let names = (try? stories.get().map(\.name)) ?? []

    static func story(_ name: String) throws -> RuleTest {
        try #require(try stories.get().first { $0.name == name })
    }

    @Test func `there are all of them`() throws {
        let numbers = Set(try Self.stories.get().compactMap { Int($0.name.prefix { $0.isNumber }) })
        #expect(numbers == Set(1...32))
    }

    /// What is decided in a rule test, which must be what it expects.
    static func decided(_ test: RuleTest) -> [StoryRun.Row] {
        let outcome = RuleTestRun.run(
            test, in: RuleTestRun.World(zones: EngineWorld.zones, holidays: ShippedHolidays.table))
        #expect(outcome.failures.isEmpty, "\(outcome.failures.map { "\($0.subject) \($0.expected) \($0.got)" })")
        return outcome.decisions.map(StoryRun.Row.init).sorted()
    }

    @Test(arguments: names, Way.allCases)
    func `a story ends as it is told`(_ name: String, way: Way) throws {
        guard !Self.exceptions.contains(where: { $0.way == way && $0.stories.contains(where: name.hasPrefix) }) else {
            return
        }
        var test = try Self.story(name)
        let expected = Self.decided(test)
        switch way {
        case .ruleTestByTicks:
            test.ticks = 600_000
            #expect(Self.decided(test) == expected)
        case .engineByTicks: #expect(try StoryRun.rows(of: test, .everyTenMinutes) == expected)
        case .plan: #expect(try StoryRun.rows(of: test, .planned) == expected)
        }
    }
}
