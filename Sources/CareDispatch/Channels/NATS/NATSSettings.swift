import CareTransport
import CareValues

/// What `care.json` says of a NATS server with JetStream.
package struct NATSSettings: ChannelSettings, Hashable {
    /// `"type": "nats"`.
    package static let type = "nats"
    /// Those of brokers, and its own.
    package static let keys = BrokerSettings.keys + ["subject", "stream", "token", "nkey", "jwt"]
    /// One connection carries so many at once.
    package static let usualConcurrency = 64
    /// TCP, and TLS from the first byte.
    private static let schemes = [
        TargetURL.Scheme("nats", port: 4222), TargetURL.Scheme("tls", port: 4222, isTLS: true),
    ]

    /// Where, as whom.
    package var broker: BrokerSettings
    /// What is published to.
    package var subject: SubjectTemplate
    /// The stream that must take it; nil: whichever does.
    package var stream: String?
    /// A token instead of user and password.
    package var token: SecretReference?
    /// The seed of an nkey instead.
    package var nkey: SecretReference?
    /// The user's JWT, beside the seed.
    package var jwt: SecretReference?

    /// Reads a server; nil: url or subject is missing or wrong.
    package init?(_ reader: inout DestinationReader) {
        guard let broker = BrokerSettings(&reader, schemes: Self.schemes),
            let subject = reader.template("subject", sample: NATSSubject.isValid)
        else { return nil }
        self.broker = broker
        self.subject = subject
        let node = reader.node
        if let value = node["stream"], let text = reader.string(value) {
            if !NATSSubject.isValid(text) || text.contains(".") {
                reader.fail(value, "config.bad-value", "not a stream's name", "no space, dot, * or >")
            }
            stream = text
        }
        if let value = node["token"] { token = reader.reference(value, "token") }
        if let value = node["nkey"] { nkey = reader.reference(value, "nkey") }
        if let value = node["jwt"] { jwt = reader.reference(value, "jwt") }
        if [broker.password, token, nkey].compactMap({ $0 }).count > 1 {
            reader.fail(
                node, "config.bad-value", "destination '\(reader.name)' logs in in more than one way",
                "either user and password, or token, or nkey")
        }
        if jwt != nil, nkey == nil {
            reader.fail(node, "config.missing-key", "destination '\(reader.name)' has a jwt but no nkey")
        }
    }

    /// Publishes as the user.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        let (user, password) = try broker.credentials(parts)
        var settings = NATSConversation.Settings(
            inbox: "", user: user, password: password, stream: stream, isTLS: broker.target.url.isTLS,
            contentType: CloudEvent.contentType)
        if let token { settings.token = try parts.value(token) }
        if let jwt { settings.jwt = try parts.value(jwt) }
        if let nkey {
            let seed = try parts.value(nkey)
            do throws(NKey.Problem) {
                settings.nkey = try NKey(seed: seed)
            } catch {
                throw parts.error("the seed \(nkey.text) is not one of a user", help: "it begins with SU")
            }
        }
        let template = settings
        let endpoint = ConversationEndpoint(target: try broker.target.target(parts)) {
            var settings = template
            let number = String(UInt64.random(in: 0 ... .max), radix: 36)
            settings.inbox = "_INBOX.care-\(number)"
            return NATSConversation(settings)
        }
        return NATSChannel(endpoint: endpoint, subject: subject, source: broker.source)
    }
}
