import CareStore
import CareTransport
import CareValues

/// JSON Lines: each delivery is the CloudEvent on a line of its own.
struct LinesChannel: Channel {
    let sink: LineSink
    /// The CloudEvents `source`.
    var source: String

    /// Whoever reads the lines knows a repetition by the event's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] { CloudEvent.body(of: order, source: source) + [0x0A] }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        .line(LineRequest(sink: sink, line: body))
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        AttemptResult(exchange, now: now)
    }
}
