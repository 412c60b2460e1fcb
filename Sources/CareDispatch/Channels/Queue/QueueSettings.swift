import CareTransport
import CareValues

/// What `care.json` says of a RabbitMQ, reached through its management HTTP API.
package struct QueueSettings: ChannelSettings, Hashable {
    /// `"type": "queue"`.
    package static let type = "queue"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["user", "password", "vhost", "exchange", "routingKey", "source"]
    /// The broker makes a channel of its own for each message: more at once only burden it.
    package static let usualConcurrency = 4

    /// Where the management API is.
    package var http: HTTPSettings
    /// The broker's user.
    package var user: SettingText
    /// Its password.
    package var password: SecretReference
    /// The virtual host, `/` by default.
    package var virtualHost = "/"
    /// The exchange; `amq.default`, the default one, leads by the queue's name.
    package var exchange = "amq.default"
    /// The routing key: with the default exchange the queue's name.
    package var routingKey: String
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// A queue with the usual settings.
    package init(url: TargetURL, user: SettingText, password: SecretReference, routingKey: String) {
        http = HTTPSettings(url: url)
        self.user = user
        self.password = password
        self.routingKey = routingKey
    }

    /// Reads a queue; nil: url, user, password or routing key is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let http = HTTPSettings(&reader) else { return nil }
        let node = reader.node
        for key in ["user", "password", "routingKey"] where node[key] == nil {
            reader.fail(node, "config.missing-key", "destination '\(reader.name)' has no \(key)")
        }
        guard let user = node["user"].flatMap({ reader.text($0) }),
            let password = node["password"].flatMap({ reader.reference($0, "password") }),
            let key = node["routingKey"].flatMap({ reader.string($0) })
        else { return nil }
        self.init(url: http.url, user: user, password: password, routingKey: key)
        self.http = http
        if let value = node["vhost"], let text = reader.string(value) { virtualHost = text }
        if let value = node["exchange"], let text = reader.string(value) { exchange = text }
        if let value = node["source"], let text = reader.string(value) { source = text }
    }

    /// Publishes to the exchange as the user.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        template.headers.append(("content-type", "application/json"))
        template.basic = (try parts.value(user), try parts.value(password))
        template.target.url = try publishURL(parts)
        template.keptAnswerBytes = 4_096
        return QueueChannel(template: template, routingKey: routingKey, source: source)
    }

    private func publishURL(_ parts: ChannelParts) throws(DestinationError) -> TargetURL {
        var root = http.url.text
        while root.hasSuffix("/") { root.removeLast() }
        let place = "\(PercentEncoding.text(virtualHost))/\(PercentEncoding.text(exchange))"
        do throws(TargetURL.Problem) {
            return try TargetURL("\(root)/api/exchanges/\(place)/publish")
        } catch {
            throw parts.error("url, vhost and exchange make no URL", help: "url is the broker's API")
        }
    }
}
