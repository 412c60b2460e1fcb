import CareValues
import Testing

@Suite struct BucketTests {
    @Test func `a share is the top 53 bits of the hash of the canonical array`() {
        let hash = XXH64.hash(Array(#"["holdout:x","c1"]"#.utf8), seed: 0)
        #expect(Bucket.share(of: ["holdout:x", "c1"]) == Double(hash >> 11) / 9_007_199_254_740_992)
    }

    @Test func `shares lie in [0, 1), evenly, and those of two salts are independent`() {
        var low = 0
        var both = 0
        for number in 0..<20_000 {
            let share = Bucket.share(of: ["a", "c\(number)"])
            let other = Bucket.share(of: ["b", "c\(number)"])
            #expect(share >= 0 && share < 1)
            if share < 0.1 { low += 1 }
            if share < 0.1 && other < 0.1 { both += 1 }
        }
        // Within five standard deviations of 2,000 and of 200.
        #expect(abs(low - 2_000) < 215)
        #expect(abs(both - 200) < 72)
    }
}
