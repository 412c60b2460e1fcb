import CareStore
import CareTransport
import CareValues

/// How a delivery becomes a request, and an answer a result. One folder a channel: settings, channel.
public protocol Channel: Sendable {
    /// Whether the receiver can tell a repeated delivery by its id: if not, a lost answer parks it.
    var repeatsSafely: Bool { get }

    /// The bytes that the receiver gets, the same on every attempt.
    ///
    /// - Throws: ``Unsendable``: no message can be made of it, so that no attempt is worth while.
    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8]

    /// The request of one attempt.
    ///
    /// - Parameter now: the real clock when the attempt is claimed or begins, for what is stamped anew on each attempt.
    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest

    /// What the exchange came to.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult
}

/// Why no message can be made of a delivery, however often it is tried: the reason of a dead letter.
public struct Unsendable: Error, Sendable, Hashable {
    /// A few words for people, `template birthday.txt: no value for data.name`: names, never a value.
    public var reason: String

    /// With that reason.
    public init(_ reason: String) {
        self.reason = reason
    }
}
