import Testing

@testable import CareValues

@Suite struct JSONNumberTests {
    static func double(_ text: String) -> Double? { DecimalNumeral.double(Array(text.utf8).span) }

    /// How many random numbers a run tries; `make bench` machines can afford more than CI.
    static let rounds = 4_000

    @Test(arguments: [UInt64](1...10))
    func `every double is read back exactly from its shortest text and from seventeen digits`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var wrong = 0
        for _ in 0..<Self.rounds {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            if Self.double(number.description)?.bitPattern != number.bitPattern { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test(arguments: [UInt64](1...10))
    func `made-up numerals give the double that the standard library gives`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func digits(_ count: Int) -> String {
            (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
        }
        var wrong: [String] = []
        for _ in 0..<Self.rounds {
            var text = Bool.random(using: &random) ? "-" : ""
            let whole = digits(Int.random(in: 0...22, using: &random))
            text += whole.isEmpty || whole.hasPrefix("0") ? "0" : whole
            if Bool.random(using: &random) { text += "." + digits(Int.random(in: 1...25, using: &random)) }
            if Bool.random(using: &random) {
                text +=
                    ["e", "E", "e+", "e-"][Int.random(in: 0...3, using: &random)]
                    + String(Int.random(in: 0...330, using: &random))
            }
            if Self.double(text)?.bitPattern != Double(text)?.bitPattern { wrong.append(text) }
        }
        #expect(wrong == [])
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", -0.0), ("9007199254740992", 9_007_199_254_740_992),
            ("9007199254740993", 9_007_199_254_740_992),
            ("1e22", 1e22), ("1e23", 1e23), ("9007199254740992e22", 9_007_199_254_740_992e22), ("1e-22", 1e-22),
            ("1e-23", 1e-23),
            ("4.9e-324", .leastNonzeroMagnitude), ("2.4e-324", 0), ("2.5e-324", .leastNonzeroMagnitude),
            ("1.7976931348623157e308", .greatestFiniteMagnitude),
            ("0.000000000000000000000000000000000000000001", 1e-42), ("100000000000000000000000000000000", 1e32),
            ("0e999999999999999999999", 0), ("1e-999999999999999999999", 0), ("0.1e1", 1),
        ] as [(String, Double)])
    func `both sides of the fast path are exact`(text: String, number: Double) {
        #expect(Self.double(text)?.bitPattern == number.bitPattern)
    }

    @Test(arguments: [
        "", "-", "+1", "01", "1.", ".5", "1e", "1e+", "nan", "inf", "Infinity", "0x10", "1_000", "1 ", " 1", "1,5", "１",
        "1e5.5",
        "--1", "1-", "1f",
    ])
    func `what the grammar does not know is no number`(text: String) {
        #expect(Self.double(text) == nil)
        #expect(FixedDecimal(text: text) == nil)
    }

    @Test(arguments: [
        ("1e308", true), ("1e309", false), ("-1.7976931348623157e308", true), ("-1.7976931348623159e308", false),
        ("1.7976931348623158e308", true), (String(repeating: "9", count: 308), true),
        (String(repeating: "9", count: 310), false), ("1" + String(repeating: "0", count: 320) + "e-20", true),
    ])
    func `a number is refused exactly when no double is near`(text: String, isAccepted: Bool) throws {
        let (document, diagnostics) = JSONDocument.read(file: "x", bytes: Array(text.utf8))
        #expect((document != nil) == isAccepted)
        #expect(diagnostics.map(\.code) == (isAccepted ? [] : ["json.number-out-of-range"]))
        #expect(document?.root.number?.isFinite ?? true)
    }
}
