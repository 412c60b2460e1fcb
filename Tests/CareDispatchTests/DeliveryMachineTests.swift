import CareDispatch
import CareStore
import CareValues
import Testing

@Suite struct DeliveryMachineTests {
    static let now = Timestamp(milliseconds: 1_000_000_000)
    static let lease = now.advanced(byMilliseconds: 300_000)

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var made = 0
        var result: AttemptResult
        var expiresIn: Int64?
        var decisionOffset: Int64 = 0
        var isSafe = true
        var isDisabled = false
        var expected: DeliveryMachine.Action
        var testDescription: String { name }
    }

    static func record(_ state: DeliveryState, in milliseconds: Int64 = 0, _ reason: String) -> DeliveryMachine.Action {
        .record(state, nextAttemptAt: now.advanced(byMilliseconds: milliseconds), reason: reason)
    }

    static let failed = AttemptResult(.failed, status: 500, detail: "500 Internal Server Error")
    static let unknown = AttemptResult(.unknown, status: 0, detail: "no answer in time")

    static let cases = [
        Case(name: "delivered", result: .init(.delivered, status: 204, detail: ""), expected: record(.delivered, "")),
        Case(
            name: "delivered at the tenth attempt", made: 9, result: .init(.delivered, status: 204, detail: ""),
            expected: record(.delivered, "")),
        Case(
            name: "delivered although the destination is disabled", result: .init(.delivered, status: 200, detail: ""),
            isDisabled: true, expected: record(.delivered, "")),
        Case(name: "first failure", result: failed, expected: record(.waiting, in: 5_000, failed.detail)),
        Case(name: "ninth failure", made: 8, result: failed, expected: record(.waiting, in: 86_400_000, failed.detail)),
        Case(
            name: "tenth failure", made: 9, result: failed,
            expected: record(.dead, "attempts exhausted: 500 Internal Server Error")),
        Case(
            name: "throttled", result: .init(.throttled, status: 429, detail: "429", retryAfterMilliseconds: 60_000),
            expected: record(.waiting, in: 60_000, "429")),
        Case(
            name: "throttled for less than the table",
            result: .init(.throttled, status: 429, detail: "429", retryAfterMilliseconds: 10),
            expected: record(.waiting, in: 5_000, "429")),
        Case(
            name: "permanent", result: .init(.permanent, status: 413, detail: "413 Content Too Large"),
            expected: record(.dead, "413 Content Too Large")),
        Case(
            name: "gone", result: .init(.gone, status: 410, detail: "410 Gone"), expected: record(.parked, "410 Gone")),
        Case(
            name: "gone at the tenth attempt", made: 9, result: .init(.gone, status: 410, detail: "410 Gone"),
            expected: record(.parked, "410 Gone")),
        Case(
            name: "answer lost, safe to repeat", result: unknown,
            expected: record(.waiting, in: 5_000, "no answer in time")),
        Case(
            name: "answer lost, not safe to repeat", result: unknown, isSafe: false,
            expected: record(.parked, "answer lost: no answer in time")),
        Case(
            name: "failure, not safe to repeat", result: failed, isSafe: false,
            expected: record(.waiting, in: 5_000, failed.detail)),
        Case(
            name: "failure, destination disabled meanwhile", result: failed, isDisabled: true,
            expected: record(.parked, in: 5_000, failed.detail)),
        Case(
            name: "last failure, destination disabled meanwhile", made: 9, result: failed, isDisabled: true,
            expected: record(.dead, "attempts exhausted: 500 Internal Server Error")),
        Case(
            name: "next attempt one millisecond before it expires", result: failed, expiresIn: 5_001,
            expected: record(.waiting, in: 5_000, failed.detail)),
        Case(
            name: "next attempt when it expires", result: failed, expiresIn: 5_000, expected: record(.dead, "expired")),
        Case(
            name: "next attempt when it expires by the decision clock", result: failed, expiresIn: 3_605_000,
            decisionOffset: 3_600_000, expected: record(.dead, "expired")),
        Case(
            name: "next attempt before it expires by the decision clock", result: failed, expiresIn: 3_605_001,
            decisionOffset: 3_600_000, expected: record(.waiting, in: 5_000, failed.detail)),
        Case(
            name: "Retry-After beyond the expiry",
            result: .init(.throttled, status: 503, detail: "503", retryAfterMilliseconds: 60_000), expiresIn: 60_000,
            expected: record(.dead, "expired")),
    ]

    static func terms(_ expiresIn: Int64?, offset: Int64 = 0, isSafe: Bool = true) -> DeliveryMachine.Terms {
        DeliveryMachine.Terms(
            schedule: .standard, decidedAt: now, expiresAt: expiresIn.map { now.advanced(byMilliseconds: $0) },
            decisionOffsetMilliseconds: offset, repeatsSafely: isSafe)
    }

    @Test(arguments: cases) func `says where a delivery stands after an attempt`(_ test: Case) {
        var machine = DeliveryMachine(attempts: test.made, notBefore: Self.now)
        machine.claimed(leaseUntil: Self.lease)
        let terms = Self.terms(test.expiresIn, offset: test.decisionOffset, isSafe: test.isSafe)
        let action = machine.ended(
            test.result, now: Self.now, terms: terms, destinationIsDisabled: test.isDisabled, random: 0.5)
        #expect(action == test.expected)
        #expect(machine.attempts == test.made + 1)
    }

    static let beginnings: [(Int64?, Int64, DeliveryMachine.Action)] = [
        (nil, 0, .attempt(number: 3)), (1, 0, .attempt(number: 3)), (0, 0, record(.dead, "expired")),
        (-1, 0, record(.dead, "expired")), (3_600_001, 3_600_000, .attempt(number: 3)),
        (3_600_000, 3_600_000, record(.dead, "expired")),
    ]

    @Test(arguments: beginnings) func `begins no attempt from the expiry on`(
        _ expiresIn: Int64?, _ offset: Int64, _ expected: DeliveryMachine.Action
    ) {
        var machine = DeliveryMachine(attempts: 2, notBefore: Self.now)
        machine.claimed(leaseUntil: Self.lease)
        #expect(machine.begin(now: Self.now, terms: Self.terms(expiresIn, offset: offset)) == expected)
    }

    static let rooms: [(expiresIn: Int64?, offset: Int64, limit: Int64, left: Int64)] = [
        (nil, 0, 15_000, 15_000), (15_001, 0, 15_000, 15_000), (14_999, 0, 15_000, 14_999), (1, 0, 15_000, 1),
        (3_605_000, 3_600_000, 15_000, 5_000),
    ]

    @Test(arguments: rooms) func `an attempt may begin until it expires`(
        _ test: (expiresIn: Int64?, offset: Int64, limit: Int64, left: Int64)
    ) {
        let terms = Self.terms(test.expiresIn, offset: test.offset)
        #expect(terms.mayBegin(within: test.limit, of: Self.now) == test.left)
    }

    @Test(arguments: offsets) func `an attempt may begin until the night does`(_ offset: Int64) throws {
        let cases: [(String, Int64?, Int64)] = [
            ("20:59:50", nil, 10_000), ("20:59:45", nil, 15_000), ("20:59:44", nil, 15_000), ("12:00", nil, 15_000),
            ("20:59:50", 4_000, 4_000), ("20:59:50", 12_000, 10_000),
        ]
        for (time, expiresIn, left) in cases {
            let now = try Self.at(time).advanced(byMilliseconds: -offset)
            let terms = try Self.quietTerms(expiresIn, from: now, offset: offset)
            #expect(terms.mayBegin(within: 15_000, of: now) == left, "\(time)")
        }
    }

    @Test func `begins no attempt when the lease is over`() {
        var machine = DeliveryMachine(attempts: 0, notBefore: Self.now)
        machine.claimed(leaseUntil: Self.lease)
        #expect(
            machine.begin(now: Self.lease.advanced(byMilliseconds: -1), terms: Self.terms(nil)) == .attempt(number: 1))
        #expect(machine.begin(now: Self.lease, terms: Self.terms(nil)) == .lapsed)
        // Also when it has expired: whoever claims it anew says so.
        #expect(machine.begin(now: Self.lease, terms: Self.terms(0)) == .lapsed)
    }

    /// Quiet from 21:00 to 08:00 UTC, and `now` at that hour of 13 January 1970, or its offset.
    static func quietTerms(
        _ expiresIn: Int64? = nil, from now: Timestamp, offset: Int64 = 0
    ) throws -> DeliveryMachine.Terms {
        DeliveryMachine.Terms(
            schedule: .standard, decidedAt: now,
            expiresAt: expiresIn.map { now.advanced(byMilliseconds: $0 + offset) },
            quiet: (try #require(QuietTimes(text: "UTC 21:00-08:00")), .utc), decisionOffsetMilliseconds: offset)
    }

    static func at(_ text: String) throws -> Timestamp {
        let time = try #require(LocalTime(text: text))
        return Timestamp(milliseconds: 12 * 86_400_000 + Int64(time.millisecondsOfDay))
    }

    struct Hour: Sendable {
        var time: String
        var expiresIn: Int64?
        /// How long it waits then.
        var wait: Int64 = 0
        /// nil: an attempt begins.
        var state: DeliveryState?
    }

    static let hours = [
        Hour(time: "20:59:59"), Hour(time: "21:00", wait: 11 * 3_600_000, state: .waiting),
        Hour(time: "23:30", wait: 8 * 3_600_000 + 1_800_000, state: .waiting),
        Hour(time: "07:59:59", wait: 1_000, state: .waiting), Hour(time: "08:00"),
        // The end of the night is the last moment before it expires, or not before it.
        Hour(time: "23:00", expiresIn: 9 * 3_600_000 + 1, wait: 9 * 3_600_000, state: .waiting),
        Hour(time: "23:00", expiresIn: 9 * 3_600_000, state: .dead), Hour(time: "12:00", expiresIn: 1),
    ]

    static let offsets: [Int64] = [0, -315_360_000_000]

    @Test(arguments: hours, offsets) func `begins no attempt at night, the first neither`(
        _ hour: Hour, _ offset: Int64
    ) throws {
        // Quiet hours are of the decision clock.
        let now = try Self.at(hour.time).advanced(byMilliseconds: -offset)
        var machine = DeliveryMachine(attempts: 0, notBefore: now)
        machine.claimed(leaseUntil: .distantFuture)
        let action = machine.begin(now: now, terms: try Self.quietTerms(hour.expiresIn, from: now, offset: offset))
        switch hour.state {
        case nil: #expect(action == .attempt(number: 1))
        case .dead?: #expect(action == .record(.dead, nextAttemptAt: now, reason: "expired"))
        default:
            let next = now.advanced(byMilliseconds: hour.wait)
            #expect(action == .record(.waiting, nextAttemptAt: next, reason: "quiet hours"))
        }
        #expect(machine.attempts == 0)
    }

    static let nights: [(String, Int64?, String?)] = [
        ("20:59:54", nil, "20:59:59"), ("20:59:55", nil, "08:00"), ("20:59:55", 11 * 3_600_000 + 5_001, "08:00"),
        ("20:59:55", 11 * 3_600_000 + 5_000, nil), ("07:00", nil, "08:00"),
    ]

    @Test(arguments: nights) func `makes a retry that falls into the night in the morning, or not at all`(
        _ from: String, _ expiresIn: Int64?, _ next: String?
    ) throws {
        let now = try Self.at(from)
        var machine = DeliveryMachine(attempts: 0, notBefore: now)
        machine.claimed(leaseUntil: .distantFuture)
        let action = machine.ended(
            Self.failed, now: now, terms: try Self.quietTerms(expiresIn, from: now), destinationIsDisabled: false,
            random: 0.5)
        guard let next else {
            #expect(action == .record(.dead, nextAttemptAt: now, reason: "expired"))
            return
        }
        var instant = try Self.at(next)
        if instant < now { instant = instant.advanced(byMilliseconds: 86_400_000) }
        #expect(action == .record(.waiting, nextAttemptAt: instant, reason: Self.failed.detail))
    }

    static let limits: [(Int64, Bool)] = [(5_000, true), (5_001, false), (1_000_000, false)]

    @Test(arguments: limits) func `tries no more when the time for it is over`(_ within: Int64, _ isOver: Bool) {
        var machine = DeliveryMachine(attempts: 0, notBefore: Self.now)
        machine.claimed(leaseUntil: Self.lease)
        var terms = Self.terms(nil)
        terms.schedule.totalMilliseconds = within
        let action = machine.ended(Self.failed, now: Self.now, terms: terms, destinationIsDisabled: false, random: 0.5)
        #expect(
            action
                == (isOver
                    ? Self.record(.dead, "time limit reached: 500 Internal Server Error")
                    : Self.record(.waiting, in: 5_000, Self.failed.detail)))
    }

    @Test func `lets a late event change nothing`() {
        var machine = DeliveryMachine(attempts: 0, notBefore: Self.now)
        let terms = Self.terms(nil)
        #expect(machine.begin(now: Self.now, terms: terms) == .none)
        #expect(
            machine.ended(Self.failed, now: Self.now, terms: terms, destinationIsDisabled: false, random: 0.5) == .none)
        #expect(machine.released(notBefore: Self.now, reason: "") == .none)
        #expect(machine.parked(now: Self.now, reason: "") == .none)
        #expect(machine.attempts == 0)
    }

    @Test func `traps when a delivery is claimed twice`() async {
        await #expect(processExitsWith: .failure) {
            var machine = DeliveryMachine(attempts: 0, notBefore: .distantPast)
            machine.claimed(leaseUntil: .distantFuture)
            machine.claimed(leaseUntil: .distantFuture)
        }
    }
}

@Suite struct DestinationGateTests {
    static let start = Timestamp(milliseconds: 1_000_000)
    static let failed = AttemptResult(.failed, status: 500, detail: "500")
    static let delivered = AttemptResult(.delivered, status: 204, detail: "")

    static func at(_ milliseconds: Int64) -> Timestamp { start.advanced(byMilliseconds: milliseconds) }

    @Test func `opens the breaker at the tenth failure in a row, not before`() {
        var gate = DestinationGate()
        for _ in 1...9 { #expect(gate.ended(Self.failed, probe: nil, now: Self.start) == .none) }
        #expect(gate.allowance(now: Self.start, concurrency: 16) == 16)
        #expect(
            gate.ended(Self.failed, probe: nil, now: Self.start) == .opened(.init(until: Self.at(30_000), times: 1)))
        #expect(gate.allowance(now: Self.at(29_999), concurrency: 16) == 0)
        #expect(gate.allowance(now: Self.at(30_000), concurrency: 16) == 1)
    }

    @Test func `counts anew after a success or the refusal of one message`() {
        for between in [Self.delivered, AttemptResult(.permanent, status: 413, detail: "413")] {
            var gate = DestinationGate()
            for _ in 1...9 { _ = gate.ended(Self.failed, probe: nil, now: Self.start) }
            _ = gate.ended(between, probe: nil, now: Self.start)
            for _ in 1...9 { #expect(gate.ended(Self.failed, probe: nil, now: Self.start) == .none) }
        }
    }

    @Test func `lets one through when the breaker's time is over, closes on success, opens longer on failure`() {
        var gate = DestinationGate()
        for _ in 1...10 { _ = gate.ended(Self.failed, probe: nil, now: Self.start) }
        var probe = gate.began()
        #expect(probe != nil && gate.allowance(now: Self.at(30_000), concurrency: 16) == 0)
        #expect(
            gate.ended(Self.failed, probe: probe, now: Self.at(30_000))
                == .opened(.init(until: Self.at(90_000), times: 2)))
        probe = gate.began()
        #expect(
            gate.ended(Self.failed, probe: probe, now: Self.at(90_000))
                == .opened(.init(until: Self.at(210_000), times: 3)))
        probe = gate.began()
        #expect(gate.ended(Self.delivered, probe: probe, now: Self.at(210_000)) == .closed)
        #expect(gate.allowance(now: Self.at(210_000), concurrency: 16) == 16)
    }

    @Test func `never stays open for more than ten minutes`() {
        var gate = DestinationGate()
        for _ in 1...10 { _ = gate.ended(Self.failed, probe: nil, now: Self.start) }
        var now = Self.at(30_000)
        for _ in 1...20 {
            let probe = gate.began()
            guard case .opened(let opening) = gate.ended(Self.failed, probe: probe, now: now) else {
                Issue.record("not opened")
                return
            }
            #expect(opening.until.milliseconds(since: now) <= 600_000)
            now = opening.until
        }
    }

    @Test func `goes on where an earlier process left the breaker`() {
        var gate = DestinationGate(opening: .init(until: Self.at(60_000), times: 2))
        #expect(gate.breaker(now: Self.at(59_999)) == .open)
        #expect(gate.allowance(now: Self.at(59_999), concurrency: 16) == 0)
        #expect(gate.breaker(now: Self.at(60_000)) == .halfOpen)
        #expect(gate.allowance(now: Self.at(60_000), concurrency: 16) == 1)
        let probe = gate.began()
        #expect(
            gate.ended(Self.failed, probe: probe, now: Self.at(60_000))
                == .opened(.init(until: Self.at(180_000), times: 3)))
    }

    @Test func `is open again when somebody enables it, its breaker closed, a pause kept`() {
        let busy = AttemptResult(.throttled, status: 429, detail: "429", retryAfterMilliseconds: 60_000)
        var gate = DestinationGate(opening: .init(until: Self.at(60_000), times: 2))
        _ = gate.ended(busy, probe: nil, now: Self.start)
        _ = gate.ended(.init(.gone, status: 410, detail: "410 Gone"), probe: nil, now: Self.start)
        gate.set(disabledReason: nil)
        #expect(gate.disabledReason == nil && gate.opening == nil)
        #expect(gate.opensAt(now: Self.start) == Self.at(60_000))
        for _ in 1...9 { #expect(gate.ended(Self.failed, probe: nil, now: Self.start) == .none) }
        gate.set(disabledReason: "maintenance")
        #expect(gate.opensAt(now: Self.at(60_000)) == nil)
    }

    @Test func `pauses as long as asked, five seconds when it is not said, never shorter than before`() {
        var gate = DestinationGate()
        let plain = AttemptResult(.throttled, status: 429, detail: "429")
        #expect(gate.ended(plain, probe: nil, now: Self.start) == .paused(until: Self.at(5_000)))
        let minute = AttemptResult(.throttled, status: 503, detail: "503", retryAfterMilliseconds: 60_000)
        #expect(gate.ended(minute, probe: nil, now: Self.start) == .paused(until: Self.at(60_000)))
        #expect(gate.ended(plain, probe: nil, now: Self.start) == .none)
        #expect(gate.allowance(now: Self.at(59_999), concurrency: 3) == 0)
        #expect(gate.allowance(now: Self.at(60_000), concurrency: 3) == 3)
    }

    @Test func `is closed for good after 410`() {
        var gate = DestinationGate()
        #expect(
            gate.ended(.init(.gone, status: 410, detail: "410 Gone"), probe: nil, now: Self.start)
                == .disabled(reason: "410 Gone"))
        #expect(gate.ended(.init(.gone, status: 410, detail: "410 Gone"), probe: nil, now: Self.start) == .none)
        #expect(gate.opensAt(now: .distantFuture) == nil)
        #expect(gate.allowance(now: .distantFuture, concurrency: 3) == 0)
    }

    @Test func `takes no attempt that began before the breaker opened for the one that it let through`() {
        var gate = DestinationGate()
        #expect(gate.began() == nil)
        for _ in 1...10 { _ = gate.ended(Self.failed, probe: nil, now: Self.start) }
        let probe = gate.began()
        let now = Self.at(30_000)
        for late in [Self.failed, AttemptResult(.permanent, status: 413, detail: "413")] {
            #expect(gate.ended(late, probe: nil, now: now) == .none)
            gate.gaveUp(probe: nil)
            #expect(gate.allowance(now: now, concurrency: 16) == 0, "one is under way to see")
        }
        #expect(gate.ended(Self.failed, probe: probe, now: now) == .opened(.init(until: Self.at(90_000), times: 2)))
        // One that could not be made lets another through.
        let next = gate.began()
        gate.gaveUp(probe: next)
        #expect(gate.allowance(now: Self.at(90_000), concurrency: 16) == 1)
        // A success, however late, closes it; the one let through is one of many then.
        let last = gate.began()
        #expect(gate.ended(Self.delivered, probe: nil, now: Self.at(90_000)) == .closed)
        #expect(gate.ended(Self.failed, probe: last, now: Self.at(90_000)) == .none)
        #expect(gate.allowance(now: Self.at(90_000), concurrency: 16) == 16)
    }

    @Test func `takes no attempt from before it was enabled for the one that its next breaker lets through`() {
        var gate = DestinationGate(opening: .init(until: Self.start, times: 1))
        let probe = gate.began()
        gate.set(disabledReason: nil)
        for _ in 1...10 { _ = gate.ended(Self.failed, probe: probe, now: Self.start) }
        #expect(gate.opening == .init(until: Self.at(30_000), times: 1))
        let next = gate.began()
        #expect(next != nil && next != probe)
        #expect(gate.ended(Self.failed, probe: probe, now: Self.at(30_000)) == .none)
        #expect(gate.allowance(now: Self.at(30_000), concurrency: 3) == 0)
    }
}

@Suite struct ConcurrencyLimitTests {
    static let start = Timestamp(milliseconds: 1_000_000)
    static func at(_ milliseconds: Int64) -> Timestamp { start.advanced(byMilliseconds: milliseconds) }

    @Test func `begins with two and grows by one with each success, up to what is set`() {
        var limit = ConcurrencyLimit(most: 5)
        var seen = [limit.value]
        for _ in 0..<5 {
            limit.succeeded()
            seen.append(limit.value)
        }
        #expect(seen == [2, 3, 4, 5, 5, 5])
        #expect(ConcurrencyLimit(most: 1).value == 1)
    }

    @Test func `halves when the destination asks to be spared, once for what was under way together`() {
        var limit = ConcurrencyLimit(most: 64)
        for _ in 0..<64 { limit.succeeded() }
        #expect(limit.value == 64)
        for instant in [Int64(0), 1, 999] { limit.refused(now: Self.at(instant)) }
        #expect(limit.value == 32)
        limit.refused(now: Self.at(1_000))
        #expect(limit.value == 16)
        for second in 2..<20 { limit.refused(now: Self.at(Int64(second) * 1_000)) }
        #expect(limit.value == 1)
    }

    @Test func `comes back one place for as many successes as there are places`() {
        var limit = ConcurrencyLimit(most: 16)
        for _ in 0..<16 { limit.succeeded() }
        limit.refused(now: Self.start)
        #expect(limit.value == 8)
        for _ in 0..<8 { limit.succeeded() }
        #expect(limit.value == 8)
        limit.succeeded()
        #expect(limit.value == 9)
        for _ in 0..<200 { limit.succeeded() }
        #expect(limit.value == 16)
        limit.beginAnew()
        #expect(limit.value == 2)
    }
}

@Suite struct TokenBucketTests {
    static func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000 + milliseconds) }

    /// How many begin at each instant, as many as may.
    static func begun(_ bucket: TokenBucket, at instants: [Int64]) -> [Int] {
        var bucket = bucket
        return instants.map { instant in
            var count = 0
            while bucket.has(now: at(instant)) {
                bucket.take()
                count += 1
            }
            return count
        }
    }

    @Test func `lets a burst through, then so many a second, and earns the burst anew`() {
        let bucket = TokenBucket(perSecond: 10, burst: 5)
        #expect(Self.begun(bucket, at: [0, 99, 100, 150, 350, 10_000, 10_000]) == [5, 0, 1, 0, 2, 5, 0])
    }

    @Test func `without a burst begins with one, and saves up a tenth of a second`() {
        #expect(Self.begun(TokenBucket(perSecond: 100, burst: nil), at: [0, 10, 1_000]) == [1, 1, 10])
        #expect(Self.begun(TokenBucket(perSecond: 2, burst: nil), at: [0, 499, 500, 5_000]) == [1, 0, 1, 1])
    }

    @Test func `says when the next may begin, and survives a clock set back`() {
        var bucket = TokenBucket(perSecond: 10, burst: 1)
        let mayBegin = bucket.has(now: Self.at(0))
        #expect(mayBegin)
        bucket.take()
        #expect(bucket.nextToken(now: Self.at(40)) == Self.at(100))
        bucket.clockMoved()
        let mayBeginBefore = bucket.has(now: Self.at(-3_600_000))
        #expect(!mayBeginBefore)
        #expect(bucket.nextToken(now: Self.at(-3_600_000)) == Self.at(-3_599_900))
    }
}
