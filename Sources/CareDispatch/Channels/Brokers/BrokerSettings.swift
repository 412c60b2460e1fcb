import CareTransport
import CareValues

/// What every broker with a protocol of its own can be told: where, as whom, and how far it is trusted.
package struct BrokerSettings: Sendable, Hashable {
    /// Those of every target, and the login.
    static let keys = TargetSettings.keys + ["user", "password", "source"]

    /// Where.
    package var target: TargetSettings
    /// As whom; nil: nobody in particular.
    package var user: SettingText?
    /// Nil: none.
    package var password: SecretReference?
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads the keys; nil: there is no usable URL.
    init?(_ reader: inout DestinationReader, schemes: [TargetURL.Scheme]) {
        guard let target = TargetSettings(&reader, schemes: schemes) else { return nil }
        self.target = target
        if target.url.hasPath {
            reader.fail(
                reader.node["url"] ?? reader.node, "config.bad-url",
                "the url of destination '\(reader.name)' has a path, which means nothing to such a broker",
                "write scheme, host and port alone")
        }
        if let node = reader.node["user"] { user = reader.text(node) }
        if let node = reader.node["password"] { password = reader.reference(node, "password") }
        if user != nil, password == nil, reader.node["password"] == nil {
            reader.fail(reader.node, "config.missing-key", "destination '\(reader.name)' has a user but no password")
        }
        if let node = reader.node["source"], let text = reader.string(node) { source = text }
    }

    /// User and password as they are sent.
    func credentials(_ parts: ChannelParts) throws(DestinationError) -> (user: String?, password: String?) {
        var (name, secret): (String?, String?)
        if let user { name = try parts.value(user) }
        if let password { secret = try parts.value(password) }
        for text in [name, secret].compactMap({ $0 }) where text.utf8.count > 65_535 {
            throw parts.error("user or password is longer than 65,535 bytes", help: "no broker takes that")
        }
        return (name, secret)
    }
}
