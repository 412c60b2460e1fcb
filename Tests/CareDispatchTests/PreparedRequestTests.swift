import CareStore
import CareTransport
import CareValues
import Testing

@testable import CareDispatch

/// A request that was made when its attempt was claimed: how long it is good for, and that it is sent once.
@Suite struct PreparedRequestTests {
    /// A claim, and the turn of its attempt.
    struct Turn: Sendable, CustomTestStringConvertible {
        /// How far into a second it was claimed, in milliseconds: a stamp is a whole second.
        var claimedAt: Int64
        /// How much later its turn came, in milliseconds.
        var after: Int64
        /// What it is stamped with, in seconds after the one in which it was claimed.
        var stamp: Int64

        init(_ claimedAt: Int64, after: Int64, stamp: Int64) {
            self.claimedAt = claimedAt
            self.after = after
            self.stamp = stamp
        }

        var testDescription: String { "claimed at .\(claimedAt), \(after) ms later" }
    }

    /// A request made anew would be stamped with the second of its turn: never, here, with that of the claim.
    static let turns = [
        Turn(999, after: 1, stamp: 0), Turn(0, after: 1_000, stamp: 0), Turn(0, after: 1_999, stamp: 0),
        Turn(999, after: 1_999, stamp: 0),
        Turn(0, after: 2_000, stamp: 2), Turn(999, after: 2_000, stamp: 2), Turn(0, after: 2_001, stamp: 2),
        Turn(0, after: 3_600_000, stamp: 3_600),
        Turn(0, after: -1, stamp: -1), Turn(999, after: -1_000, stamp: -1), Turn(0, after: -3_600_000, stamp: -3_600),
    ]

    /// 2026-06-15T09:00:00Z
    static let second: Int64 = 1_781_514_000

    static func destination() throws -> Destination {
        try Destination(DispatchWorld.settings("crm", "http://127.0.0.1:1/"), secrets: DispatchWorld.secrets)
    }

    /// A delivery that was claimed so many milliseconds into ``second``, with its request, as the store side makes it.
    static func claimed(_ milliseconds: Int64, for destination: Destination) throws -> Job {
        let order = ChannelTests.order()
        let now = Timestamp(milliseconds: second * 1_000 + milliseconds)
        let body = try destination.body(of: order)
        let delivery = StoredDelivery(order: order, state: .sending, attempts: 0, nextAttemptAt: now, reason: "")
        var job = Job(
            delivery: delivery, body: .success(body), machine: DeliveryMachine(attempts: 0, notBefore: now))
        job.prepared = Job.Prepared(destination.request(for: order, body: body, now: now), at: now)
        return job
    }

    /// The stamp of the request that is sent so many milliseconds after ``second``, in seconds after it. Its signature
    /// must be over that stamp.
    static func stamp(_ job: inout Job, at destination: Destination, _ milliseconds: Int64) throws -> Int64 {
        let body = try job.body.get()
        let now = Timestamp(milliseconds: second * 1_000 + milliseconds)
        let made = NetworkSide.request(of: &job, body, at: destination, now)
        let request = try #require(made.http)
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        let stamp = try #require(headers["webhook-timestamp"].flatMap { Int64($0) })
        let verdict = StandardWebhooks.verify(
            id: headers["webhook-id"], timestamp: headers["webhook-timestamp"],
            signature: headers["webhook-signature"], body: request.body, keys: [try SigningKey(DispatchWorld.secret)],
            nowSeconds: stamp)
        #expect(verdict.isValid)
        #expect(request.body == body)
        return stamp - second
    }

    @Test(arguments: turns) func `is good for less than two seconds, and not before it was made`(
        _ turn: Turn
    ) throws {
        let destination = try Self.destination()
        var job = try Self.claimed(turn.claimedAt, for: destination)
        let stamp = try Self.stamp(&job, at: destination, turn.claimedAt + turn.after)
        #expect(stamp == turn.stamp)
    }

    @Test func `is sent once: another attempt has a request of its own, however soon it comes`() throws {
        let destination = try Self.destination()
        var job = try Self.claimed(0, for: destination)
        let first = try Self.stamp(&job, at: destination, 1)
        let second = try Self.stamp(&job, at: destination, 1_000)
        #expect(first == 0)
        #expect(second == 1)
    }
}
