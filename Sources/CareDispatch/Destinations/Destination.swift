import CareStore
import CareTransport
import CareValues

/// A destination ready for use: its secrets read, its channel made.
public struct Destination: Sendable {
    /// As set.
    public let settings: DestinationSettings
    /// How it is spoken to.
    let channel: any Channel

    /// The name rules use.
    public var name: String { settings.name }

    /// A destination that speaks through `channel`: for tests, and for channels made elsewhere.
    package init(settings: DestinationSettings, channel: any Channel) {
        self.settings = settings
        self.channel = channel
    }

    /// Reads the secrets and makes the channel.
    ///
    /// - Throws: ``DestinationError`` that names what is missing or malformed, never its value.
    public init(
        _ settings: DestinationSettings, secrets source: SecretSource, templates: MessageTemplates = .none
    ) throws(DestinationError) {
        self.settings = settings
        channel = try settings.channel.channel(
            ChannelParts(
                destination: settings.name, secrets: source, timeoutMilliseconds: settings.timeoutMilliseconds,
                templates: templates))
    }

    /// Whether a lost answer is followed by another attempt: as set, else as is right for the channel.
    public var repeatsSafely: Bool { settings.repeatsLostAnswers ?? channel.repeatsSafely }

    /// The request of one attempt. Where a repetition cannot be told, nothing on the way repeats it either.
    ///
    /// - Parameter now: the real clock when the attempt is claimed or begins, for what is stamped anew on each attempt.
    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = channel.request(for: order, body: body, now: now)
        if !repeatsSafely { request.sendOnce() }
        return request
    }

    /// The bytes that a receiver of this order gets.
    ///
    /// - Throws: ``Unsendable``: no message can be made of it.
    public func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] { try channel.body(of: order) }
}
