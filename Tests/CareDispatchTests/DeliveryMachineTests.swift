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
        Case(name: "delivered at the tenth attempt", made: 9, result: .init(.delivered, status: 204, detail: ""), expected: record(.delivered, "")),
        Case(name: "delivered although the destination is disabled", result: .init(.delivered, status: 200, detail: ""), isDisabled: true, expected: record(.delivered, "")),
        Case(name: "first failure", result: failed, expected: record(.waiting, in: 5_000, failed.detail)),
        Case(name: "ninth failure", made: 8, result: failed, expected: record(.waiting, in: 86_400_000, failed.detail)),
        Case(name: "tenth failure", made: 9, result: failed, expected: record(.dead, "attempts exhausted: 500 Internal Server Error")),
        Case(name: "throttled", result: .init(.throttled, status: 429, detail: "429", retryAfterMilliseconds: 60_000), expected: record(.waiting, in: 60_000, "429")),
        Case(name: "throttled for less than the table", result: .init(.throttled, status: 429, detail: "429", retryAfterMilliseconds: 10), expected: record(.waiting, in: 5_000, "429")),
        Case(name: "permanent", result: .init(.permanent, status: 413, detail: "413 Content Too Large"), expected: record(.dead, "413 Content Too Large")),
        Case(name: "gone", result: .init(.gone, status: 410, detail: "410 Gone"), expected: record(.parked, "410 Gone")),
        Case(name: "gone at the tenth attempt", made: 9, result: .init(.gone, status: 410, detail: "410 Gone"), expected: record(.parked, "410 Gone")),
        Case(name: "answer lost, safe to repeat", result: unknown, expected: record(.waiting, in: 5_000, "no answer in time")),
        Case(name: "answer lost, not safe to repeat", result: unknown, isSafe: false, expected: record(.parked, "answer lost: no answer in time")),
        Case(name: "failure, not safe to repeat", result: failed, isSafe: false, expected: record(.waiting, in: 5_000, failed.detail)),
        Case(name: "failure, destination disabled meanwhile", result: failed, isDisabled: true, expected: record(.parked, in: 5_000, failed.detail)),
        Case(name: "last failure, destination disabled meanwhile", made: 9, result: failed, isDisabled: true, expected: record(.dead, "attempts exhausted: 500 Internal Server Error")),
        Case(name: "next attempt one millisecond before it expires", result: failed, expiresIn: 5_001, expected: record(.waiting, in: 5_000, failed.detail)),
        Case(name: "next attempt when it expires", result: failed, expiresIn: 5_000, expected: record(.dead, "expired")),
        Case(name: "next attempt when it expires by the decision clock", result: failed, expiresIn: 3_605_000, decisionOffset: 3_600_000, expected: record(.dead, "expired")),
        Case(name: "next attempt before it expires by the decision clock", result: failed, expiresIn: 3_605_001, decisionOffset: 3_600_000, expected: record(.waiting, in: 5_000, failed.detail)),
        Case(name: "Retry-After beyond the expiry", result: .init(.throttled, status: 503, detail: "503", retryAfterMilliseconds: 60_000), expiresIn: 60_000, expected: record(.dead, "expired")),
    ]

    static func terms(_ expiresIn: Int64?, offset: Int64 = 0, isSafe: Bool = true) -> DeliveryMachine.Terms {
        DeliveryMachine.Terms(
            schedule: .standard, expiresAt: expiresIn.map { now.advanced(byMilliseconds: $0) },
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

    @Test func `begins no attempt when the lease is over`() {
        var machine = DeliveryMachine(attempts: 0, notBefore: Self.now)
        machine.claimed(leaseUntil: Self.lease)
        #expect(machine.begin(now: Self.lease.advanced(byMilliseconds: -1), terms: Self.terms(nil)) == .attempt(number: 1))
        #expect(
            machine.begin(now: Self.lease, terms: Self.terms(nil))
                == .record(.waiting, nextAttemptAt: Self.lease, reason: ""))
    }

    @Test func `lets a late event change nothing`() {
        var machine = DeliveryMachine(attempts: 0, notBefore: Self.now)
        let terms = Self.terms(nil)
        #expect(machine.begin(now: Self.now, terms: terms) == .none)
        #expect(machine.ended(Self.failed, now: Self.now, terms: terms, destinationIsDisabled: false, random: 0.5) == .none)
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
        for _ in 1...9 { #expect(gate.ended(Self.failed, now: Self.start) == .none) }
        #expect(gate.allowance(now: Self.start, concurrency: 16) == 16)
        #expect(gate.ended(Self.failed, now: Self.start) == .opened(until: Self.at(30_000)))
        #expect(gate.allowance(now: Self.at(29_999), concurrency: 16) == 0)
        #expect(gate.allowance(now: Self.at(30_000), concurrency: 16) == 1)
    }

    @Test func `counts anew after a success or the refusal of one message`() {
        for between in [Self.delivered, AttemptResult(.permanent, status: 413, detail: "413")] {
            var gate = DestinationGate()
            for _ in 1...9 { _ = gate.ended(Self.failed, now: Self.start) }
            _ = gate.ended(between, now: Self.start)
            for _ in 1...9 { #expect(gate.ended(Self.failed, now: Self.start) == .none) }
        }
    }

    @Test func `lets one through when the breaker's time is over, closes on success, opens longer on failure`() {
        var gate = DestinationGate()
        for _ in 1...10 { _ = gate.ended(Self.failed, now: Self.start) }
        gate.began()
        #expect(gate.allowance(now: Self.at(30_000), concurrency: 16) == 0)
        #expect(gate.ended(Self.failed, now: Self.at(30_000)) == .opened(until: Self.at(90_000)))
        gate.began()
        #expect(gate.ended(Self.failed, now: Self.at(90_000)) == .opened(until: Self.at(210_000)))
        gate.began()
        #expect(gate.ended(Self.delivered, now: Self.at(210_000)) == .closed)
        #expect(gate.allowance(now: Self.at(210_000), concurrency: 16) == 16)
    }

    @Test func `never stays open for more than ten minutes`() {
        var gate = DestinationGate()
        for _ in 1...10 { _ = gate.ended(Self.failed, now: Self.start) }
        var now = Self.at(30_000)
        for _ in 1...20 {
            gate.began()
            guard case .opened(let until) = gate.ended(Self.failed, now: now) else {
                Issue.record("not opened")
                return
            }
            #expect(until.milliseconds(since: now) <= 600_000)
            now = until
        }
    }

    @Test func `pauses as long as asked, five seconds when it is not said, never shorter than before`() {
        var gate = DestinationGate()
        let plain = AttemptResult(.throttled, status: 429, detail: "429")
        #expect(gate.ended(plain, now: Self.start) == .paused(until: Self.at(5_000)))
        let minute = AttemptResult(.throttled, status: 503, detail: "503", retryAfterMilliseconds: 60_000)
        #expect(gate.ended(minute, now: Self.start) == .paused(until: Self.at(60_000)))
        #expect(gate.ended(plain, now: Self.start) == .none)
        #expect(gate.allowance(now: Self.at(59_999), concurrency: 3) == 0)
        #expect(gate.allowance(now: Self.at(60_000), concurrency: 3) == 3)
    }

    @Test func `is closed for good after 410`() {
        var gate = DestinationGate()
        #expect(gate.ended(.init(.gone, status: 410, detail: "410 Gone"), now: Self.start) == .disabled(reason: "410 Gone"))
        #expect(gate.ended(.init(.gone, status: 410, detail: "410 Gone"), now: Self.start) == .none)
        #expect(gate.opensAt(now: .distantFuture) == nil)
        #expect(gate.allowance(now: .distantFuture, concurrency: 3) == 0)
    }
}
