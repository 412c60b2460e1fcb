import CareStore
import CareTransport
import CareValues

/// One attempt at one destination outside of the outbox: to try the destination.
public struct DestinationTrial: Sendable {
    /// What it came to.
    public var result: AttemptResult
    /// How long it took; 0 when nothing was sent.
    public var milliseconds: Int64
    /// Where it went: method and host, never the whole address, which may hold a key; empty: nowhere.
    public var place: String
    /// Whether anything was sent.
    public var wasTried: Bool
    /// Whether a delivery whose answer is lost would be tried again by itself.
    public var repeatsUnknown: Bool

    /// Sends `order` once and waits for what comes of it. Blocks the calling thread.
    ///
    /// - Parameter now: the real clock, for signatures.
    /// - Throws: ``TransportError``: the network cannot be used at all.
    public static func run(_ order: NewDelivery, to destination: Destination, now: Timestamp) throws -> DestinationTrial
    {
        let channel = destination.channel
        var trial = DestinationTrial(
            result: AttemptResult(.permanent, status: 0, detail: ""), milliseconds: 0, place: "", wasTried: false,
            repeatsUnknown: destination.repeatsSafely)
        let body: [UInt8]
        do throws(Unsendable) {
            body = try channel.body(of: order)
        } catch {
            trial.result.detail = error.reason
            return trial
        }
        let request = destination.request(for: order, body: body, now: now)
        guard let loop = TransferLoop(resolver: Resolver(), capacity: 1) else { throw TransportError(.resources) }
        trial.place = request.place
        trial.wasTried = true
        loop.submit(request, tag: 0)
        while loop.inFlight > 0 {
            let isRunning = loop.run(timeoutMilliseconds: 5_000) { _, result, milliseconds in
                trial.result = channel.result(of: result, now: now)
                trial.milliseconds = milliseconds
            }
            guard isRunning else { throw TransportError(.resources) }
        }
        return trial
    }
}
