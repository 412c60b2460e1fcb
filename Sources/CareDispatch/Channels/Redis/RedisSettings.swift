import CareTransport
import CareValues

/// What `care.json` says of a stream in Redis or Valkey.
package struct RedisSettings: ChannelSettings, Hashable {
    /// `"type": "redis"`.
    package static let type = "redis"
    /// Those of brokers, and its own.
    package static let keys = BrokerSettings.keys + ["stream", "database", "maxLength", "createStream"]
    /// One connection carries so many at once.
    package static let usualConcurrency = 64
    /// TCP and TLS.
    private static let schemes = [
        TargetURL.Scheme("redis", port: 6379), TargetURL.Scheme("rediss", port: 6379, isTLS: true),
    ]

    /// Where, as whom; a password without a user is that of the user `default`.
    package var broker: BrokerSettings
    /// The stream's key.
    package var stream: SubjectTemplate
    /// The database's number.
    package var database = 0
    /// About how many entries the stream keeps; nil: all.
    package var maximumLength: Int?
    /// Whether a stream that does not exist is made.
    package var makesStreams = true

    /// Reads a stream; nil: url or stream is missing or wrong.
    package init?(_ reader: inout DestinationReader) {
        guard let broker = BrokerSettings(&reader, schemes: Self.schemes),
            let stream = reader.template("stream", sample: { !$0.isEmpty })
        else { return nil }
        self.broker = broker
        self.stream = stream
        if let node = reader.node["database"], let value = reader.integer(node, 0...65_535) { database = value }
        if let node = reader.node["maxLength"] { maximumLength = reader.integer(node, 1...1_000_000_000) }
        if let node = reader.node["createStream"], let flag = reader.boolean(node) { makesStreams = flag }
    }

    /// Adds as the user.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        let (user, password) = try broker.credentials(parts)
        let settings = RedisConversation.Settings(
            user: user, password: password, database: database, maximumLength: maximumLength,
            makesStreams: makesStreams)
        let endpoint = ConversationEndpoint(target: try broker.target.target(parts)) { RedisConversation(settings) }
        return RedisChannel(endpoint: endpoint, stream: stream, source: broker.source)
    }
}
