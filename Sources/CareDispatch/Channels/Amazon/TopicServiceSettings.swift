import CareTransport

/// What `care.json` says of a topic of Amazon SNS.
package struct TopicServiceSettings: ChannelSettings, Hashable {
    /// `"type": "sns"`.
    package static let type = "sns"
    /// Those of Amazon's services, and the topic.
    package static let keys = AmazonAccess.keys + ["topic"]
    /// The service answers within some 20 ms.
    package static let usualConcurrency = 16

    /// As whom, and where.
    package var access: AmazonAccess
    /// The topic's name, `arn:aws:sns:REGION:ACCOUNT:NAME`.
    package var topic: String
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads a topic; nil: its name or the keys are missing.
    package init?(_ reader: inout DestinationReader) {
        guard let node = reader.node["topic"] else {
            reader.fail(reader.node, "config.missing-key", "destination '\(reader.name)' has no topic")
            return nil
        }
        guard let topic = reader.string(node) else { return nil }
        let parts = topic.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", !parts[3].isEmpty, !parts[5].isEmpty else {
            reader.fail(
                node, "config.bad-value", "a topic is named by its ARN", "arn:aws:sns:REGION:ACCOUNT:NAME")
            return nil
        }
        let endpoint = { AmazonAccess.host(of: "sns", in: $0) }
        guard let access = AmazonAccess(&reader, region: String(parts[3]), endpoint: endpoint) else { return nil }
        self.access = access
        self.topic = topic
        if let node = reader.node["source"], let text = reader.string(node) { source = text }
    }

    /// Publishes with the keys behind the references.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try access.template(parts, service: "sns")
        template.headers.append(("content-type", "application/x-www-form-urlencoded; charset=utf-8"))
        return TopicServiceChannel(template: template, topic: topic, source: source)
    }
}
