import CareRules
import CareValues
import Testing

/// What is odd about several campaigns together, or about names that nothing reads.
struct RuleSetLintTests {
    static let cap =
        #""policies": { "caps": [{ "name": "marketing", "tags": ["marketing"], "max": 1, "per": { "rolling": "P7D" } }] }"#

    static func two(_ first: String, _ second: String, policies: String = cap) -> String {
        """
        { \(policies), "campaigns": {
          "a": { \(first), "actions": [{ "send": "crm", "type": "t" }] },
          1️⃣"b": { \(second), "actions": [{ "send": "crm", "type": "t" }] } } }
        """
    }

    static func warning(_ rivalry: String) -> Expected {
        .warning(
            "1️⃣", "rule.same-moment", "'b' and 'a' come at the same moment, and \(rivalry)",
            help: "'a' goes first, by its name: say which by \"priority\"")
    }

    static let birthday = #""trigger": { "anniversary": { "of": "birthday" } }, "tags": ["marketing"]"#

    @Test(arguments: [
        (birthday, birthday),
        (
            birthday,
            #""trigger": { "anniversary": { "of": "birthday", "at": "09:00", "offset": ["P1D", "P0D"] } }, "tags": ["marketing"]"#
        ),
        (
            #""trigger": { "event": ["purchase", "visit"] }, "tags": ["marketing"]"#,
            #""trigger": { "event": "purchase" }, "tags": ["x", "marketing"]"#
        ),
    ]) func `two campaigns of one moment under one cap should say which goes first`(first: String, second: String) {
        expectFindings(in: Self.two(first, second), [Self.warning("the cap 'marketing' lets 1 through")])
    }

    @Test func `or of one group`() {
        let group = #""trigger": { "event": "purchase" }, "group": "g""#
        expectFindings(
            in: Self.two(group, group, policies: #""policies": {}"#),
            [Self.warning("of the group 'g' only one enters")])
    }

    @Test(arguments: [
        (birthday, birthday + #", "priority": 5"#),
        (birthday, #""trigger": { "anniversary": { "of": "birthday", "at": "10:00" } }, "tags": ["marketing"]"#),
        (birthday, #""trigger": { "anniversary": { "of": "birthday" } }"#),
        (birthday, birthday + #", "caps": { "ignores": true }"#),
        (
            birthday + #", "condition": { "segment": "vip" }"#,
            birthday + #", "condition": { "<": [{ "var": "tier" }, "gold"] }"#
        ),
        (birthday, #""trigger": { "api": {} }, "tags": ["marketing"]"#),
    ]) func `not where it is said, another moment, or another customer`(first: String, second: String) {
        expectFindings(in: Self.two(first, second).replacing("1️⃣", with: ""), [])
    }

    @Test func `a cap with room for both is no quarrel`() {
        expectFindings(
            in: Self.two(Self.birthday, Self.birthday, policies: Self.cap.replacing(#""max": 1"#, with: #""max": 2"#))
                .replacing("1️⃣", with: ""), [])
    }

    static func steps(_ wait: String, _ max: Int) -> String {
        """
        { "policies": { "caps": [{ "name": "m", "tags": ["m"], "max": \(max), "per": { "rolling": "P7D" } }] },
          "campaigns": { "c": { "trigger": { "change": { "of": "tier" } }, "tags": ["m"], "steps": [
          { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
          { "name": "b", \(wait), "actions": 1️⃣[{ "send": "crm", "type": "t" }] }] } } }
        """
    }

    @Test(arguments: [#""after": "P6D""#, #""sinceEntry": "P3D", "at": "10:00""#, #""after": "PT0S""#])
    func `a step that comes while the steps before it fill a cap never goes out`(wait: String) {
        expectFindings(
            in: Self.steps(wait, 1),
            [
                .warning(
                    "1️⃣", "rule.unreachable",
                    "the step 'b' comes while the steps before it fill the cap 'm', 1 in P7D",
                    help: "wait longer, or say \"caps\": { \"ignores\": true }")
            ])
    }

    @Test func `one that waits long enough, or finds room, does`() {
        for (wait, max) in [
            (#""after": "P7D""#, 1), (#""sinceEntry": "P6D", "at": "10:00""#, 1), (#""after": "P1D""#, 2),
        ] {
            expectFindings(in: Self.steps(wait, max).replacing("1️⃣", with: ""), [])
        }
    }

    static func unused(_ text: String) -> [String] {
        RuleSetLoader.load(
            [RuleSource(file: "t.json", bytes: Array(text.utf8))], destinations: nil, reportsUnused: true
        ).diagnostics.map { $0.message }
    }

    @Test func `traits and segments that nothing reads are named when asked for`() {
        let text = """
            { "traits": { "used": { "count": { "event": "e" } }, "told": { "count": { "event": "e" } },
                          "timed": { "last": { "event": "e" } }, "idle": { "count": { "event": "e" } } },
              "segments": { "inner": { ">": [{ "var": "used" }, 1] }, "outer": { "segment": "inner" },
                            "circle": { "segment": "lonely" }, "lonely": { ">": [{ "var": "used" }, 5] } },
              "campaigns": { "c": { "description": "idle, lonely", "tags": ["lonely"],
                "trigger": { "anniversary": { "of": "timed" } }, "condition": { "segment": "outer" },
                "actions": [{ "send": "crm", "type": "idle", "data": { "n": "you have {{told}}" } }] } } }
            """
        #expect(
            Self.unused(text) == [
                "nothing uses the trait 'idle'", "nothing uses the segment 'circle'",
                "nothing uses the segment 'lonely'",
            ])
        #expect(
            Self.unused(#"{ "segments": { "s": { "==": [{ "var": "customer.id" }, "a"] } } }"#) == [],
            "without campaigns there is nobody to use them")
    }
}
