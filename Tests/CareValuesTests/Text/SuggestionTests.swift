import Testing

@testable import CareValues

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("teir", ["name", "tier", "birthday"], "tier"), ("iff", ["==", "if", "in", "!"], "if"),
        ("crmm", ["crm", "mail"], "crm"),
        ("Tier", ["tier"], "tier"), ("TIER", ["tier"], "tier"), ("birthdya", ["birthday"], "birthday"),
        ("openComplaint", ["openComplaints", "open"], "openComplaints"), ("等级", ["会员等级", "等極"], "等極"),
        ("condtion", ["conditions", "condition"], "condition"), ("aa", ["ab", "ac"], "ab"),
        ("lastPurchasedAt", ["lastPurchaseAt", "firstPurchaseAt"], "lastPurchaseAt"), ("x", ["xy"], "xy"),
    ])
    func `the nearest name is suggested`(word: String, candidates: [String], expected: String) {
        #expect(nearest(word, in: candidates) == expected)
    }

    @Test(
        arguments: [
            ("teir", ["name", "city"]), ("x", ["y"]), ("ab", ["cd"]), ("gold", []), ("gold", ["platinum"]),
            ("", ["ab"]),
            ("tier", ["tier"]), ("abcdef", ["abcxyz"]),
        ] as [(String, [String])])
    func `nothing far away is suggested`(word: String, candidates: [String]) {
        #expect(nearest(word, in: candidates) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abcd", "acbd", 1), ("ca", "abc", 3),
    ])
    func `edits are counted`(left: String, right: String, edits: Int) {
        #expect(editDistance(Array(left.unicodeScalars), Array(right.unicodeScalars)) == edits * 3)
        #expect(editDistance(Array(right.unicodeScalars), Array(left.unicodeScalars)) == edits * 3)
    }

    @Test(
        arguments: [
            ("not", ["!", "or"], "!"), ("eq", ["==", "<="], "=="), ("gte", [">", ">="], ">="),
            ("&&", ["and", "or"], "and"),
            ("wait", ["after", "at"], "after"), ("never", ["always", "once"], "once"),
            ("lunar", ["own", "gregorian", "chinese"], "chinese"),
            ("XMAS", ["christmas-eve", "christmas"], "christmas"),
            // Where there is no such word, the nearest by edits.
            ("wait", ["waits", "until"], "waits"), ("never", ["always"], nil),
        ] as [(String, [String], String?)])
    func `what has another name elsewhere is known by its meaning`(word: String, words: [String], meaning: String?) {
        #expect(meant(word, among: words) == meaning)
    }
}
