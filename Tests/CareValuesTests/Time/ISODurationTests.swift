import CareValues
import Testing

@Suite struct ISODurationTests {
    struct Case: Sendable {
        let text: String
        let months: Int32
        let days: Int32
        let milliseconds: Int64
        let written: String
        init(_ text: String, _ months: Int32, _ days: Int32, _ milliseconds: Int64, _ written: String? = nil) {
            self.text = text
            self.months = months
            self.days = days
            self.milliseconds = milliseconds
            self.written = written ?? text
        }
    }

    static let good = [
        Case("P7D", 0, 7, 0), Case("P1W", 0, 7, 0, "P7D"), Case("P2W", 0, 14, 0, "P14D"), Case("P1M", 1, 0, 0),
        Case("P1Y", 12, 0, 0), Case("P18M", 18, 0, 0, "P1Y6M"), Case("P1Y2M3D", 14, 3, 0), Case("P0D", 0, 0, 0),
        Case("PT0S", 0, 0, 0, "P0D"), Case("P0W", 0, 0, 0, "P0D"), Case("-P0D", 0, 0, 0, "P0D"),
        Case("-P7D", 0, -7, 0), Case("-P1M", -1, 0, 0), Case("-P1Y2M3DT4H5M6S", -14, -3, -14_706_000),
        Case("PT24H", 0, 0, 86_400_000), Case("PT90M", 0, 0, 5_400_000, "PT1H30M"), Case("PT1H30M", 0, 0, 5_400_000),
        Case("PT10S", 0, 0, 10_000), Case("PT0.250S", 0, 0, 250), Case("PT0.5S", 0, 0, 500, "PT0.500S"),
        Case("PT1.05S", 0, 0, 1050, "PT1.050S"), Case("PT3600S", 0, 0, 3_600_000, "PT1H"),
        Case("P1DT2H", 0, 1, 7_200_000), Case("P007D", 0, 7, 0, "P7D"), Case("P3652059D", 0, 3_652_059, 0),
        Case("P9999Y", 119_988, 0, 0),
    ]

    @Test(arguments: good) func `reads and writes a duration`(_ test: Case) throws {
        let duration = try #require(ISODuration(text: test.text))
        #expect(duration == ISODuration(months: test.months, days: test.days, milliseconds: test.milliseconds))
        #expect(duration.text == test.written)
    }

    @Test(arguments: [
        "", "P", "PT", "-P", "7D", "P7", "PD", "p7d", "P7d", "P7DT", "P1DT", "+P7D", "P-7D", "--P7D", " P7D", "P7D ",
        "P1D2M", "P1D1D", "P1M1Y", "P1H", "PT1D", "PT1M1H", "P1W2D", "P1D1W", "P2WT1H", "P1.5D", "PT1.5H", "PT1.S",
        "PT.5S", "PT1.2345S", "PT1,5S", "PT1S1", "PT1HT1M", "P1Y1Y", "P3652060D", "P10000Y", "P119989M",
        "P99999999999999999999D", "PT9999999999999999H", "P７D", "7 days", "P1DT1.0D", "P0x7D",
    ])
    func `refuses what is no duration`(text: String) {
        #expect(ISODuration(text: text) == nil)
    }

    @Test(arguments: 1...20) func `reads what it wrote`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<300 {
            let sign: Int32 = Bool.random(using: &generator) ? 1 : -1
            let months = Bool.random(using: &generator) ? Int32.random(in: 0...119_988, using: &generator) : 0
            let days = Bool.random(using: &generator) ? Int32.random(in: 0...3_652_059, using: &generator) : 0
            let time = Bool.random(using: &generator) ? Int64.random(in: 0...315_537_897_600_000, using: &generator) : 0
            let duration = ISODuration(
                months: sign * months, days: sign * days, milliseconds: Int64(sign) * time)
            #expect(ISODuration(text: duration.text) == duration)
            #expect(duration.negated.negated == duration)
            #expect(duration.isZero || duration.isNegative != duration.negated.isNegative)
        }
    }

    @Test func `tells its direction, and whether it moves dates`() throws {
        let week = try #require(ISODuration(text: "P1W"))
        let hour = try #require(ISODuration(text: "-PT1H"))
        #expect(week.isWholeDays && !week.isNegative && !week.isZero)
        #expect(!hour.isWholeDays && hour.isNegative && !hour.isZero)
        #expect(ISODuration.zero.isZero && ISODuration.zero.isWholeDays && !ISODuration.zero.isNegative)
    }

    @Test func `has a fixed length only without months`() {
        #expect(ISODuration(text: "P1DT1H")?.fixedMilliseconds == 90_000_000)
        #expect(ISODuration(text: "-P2D")?.fixedMilliseconds == -172_800_000)
        #expect(ISODuration(text: "P1M")?.fixedMilliseconds == nil)
        #expect(ISODuration(milliseconds: .max).fixedMilliseconds == .max)
        #expect(ISODuration(days: 1, milliseconds: .max).fixedMilliseconds == nil)
    }

    @Test(arguments: [("P1M", "P30D"), ("P31D", "P1M"), ("P1Y", "P365D"), ("PT25H", "P1D"), ("P1D", "-P2D")])
    func `orders durations by their mean length`(longer: String, shorter: String) throws {
        let left = try #require(ISODuration(text: longer))
        let right = try #require(ISODuration(text: shorter))
        #expect(left.isLonger(than: right))
        #expect(!right.isLonger(than: left))
        #expect(!left.isLonger(than: left))
    }

    @Test func `does not trap at the largest parts`() {
        let largest = ISODuration(months: .max, days: .max, milliseconds: .max)
        let smallest = ISODuration(months: .min, days: .min, milliseconds: .min)
        #expect(largest.approximateMilliseconds == .max)
        #expect(smallest.approximateMilliseconds == .min)
        #expect(smallest.negated == largest)
        _ = (largest.text, smallest.text)
        for bound in [Timestamp.distantPast, Timestamp(milliseconds: 0), .distantFuture, Timestamp(milliseconds: .max)]
        {
            #expect(Zone.utc.advance(bound, by: largest) == .distantFuture)
            #expect(Zone.utc.advance(bound, by: smallest) == .distantPast)
        }
    }
}
