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
    /// How many attempts may begin at once after a while without any; nil: a tenth of a second's.
    public var burst: Double?
    /// Whether each customer's deliveries go out in the order of the outbox, one after another.
    public var isOrdered: Bool
    /// Whether a lost answer is followed by another attempt; nil: as is right for the channel.
    public var repeatsLostAnswers: Bool?
    /// How long one attempt may take, in milliseconds.
    public var timeoutMilliseconds: Int64
    /// The waits between attempts.
    public var retry: RetrySchedule

    /// The `type` in `care.json`.
    public var type: String { Swift.type(of: channel).type }

    /// A destination with the usual settings, concurrency and time those of the channel.
    package init(name: String, channel: any ChannelSettings) {
        self.name = name
        self.channel = channel
        concurrency = Swift.type(of: channel).usualConcurrency
        attemptsPerSecond = channel.usualAttemptsPerSecond
        timeoutMilliseconds = Swift.type(of: channel).usualTimeoutMilliseconds
        burst = nil
        isOrdered = false
        repeatsLostAnswers = nil
        retry = .standard
    }
}
