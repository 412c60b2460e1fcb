/// A named place to deliver to, as `care.json` describes it; secrets are references still.
public struct DestinationSettings: Sendable {
    /// The name rules use.
    public var name: String
    /// How it is spoken to, with what only such a destination has.
    package var channel: any ChannelSettings
    /// How many attempts may be under way at once, 1 … 256.
    public var concurrency: Int
    /// How many attempts may begin in a second; nil: as many as can.
    public var attemptsPerSecond: Double?
    /// How long one attempt may take, in milliseconds.
    public var timeoutMilliseconds: Int64
    /// The waits between attempts.
    public var retry: RetrySchedule
    /// What is done when an answer is lost; nil: what is safe with this channel.
    public var lostAnswer: LostAnswer?

    /// The `type` in `care.json`.
    public var type: String { Swift.type(of: channel).type }

    /// A destination with the usual settings, concurrency and time those of the channel.
    package init(name: String, channel: any ChannelSettings) {
        self.name = name
        self.channel = channel
        concurrency = Swift.type(of: channel).usualConcurrency
        attemptsPerSecond = channel.usualAttemptsPerSecond
        timeoutMilliseconds = Swift.type(of: channel).usualTimeoutMilliseconds
        retry = .standard
    }
}

/// What is done with a delivery whose answer was lost: `unknown` in `care.json`.
public enum LostAnswer: String, Sendable, Hashable, CaseIterable {
    /// It is tried again under the same id: the receiver may get it twice.
    case retry
    /// It is parked until somebody looks: the receiver may not get it.
    case park
}
