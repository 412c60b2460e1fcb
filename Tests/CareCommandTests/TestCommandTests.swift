import CareEngine
import Testing

@testable import care

/// `care test` as a user runs it.
struct TestCommandTests {
    /// The project's own folder.
    static let project = String(#filePath).split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    private static let good = #"""
        { "campaigns": "thanks", "tests": {
          "thanks once": { "story": [
            { "at": "2026-01-02 12:00", "event": "purchase", "expect": "thanks act" },
            { "at": "2026-01-03 12:00", "event": "purchase", "expect": "thanks none where" } ] } } }
        """#
    private static let bad = #"""
        { "tests": {
          "greets everybody": {
            "customers": { "c1": { "tier": "silver", "birthday": "1990-05-30" } },
            "story": [
              { "at": "2026-05-23 09:00", "expect": "birthday-gold act" } ] } } }
        """#

    @Test func `all campaigns in rules have tests that cover their conditions`() async throws {
        let answer = await try World().care("test \(Self.project)/rules --min-coverage 95")
        #expect(answer.code == 0, "\(answer.output)\(answer.error)")
        #expect(answer.output.contains("13 of 13 campaigns."))
        #expect(!answer.output.contains("never entered"))
    }

    @Test func `the campaigns in examples do what they promise`() async throws {
        let answer = await try World().care("test \(Self.project)/examples --min-coverage 95")
        #expect(answer.code == 0, "\(answer.output)\(answer.error)")
        #expect(answer.output.contains("22 of 22 campaigns."))
        #expect(!answer.output.contains("never entered"))
    }

    @Test func `the stories hold as rule tests`() async throws {
        let world = try World()
        for folder in ["examples", "Tests/Stories"] {
            let place = Self.project + "/" + folder
            for path in try Files.list(place, suffix: ".json") {
                let name = String(path.dropFirst(place.count + 1))
                if folder == "examples", name.hasSuffix(".tests.json") { continue }
                let bytes = try Files.read(path, atMost: 1 << 20)
                try world.write("stories/" + name, String(decoding: bytes, as: UTF8.self))
            }
        }
        let answer = await world.care("test stories")
        #expect(answer.code == 0, "\(answer.output)\(answer.error)")
        #expect(answer.output.hasPrefix("38 tests passed in 1 file"), "\(answer.output)")
    }

    @Test func `says what passed and what is not covered`() async throws {
        let world = try World.shop()
        try world.write("rules/thanks.tests.json", Self.good)
        let answer = await world.care("test")
        #expect(
            answer.output == """
                1 test passed in 1 file (0.0 s). Covered: 2 of 6 branches (33.3 %), 1 of 2 campaigns.
                  never entered  rules/shop.json:11  birthday-gold
                  never true     rules/shop.json:9   >= tier, gold
                  never false    rules/shop.json:9   >= tier, gold
                  never true     rules/shop.json:13  segment vip
                  never false    rules/shop.json:13  segment vip

                """)
        #expect(answer.code == 0)
        #expect(await world.care("test --min-coverage 33.3").code == 0)
        let short = await world.care("test --min-coverage 95")
        #expect(short.code == 1)
        #expect(short.output.hasSuffix("Covered are 33.3 %, --min-coverage asks for 95.0 %.\n"))
    }

    @Test func `says of a failing test what was expected, what came, and what decided`() async throws {
        let world = try World.shop()
        try world.write("rules/thanks.tests.json", Self.good)
        try world.write("rules/birthday.tests.json", Self.bad)
        let answer = await world.care("test rules")
        #expect(answer.code == 1)
        #expect(
            answer.output == """
                FAIL  rules/birthday.tests.json:5  greets everybody
                  at        Sat 23 May 2026 09:00, customer c1, birthday-gold
                  expected  act
                  got       nothing
                  decided   the trigger fired
                            └ condition  segment vip        false
                               └ >=  tier "silver", "gold"  false
                1 of 2 tests failed.

                """)
    }

    @Test func `--run picks tests by name or by file`() async throws {
        let world = try World.shop()
        try world.write("rules/thanks.tests.json", Self.good)
        try world.write("rules/birthday.tests.json", Self.bad)
        #expect(await world.care("test --run thanks*").output == "1 test passed in 1 file (0.0 s).\n")
        #expect(await world.care("test --run *birthday.tests*").code == 1)
        let none = await world.care("test --run nothing*")
        #expect(none.code == 1)
        #expect(none.error == "error: no test fits --run 'nothing*'; nothing was run\n")
    }

    @Test func `writes JSON and JUnit XML`() async throws {
        let world = try World.shop()
        try world.write("rules/thanks.tests.json", Self.good)
        try world.write("rules/birthday.tests.json", Self.bad)
        let answer = await world.care("test --format json --junit report.xml")
        #expect(answer.code == 1)
        #expect(answer.output.hasPrefix(#"{"passed":1,"failed":1,"files":2,"seconds":0,"#))
        let xml = try #require(world.read("report.xml"))
        #expect(xml.contains(#"<testsuites tests="2" failures="1" time="0.000">"#))
        #expect(xml.contains(#"name="thanks once" file="rules/thanks.tests.json" line="2"/>"#))
        #expect(xml.contains(#"<failure message="expected act, got nothing">"#))
        #expect(xml.contains("tier &quot;silver&quot;"))
    }

    @Test func `mistakes in tests are told with their place, and nothing is run`() async throws {
        let world = try World.shop()
        try world.write("rules/a.tests.json", #"{ "campaigns": "thank", "tests": {} }"#)
        let answer = await world.care("test")
        #expect(answer.code == 1)
        #expect(answer.output == "")
        #expect(answer.error.contains("rules/a.tests.json:1:16: error: no campaign 'thank' [test.unknown-campaign]"))
        #expect(answer.error.contains("did you mean 'thanks'?"))
        #expect(answer.error.hasSuffix("The tests have mistakes; none was run.\n"))
        #expect(await world.care("check").code == 0)
    }

    @Test(arguments: [
        ("test", 1, "error: there are no tests in rules: no file NAME.tests.json"),
        ("test nowhere", 64, "error: there is no nowhere"),
        ("test rules/shop.json", 64, "error: rules/shop.json is no file of tests"),
        ("test --min-coverage 101", 64, "error: --min-coverage is 0 to 100, not 101.0"),
        ("test --min-coverage 9 --run x", 64, "error: --min-coverage asks for all tests, --run for some: one of them"),
    ]) func `says what is missing`(line: String, code: Int32, message: String) async throws {
        let answer = await try World.shop().care(line)
        #expect(answer.code == code)
        #expect(answer.error.hasPrefix(message))
    }

    @Test(arguments: [
        ("*", "", true), ("a*c", "abc", true), ("a*c", "abcd", false), ("a?c", "abc", true), ("a?c", "ac", false),
        ("*b*b*", "abab", true), ("", "", true), ("", "a", false), ("**", "x", true),
    ]) func `patterns`(pattern: String, text: String, fits: Bool) {
        #expect(Glob(pattern).matches(text) == fits)
    }
}
