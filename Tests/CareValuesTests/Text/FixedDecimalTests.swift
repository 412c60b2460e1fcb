import Testing

@testable import CareValues

@Suite struct FixedDecimalTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("12", "12"), ("12.50", "12.5"), ("-0.000000001", "-0.000000001"), ("1.5e3", "1500"),
        ("1E-9", "0.000000001"), ("0.0000000005", "0"), ("0.0000000015", "0.000000002"),
        ("0.0000000025", "0.000000002"),
        ("0.00000000250000000000000000000000000001", "0.000000003"), ("0.00000000049999999999999999999999", "0"),
        ("-0.0000000015", "-0.000000002"), ("123456789012345678901.123456789", "123456789012345678901.123456789"),
        ("0.30000000000000004", "0.3"), ("1e-400", "0"), ("0e400", "0"), ("100e-2", "1"),
        ("0.00000000000000000000000000000000000000000000001e47", "1"),
        ("170141183460469231731687303715.884105727", "170141183460469231731687303715.884105727"),
    ])
    func `decimals are read to nine places, ties to even`(text: String, expected: String) {
        #expect(FixedDecimal(text: text)?.text == expected)
    }

    @Test(arguments: [
        ("170141183460469231731687303715.884105727", true), ("170141183460469231731687303715.884105728", false),
        ("-170141183460469231731687303715.884105727", true), ("-170141183460469231731687303715.884105728", false),
        ("170141183460469231731687303715.8841057274", true), ("170141183460469231731687303715.8841057275", false),
        ("1e29", true), ("1e30", false), ("1e400", false), ("99999999999999999999999999999999999999999999999", false),
    ])
    func `both ends of the range are exact`(text: String, isInside: Bool) {
        #expect((FixedDecimal(text: text) != nil) == isInside)
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (-428.21, "-428.21"), (1e15, "1000000000000000"), (9_007_199_254_740_991, "9007199254740991"),
            (9_007_199_254_740_992, "9007199254740992"), (1e22, "10000000000000000000000"), (1.5e-9, "0.000000002"),
            (0.1 + 0.2, "0.3"), (-0.0, "0"), (.leastNonzeroMagnitude, "0"),
        ] as [(Double, String)])
    func `a double counts as its shortest digits`(number: Double, text: String) {
        #expect(FixedDecimal(number)?.text == text)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e30, -1e30, .greatestFiniteMagnitude])
    func `a double beyond the range is nil`(number: Double) {
        #expect(FixedDecimal(number) == nil)
    }

    @Test func `sums that doubles get wrong are exact, in any order`() throws {
        let parts = try ["0.1", "0.2", "-0.3"].map { try #require(FixedDecimal(text: $0)) }
        #expect(parts.reduce(.zero, +) == .zero)
        var cents = FixedDecimal.zero
        let cent = try #require(FixedDecimal(text: "0.01"))
        for _ in 0..<100_000 { cents += cent }
        #expect(cents == FixedDecimal(1000))
        for _ in 0..<100_000 { cents -= cent }
        #expect(cents == .zero)
    }

    @Test func `a sum beyond the range is nil, or the nearest end`() {
        let greatest = FixedDecimal(units: .max)
        let least = FixedDecimal(units: .min)
        let one = FixedDecimal(units: 1)
        #expect(greatest.adding(one) == nil)
        #expect(greatest.subtracting(one)?.units == Int128.max - 1)
        #expect(least.subtracting(one) == nil)
        #expect(least.adding(greatest)?.units == -1)
        #expect(greatest + one == greatest)
        #expect(least - one == least)
        #expect(greatest - least == greatest)
        #expect(least + least == least)
        #expect(least < greatest)
    }

    @Test(arguments: [UInt64](1...10))
    func `text, double and order agree`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let shift = Int128(Int.random(in: 0...126, using: &random))
            let bits = Int128(truncatingIfNeeded: UInt128(random.next()) << 64 | UInt128(random.next()))
            let number = FixedDecimal(units: bits >> shift)
            #expect(FixedDecimal(text: number.text) == number)
            #expect(number.doubleValue == Double(number.text))
            let other = FixedDecimal(units: Int128(Int64.random(in: .min ... .max, using: &random)))
            if let sum = number.adding(other) { #expect(sum.subtracting(other) == number) }
            #expect((number < other) == (number.units < other.units))
        }
    }

    @Test(arguments: [UInt64](1...10))
    func `what a double with few digits is read from, it gives back`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let cents = Double(Int.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random)) / 100
            #expect(FixedDecimal(cents)?.doubleValue == cents)
        }
    }
}
