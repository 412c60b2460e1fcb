import CareTransport

/// What `care.json` says of a topic of Kafka, reached through a REST proxy.
package struct KafkaSettings: ChannelSettings, Hashable {
    /// Which of the proxies' interfaces is spoken.
    package enum Interface: String, Sendable, Hashable, CaseIterable {
        /// Confluent's older one, and Redpanda's.
        case v2
        /// Confluent's newer one, on premises and in its cloud.
        case v3
    }

    /// `"type": "kafka"`.
    package static let type = "kafka"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["auth", "topic", "api", "cluster", "source"]
    /// A proxy answers when the brokers have acknowledged.
    package static let usualConcurrency = 16

    /// Where the proxy is; of Confluent's cloud with the path `/kafka`.
    package var http: HTTPSettings
    /// The topic.
    package var topic: String
    /// The interface.
    package var interface = Interface.v2
    /// The cluster's id; `v3` needs it.
    package var cluster: String?
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads a topic; nil: the URL, the topic, or the cluster of `v3` is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let http = HTTPSettings(&reader, ownHeaders: ["accept"]) else { return nil }
        let node = reader.node
        if node["topic"] == nil {
            reader.fail(node, "config.missing-key", "destination '\(reader.name)' has no topic")
        }
        guard let topic = node["topic"].flatMap({ reader.string($0) }) else { return nil }
        self.http = http
        self.topic = topic
        if let value = node["api"], let text = reader.word(value, of: Interface.allCases.map(\.rawValue)) {
            interface = Interface(rawValue: text) ?? .v2
        }
        cluster = node["cluster"].flatMap { reader.string($0) }
        if interface == .v3, cluster == nil {
            reader.fail(
                node, "config.missing-key", "destination '\(reader.name)' has no cluster",
                "api v3 needs the cluster's id")
            return nil
        }
        if let value = node["source"], let text = reader.string(value) { source = text }
    }

    /// Publishes to the topic.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        template.keptAnswerBytes = 8_192
        var root = http.url.text
        while root.hasSuffix("/") { root.removeLast() }
        let topic = "topics/\(PercentEncoding.text(self.topic))"
        let path: String
        switch interface {
        case .v2:
            template.headers.append(("content-type", "application/vnd.kafka.json.v2+json"))
            template.headers.append(("accept", "application/vnd.kafka.v2+json"))
            path = topic
        case .v3:
            template.headers.append(("content-type", "application/json"))
            template.headers.append(("accept", "application/json"))
            path = "v3/clusters/\(PercentEncoding.text(cluster ?? ""))/\(topic)/records"
        }
        do throws(TargetURL.Problem) {
            template.target.url = try TargetURL("\(root)/\(path)")
        } catch {
            throw parts.error("url and topic make no URL", help: "url is the proxy's root")
        }
        return KafkaChannel(template: template, interface: interface, source: source)
    }
}
