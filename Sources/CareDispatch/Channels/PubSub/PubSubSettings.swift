import CareTransport
import CareValues

/// What `care.json` says of a topic of Google Pub/Sub.
package struct PubSubSettings: ChannelSettings, Hashable {
    /// `"type": "pubsub"`.
    package static let type = "pubsub"
    /// Those of HTTP, and its own.
    package static let keys =
        HTTPSettings.keys.filter { $0 != "url" } + [
            "project", "topic", "credentials", "ordering", "endpoint", "source",
        ]
    /// The service answers within some 50 ms.
    package static let usualConcurrency = 16

    /// The project's id.
    package var project: String
    /// The topic's name, without the project.
    package var topic: String
    /// The key file of a service account; nil: nobody asks (an emulator).
    package var credentials: SecretReference?
    /// Whether the customer is the ordering key.
    package var isOrdered: Bool
    /// How requests are made, and the root of the API.
    package var http: HTTPSettings
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads a topic; nil: project, topic or credentials are missing.
    package init?(_ reader: inout DestinationReader) {
        let node = reader.node
        for key in ["project", "topic"] where node[key] == nil {
            reader.fail(node, "config.missing-key", "destination '\(reader.name)' has no \(key)")
        }
        if node["credentials"] == nil, node["endpoint"] == nil {
            reader.fail(
                node, "config.missing-key", "destination '\(reader.name)' has no credentials",
                #"the key file of a service account: "credentials": "file:service-account.json""#)
            return nil
        }
        guard
            let http = HTTPSettings(
                &reader, ownHeaders: ["authorization"], url: ("endpoint", "https://pubsub.googleapis.com")),
            let project = node["project"].flatMap({ reader.string($0) }),
            let topic = node["topic"].flatMap({ reader.string($0) })
        else { return nil }
        self.http = http
        self.project = project
        self.topic = topic
        if let value = node["credentials"] {
            guard let reference = reader.reference(value, "credentials") else { return nil }
            credentials = reference
        }
        isOrdered = node["ordering"].flatMap { reader.boolean($0) } ?? false
        if let value = node["source"], let text = reader.string(value) { source = text }
    }

    /// Publishes as the service account.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        template.headers.append(("content-type", "application/json"))
        template.keptAnswerBytes = 4_096
        var root = http.url.text
        while root.hasSuffix("/") { root.removeLast() }
        do throws(TargetURL.Problem) {
            template.target.url = try TargetURL(
                "\(root)/v1/projects/\(PercentEncoding.text(project))/topics/\(PercentEncoding.text(topic)):publish")
        } catch {
            throw parts.error("endpoint, project and topic make no URL", help: "endpoint is the root of the API")
        }
        var tokens: ServiceAccountTokens?
        if let credentials {
            let text = try parts.secrets.document(credentials, for: parts.destination)
            do throws(ServiceAccountTokens.Problem) {
                tokens = try ServiceAccountTokens(keyFile: text, audience: "https://pubsub.googleapis.com/")
            } catch {
                throw parts.error(
                    "\(credentials.text) \(error.message)",
                    help: "it is the JSON file that Google makes for a service account's key")
            }
        }
        return PubSubChannel(template: template, tokens: tokens, isOrdered: isOrdered, source: source)
    }
}
