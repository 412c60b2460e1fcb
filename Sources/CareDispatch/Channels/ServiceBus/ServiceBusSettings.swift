import CareTransport
import CareValues

/// What `care.json` says of a queue or topic of Azure Service Bus.
package struct ServiceBusSettings: ChannelSettings, Hashable {
    /// `"type": "servicebus"`.
    package static let type = "servicebus"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["keyName", "key", "sessions", "source"]
    /// The service answers within some 50 ms.
    package static let usualConcurrency = 16

    /// The queue's or topic's address: `https://NAMESPACE.servicebus.windows.net/QUEUE`.
    package var http: HTTPSettings
    /// The name of a shared access policy with the right to send.
    package var keyName: String
    /// Its key.
    package var key: SecretReference
    /// Whether the customer is the message's session, so that one customer's messages stay in order.
    package var hasSessions: Bool
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads a queue or topic; nil: address, policy or key is missing.
    package init?(_ reader: inout DestinationReader) {
        let own = ["authorization", "brokerproperties"]
        let http = HTTPSettings(&reader, ownHeaders: own)
        let node = reader.node
        if node["keyName"] == nil {
            reader.fail(
                node, "config.missing-key", "destination '\(reader.name)' has no keyName",
                "the name of a shared access policy that may send")
        }
        let keyName = node["keyName"].flatMap { reader.string($0) }
        let key = reader.requiredReference("key")
        if let http, http.url.text.contains("?") {
            reader.fail(node["url"] ?? node, "config.bad-url", "the url of destination '\(reader.name)' has a query")
            return nil
        }
        guard let http, let keyName, let key else { return nil }
        self.http = http
        self.keyName = keyName
        self.key = key
        hasSessions = node["sessions"].flatMap { reader.boolean($0) } ?? false
        if let value = node["source"], let text = reader.string(value) { source = text }
    }

    /// Sends by the policy's key.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        var resource = http.url.text
        while resource.hasSuffix("/") { resource.removeLast() }
        do throws(TargetURL.Problem) {
            template.target.url = try TargetURL(resource + "/messages")
        } catch {
            throw parts.error("url makes no address of messages", help: "url ends with the queue's or topic's name")
        }
        template.headers.append(("content-type", CloudEvent.contentType))
        return ServiceBusChannel(
            template: template, resource: resource, keyName: keyName, key: try parts.word(key),
            hasSessions: hasSessions, source: source)
    }
}
