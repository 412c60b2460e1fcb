import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct RetryTests {
    static let table: [(Int, Int64?)] = [
        (0, nil), (1, 5_000), (2, 300_000), (3, 1_800_000), (4, 7_200_000), (5, 18_000_000), (6, 36_000_000),
        (7, 50_400_000), (8, 72_000_000), (9, 86_400_000), (10, nil), (11, nil),
    ]

    @Test(arguments: table) func `waits as Standard Webhooks says`(_ attempts: Int, _ wait: Int64?) {
        #expect(RetrySchedule.standard.wait(after: attempts, retryAfter: nil, random: 0.5) == wait)
    }

    @Test(arguments: [UInt64](1...20)) func `spreads each wait over all from nothing to twice as long`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for attempts in 1...9 {
            let base = Double(RetrySchedule.standard.waits[attempts - 1])
            var waits: [Double] = []
            for _ in 0..<400 {
                let random = Double.random(in: 0..<1, using: &generator)
                guard let wait = RetrySchedule.standard.wait(after: attempts, retryAfter: nil, random: random) else {
                    Issue.record("no wait")
                    return
                }
                #expect(wait >= 0 && Double(wait) <= base * 2)
                waits.append(Double(wait))
            }
            // On average it is the table's, and every tenth of the range is reached.
            let mean = waits.reduce(0, +) / Double(waits.count)
            #expect(abs(mean - base) < base * 0.15)
            #expect(Set(waits.map { Int($0 / base * 4.999) }).count == 10)
        }
    }

    @Test func `takes the shortest wait for 0 and the longest for nearly 1`() {
        #expect(RetrySchedule.standard.wait(after: 1, retryAfter: nil, random: 0) == 0)
        #expect(RetrySchedule.standard.wait(after: 1, retryAfter: nil, random: 0.999_999_9) == 10_000)
        var narrow = RetrySchedule.standard
        narrow.jitter = 0.2
        #expect(narrow.wait(after: 1, retryAfter: nil, random: 0) == 4_000)
        #expect(narrow.wait(after: 1, retryAfter: nil, random: 0.999_999_9) == 6_000)
    }

    @Test func `grows by a factor up to the longest wait`() {
        let schedule = RetrySchedule.exponential(first: 1_000, factor: 3, longest: 20_000, attempts: 6)
        #expect(schedule.waits == [1_000, 3_000, 9_000, 20_000, 20_000])
        #expect(RetrySchedule.exponential(first: 1_000, factor: 3, longest: 20_000, attempts: 1).waits == [])
    }

    static let retryAfters: [(Int64, Int64)] = [(0, 5_000), (4_999, 5_000), (5_001, 5_001), (86_400_000, 86_400_000)]

    @Test(arguments: retryAfters) func `waits as long as the receiver asks, never shorter than the table`(
        _ asked: Int64, _ wait: Int64
    ) {
        #expect(RetrySchedule.standard.wait(after: 1, retryAfter: asked, random: 0.5) == wait)
        #expect(RetrySchedule.standard.wait(after: 10, retryAfter: asked, random: 0.5) == nil)
    }

    /// 2026-10-21T07:28:00Z
    static let now = Timestamp(milliseconds: 1_792_567_680_000)

    static let forms: [(String, Int64?)] = [
        ("0", 0), ("1", 1_000), ("120", 120_000), ("86400", 86_400_000), ("86401", 86_400_000),
        ("999999999999999999999999", 86_400_000), ("120.5", 120_500), ("0.0001", 1), ("00012", 12_000),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0), ("Wed, 21 Oct 2026 07:28:01 GMT", 1_000),
        ("Wed, 21 Oct 2026 07:27:59 GMT", 0), ("Thu, 22 Oct 2026 07:28:00 GMT", 86_400_000),
        ("Fri, 23 Oct 2026 07:28:00 GMT", 86_400_000), ("Wednesday, 21-Oct-26 07:28:30 GMT", 30_000),
        ("Wed Oct 21 07:29:00 2026", 60_000), ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("", nil), ("-1", nil), ("+5", nil), ("1e3", nil), ("5s", nil), (".5", nil), ("5.", nil), (" 5", nil),
        ("soon", nil), ("Wed, 21 Oct 2026 07:28:00 CET", nil), ("Wed, 32 Oct 2026 07:28:00 GMT", nil),
        ("Wed, 21 Okt 2026 07:28:00 GMT", nil), ("Wed, 21 Oct 2026 24:00:00 GMT", nil),
        ("Wed, 29 Feb 2026 07:28:00 GMT", nil), ("Wed, 21 Oct 26 07:28:00 GMT", nil),
        ("Wed, 21 Oct 2026 7:28:00 GMT", nil),
        ("２", nil),
    ]

    @Test(arguments: forms) func `reads Retry-After in all its forms, up to a day`(_ text: String, _ wait: Int64?) {
        #expect(RetryAfter.milliseconds(text, now: Self.now) == wait)
    }

    static let statuses: [(Int, AttemptResult.Kind)] = [
        (199, .failed), (200, .delivered), (204, .delivered), (299, .delivered), (300, .failed), (301, .failed),
        (400, .failed), (401, .failed), (404, .failed), (408, .failed), (409, .failed), (410, .gone), (411, .failed),
        (412, .failed), (413, .permanent), (414, .failed), (415, .permanent), (416, .failed), (422, .failed),
        (428, .failed), (429, .throttled), (430, .failed), (500, .failed), (502, .failed), (503, .throttled),
        (504, .failed), (599, .failed), (999, .failed),
    ]

    @Test(arguments: statuses) func `judges an answer by its status`(_ status: Int, _ kind: AttemptResult.Kind) {
        let response = HTTPResponse(status: status, retryAfter: nil, body: [], bodyIsComplete: true)
        let result = AttemptResult(.response(response), now: Self.now)
        #expect(result.kind == kind)
        #expect(result.status == status)
        #expect(result.detail.isEmpty == (kind == .delivered))
    }

    @Test func `names the status and what was asked for`() {
        let response = HTTPResponse(status: 503, retryAfter: "60", body: [], bodyIsComplete: false)
        let result = AttemptResult(.response(response), now: Self.now)
        #expect(result.detail == "503 Service Unavailable, Retry-After 60")
        #expect(result.retryAfterMilliseconds == 60_000)
    }

    static let errors: [(TransportError.Kind, Bool, AttemptResult.Kind)] = [
        (.badRequest, false, .permanent), (.addressRefused, false, .permanent), (.nameNotResolved, false, .failed),
        (.notConnected, false, .failed), (.connectTimeout, false, .failed), (.tlsFailed, false, .failed),
        (.resources, false, .failed), (.answerTimeout, true, .unknown), (.connectionLost, true, .unknown),
        (.badAnswer, true, .unknown), (.connectionLost, false, .failed),
    ]

    @Test(arguments: errors) func `calls an answer lost only when the request had left`(
        _ kind: TransportError.Kind, _ begun: Bool, _ expected: AttemptResult.Kind
    ) {
        let result = AttemptResult(.failure(TransportError(kind, requestBegun: begun)), now: Self.now)
        #expect(result == AttemptResult(expected, status: 0, detail: kind.rawValue))
    }
}
