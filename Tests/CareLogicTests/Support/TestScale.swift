import Glibc

/// How much of a generated suite runs: `CARE_TEST_SCALE=10` makes every generated suite ten times as long.
enum TestScale {
    static func seeds(_ count: UInt64) -> UInt64 {
        let scale = getenv("CARE_TEST_SCALE").flatMap { Double(String(cString: $0)) } ?? 1
        return max(1, UInt64(Double(count) * scale))
    }
}
