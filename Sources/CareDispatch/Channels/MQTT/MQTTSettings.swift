import CareTransport
import CareValues

/// What `care.json` says of an MQTT broker.
package struct MQTTSettings: ChannelSettings, Hashable {
    /// Which version is spoken.
    package enum Version: String, Sendable, Hashable, CaseIterable {
        /// Says why a message was refused, and that nobody subscribes.
        case v5 = "5"
        /// For older brokers: an acknowledgement says nothing about permissions.
        case v311 = "3.1.1"
    }

    /// `"type": "mqtt"`.
    package static let type = "mqtt"
    /// Those of brokers, and its own.
    package static let keys = BrokerSettings.keys + ["topic", "clientId", "qos", "version"]
    /// One connection carries so many at once.
    package static let usualConcurrency = 32
    /// TCP and TLS.
    private static let schemes = [
        TargetURL.Scheme("mqtt", port: 1883), TargetURL.Scheme("mqtts", port: 8883, isTLS: true),
    ]

    /// Where, as whom.
    package var broker: BrokerSettings
    /// What is published to.
    package var topic: SubjectTemplate
    /// What the clients' names begin with.
    package var clientID = "care"
    /// 1, or by explicit choice 0.
    package var quality = 1
    /// Which version is spoken.
    package var version = Version.v5

    /// Reads a broker; nil: url or topic is missing or wrong.
    package init?(_ reader: inout DestinationReader) {
        guard let broker = BrokerSettings(&reader, schemes: Self.schemes),
            let topic = reader.template("topic", sample: MQTTTopic.isValid)
        else { return nil }
        self.broker = broker
        self.topic = topic
        if broker.user == nil, broker.password != nil {
            reader.fail(reader.node, "config.missing-key", "destination '\(reader.name)' has a password but no user")
        }
        if let node = reader.node["clientId"], let text = reader.string(node) {
            if text.utf8.count > 200 || text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
                reader.fail(node, "config.bad-value", "clientId must be up to 200 printable characters of ASCII")
            }
            clientID = text
        }
        if let node = reader.node["qos"], let value = reader.integer(node, 0...1) { quality = value }
        if let node = reader.node["version"], let text = reader.word(node, of: Version.allCases.map(\.rawValue)) {
            version = Version(rawValue: text) ?? .v5
        }
    }

    /// Publishes as the user.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        let (user, password) = try broker.credentials(parts)
        let settings = MQTTConversation.Settings(
            version: version, clientID: clientID, user: user, password: password, quality: UInt8(quality),
            contentType: CloudEvent.contentType)
        let endpoint = ConversationEndpoint(target: try broker.target.target(parts)) {
            var settings = settings
            settings.clientID += "-" + String(UInt64.random(in: 0 ... .max), radix: 36)
            return MQTTConversation(settings)
        }
        return MQTTChannel(endpoint: endpoint, topic: topic, source: broker.source)
    }
}
