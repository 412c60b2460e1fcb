import BenchPopulation

/// The conditions that are measured: twenty from the practice of customer care, and four variants of each with other
/// limits and lists. They guard against what is missing, so that every engine agrees on who matches.
enum BenchRules {
    private static let regions = [
        ["DE", "AT", "CH"], ["FR", "BE", "NL"], ["ES", "PT", "IT"], ["SE", "DK", "NO", "FI"], ["US", "BR", "JP"],
    ]

    /// `count` conditions as JSON text: 20, or up to 100 with the variants; beyond that more variants.
    static func conditions(_ count: Int) -> [String] {
        Array((0..<((count + 19) / 20)).flatMap { variant($0) }.prefix(count))
    }

    private static func read(_ name: String) -> String { #"{"var":"\#(name)"}"# }
    private static func all(_ parts: String...) -> String { #"{"and":[\#(parts.joined(separator: ","))]}"# }
    private static func any(_ parts: String...) -> String { #"{"or":[\#(parts.joined(separator: ","))]}"# }
    private static func not(_ part: String) -> String { #"{"!":[\#(part)]}"# }
    private static func has(_ name: String) -> String { #"{"!==":[\#(read(name)),null]}"# }
    private static func `is`(_ left: String, _ comparison: String, _ right: some CustomStringConvertible) -> String {
        #"{"\#(comparison)":[\#(left),\#(right)]}"#
    }
    private static func text(_ word: String) -> String { "\"\(word)\"" }
    private static func among(_ name: String, _ words: [String]) -> String {
        #"{"in":[\#(read(name)),[\#(words.map(text).joined(separator: ","))]]}"#
    }
    private static func since(_ name: String) -> String { #"{"days_since":[\#(read(name))]}"# }

    private static func variant(_ v: Int) -> [String] {
        let (purchase, activity) = ("lastPurchaseAt", "lastActivityAt")
        let untilBirthday = #"{"days_until_birthday":[\#(read("birthday"))]}"#
        let age = #"{"age":[\#(read("birthday"))]}"#
        let (orders, spend, nps) = (read("orders90d"), read("spend90d"), read("nps"))
        let complaints = read("openComplaints")
        let (consent, vip) = (read("consentEmail"), read("vip"))
        func region(_ k: Int) -> [String] { regions[(v + k) % 5] }
        let upper = among("tier", ["gold", "platinum"])
        let countries = v == 0 ? [2, 8] : [v * 3 % 24, v * 5 % 24]
        let cities = countries.flatMap { country in (0..<4).map { Population.cities[country * 8 + $0] } }
        let score =
            #"{"+":[{"if":[\#(vip),30,0]},{"*":[\#(orders),2]},{"if":[\#(`is`(spend, ">", 500)),20,0]}]}"#
        return [
            all(upper, among("country", region(0)), consent),
            all(
                has(purchase), `is`(since(purchase), ">", 60 + 5 * v), `is`(since(purchase), "<=", 180 + 10 * v),
                consent),
            all(has("birthday"), `is`(untilBirthday, "<=", 7 + v), consent),
            all(has("birthday"), `is`(untilBirthday, "==", v), vip),
            all(
                has("nps"), `is`(nps, "<=", 6 - v % 3), `is`(complaints, "==", 0), has(activity),
                `is`(since(activity), "<", 30 + v)),
            all(
                has("nps"), `is`(nps, ">=", 9), `is`(orders, ">=", 3 + v % 2),
                any(upper, `is`(spend, ">", 500 - 20 * v)),
                not(`is`(complaints, ">", 0))),
            all(
                `is`(complaints, ">=", 2),
                any(vip, `is`(read("tier"), "==", text("platinum")), `is`(spend, ">", 1000 - 50 * v))),
            all(has(activity), `is`(since(activity), ">", 90 + 3 * v), `is`(orders, "==", 0)),
            all(
                has(activity), `is`(since(activity), ">=", 30 + v), `is`(since(activity), "<=", 90 + v),
                `is`(spend, ">", 300 - 10 * v)),
            all(`is`(orders, ">", 0), `is`(#"{"/":[\#(spend),\#(orders)]}"#, ">", 80 + v)),
            all(
                `is`(read("tier"), "==", text(v % 2 == 0 ? "silver" : "bronze")), `is`(spend, ">=", 400 + 10 * v),
                `is`(orders, ">=", 4)),
            all(
                upper, `is`(spend, "<", 50 + 5 * v),
                any(`is`(read(purchase), "===", "null"), `is`(since(purchase), ">", 60 + v))),
            all(among("country", v == 0 ? ["FR", "BE", "NL"] : region(1)), among("city", cities), consent),
            all(has("birthday"), `is`(age, ">=", 18 + v), `is`(age, "<=", 25 + v), consent, `is`(orders, ">", 0)),
            all(
                has("birthday"), `is`(age, ">=", 65 - v), `is`(read("tier"), "!=", text("bronze")),
                `is`(complaints, "==", 0)),
            all(#"{"<":[\#(10 + v),\#(spend),\#(50 + v)]}"#, `is`(orders, "==", 1)),
            `is`(score, ">=", 45 + v),
            all(not(consent), `is`(spend, ">", 800 - 30 * v)),
            any(
                all(
                    `is`(read("country"), "==", text("US")), `is`(spend, ">", 200 + 5 * v), has(activity),
                    `is`(since(activity), "<", 7 + v)),
                all(`is`(read("country"), "==", text("GB")), `is`(orders, ">=", 2), consent),
                all(among("country", region(2)), vip)),
            all(
                `is`(complaints, ">", 0), has(activity), `is`(since(activity), ">", 14 + v),
                any(`is`(nps, "===", "null"), `is`(nps, "<", 5))),
        ]
    }

    /// The attributes that the conditions read, in the rule format.
    static let attributes = """
        "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
        "country": { "type": "string" }, "city": { "type": "string" }, "birthday": { "type": "birthday" },
        "lastPurchaseAt": { "type": "instant" }, "lastActivityAt": { "type": "instant" },
        "orders90d": { "type": "number" }, "spend90d": { "type": "number" }, "nps": { "type": "number" },
        "openComplaints": { "type": "number" }, "consentEmail": { "type": "boolean" }, "vip": { "type": "boolean" }
        """

    /// A rule file in which each condition is a campaign's, in order.
    static func ruleFile(_ conditions: [String]) -> String {
        let campaigns = conditions.enumerated().map { index, condition in
            let name = "r" + String(repeating: "0", count: 4 - String(index).count) + String(index)
            return """
                "\(name)": { "trigger": { "event": "looked" }, "condition": \(condition),
                  "actions": [{ "send": "crm", "type": "care.looked", "data": {} }] }
                """
        }
        return #"{ "attributes": { \#(attributes) }, "campaigns": { \#(campaigns.joined(separator: ",\n")) } }"#
    }

    /// How many of a million customers match, by condition.
    static let hitsOf20 = [
        23_574, 227_476, 15_206, 182, 162_287, 12_556, 2_239, 8_564, 22_408, 140_905, 11_780, 66_640, 56_047, 56_614,
        94_664, 144_158, 5_095, 3_226, 37_382, 29_065,
    ]
    static let hitsOf100 =
        hitsOf20 + [
            20_762, 215_019, 17_101, 178, 124_676, 9_455, 2_253, 7_601, 22_761, 137_769, 22_927, 67_157, 22_003, 65_089,
            100_036, 140_963, 5_095, 3_551, 35_814, 27_874, 16_032, 203_419, 18_985, 157, 91_092, 13_355, 2_275, 6_754,
            23_013, 134_673, 10_923, 67_479, 0, 68_783, 105_693, 137_831, 4_124, 3_925, 45_790, 26_762, 11_689, 191_905,
            20_903, 168, 170_159, 10_127, 2_309, 5_924, 23_290, 131_720, 21_298, 67_739, 0, 68_584, 111_342, 134_923,
            4_124, 4_376, 43_411, 25_706, 30_370, 180_775, 22_909, 175, 130_433, 14_284, 2_339, 5_237, 23_682, 128_776,
            10_110, 67_897, 0, 68_229, 116_974, 131_891, 3_435, 4_857, 42_256, 24_730,
        ]
    /// How many match the five window rules.
    static let hitsOfWindows = [1_305, 137, 14_863, 478_685, 1_157]
}
