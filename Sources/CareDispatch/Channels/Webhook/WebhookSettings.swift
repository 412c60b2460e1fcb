import CareTransport
import CareValues

/// What `care.json` says of a webhook.
package struct WebhookSettings: ChannelSettings, Hashable {
    /// How a CloudEvent becomes a request.
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        /// The whole event is the body.
        case structured
        /// The body is the event's `data`, the rest stands in headers `ce-…`.
        case binary
    }

    /// `"type": "webhook"`.
    package static let type = "webhook"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["auth", "secret", "method", "mode", "source"]
    /// Enough to keep a receiver busy that answers within 50 ms or so.
    package static let usualConcurrency = 16
    private static let methods = ["POST", "PUT", "PATCH"]
    /// How many keys may sign at once: more than a rotation ever needs.
    private static let maximumSecrets = 10

    /// Where, as whom.
    package var http: HTTPSettings
    /// The keys that sign, the current one first.
    package var secrets: [SecretReference]
    /// `POST`, `PUT` or `PATCH`.
    package var method = "POST"
    /// Structured or binary.
    package var mode = Mode.structured
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// A webhook with the usual settings.
    package init(url: TargetURL, secrets: [SecretReference]) {
        http = HTTPSettings(url: url)
        self.secrets = secrets
    }

    /// Reads a webhook; nil: it has no usable URL or no secret.
    package init?(_ reader: inout DestinationReader) {
        let ownHeaders = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        guard let http = HTTPSettings(&reader, ownHeaders: ownHeaders) else { return nil }
        self.http = http
        secrets = Self.secrets(&reader)
        if let node = reader.node["method"], let text = reader.word(node, of: Self.methods) { method = text }
        if let node = reader.node["mode"], let text = reader.word(node, of: Mode.allCases.map(\.rawValue)) {
            mode = Mode(rawValue: text) ?? .structured
        }
        if let node = reader.node["source"], let text = reader.string(node) { source = text }
        guard !secrets.isEmpty else { return nil }
    }

    private static func secrets(_ reader: inout DestinationReader) -> [SecretReference] {
        guard let value = reader.node["secret"] else {
            reader.fail(
                reader.node, "config.missing-key", "destination '\(reader.name)' has no secret",
                #"name where to find it: "secret": "env:NAME" or "file:PATH""#)
            return []
        }
        let nodes = value.kind == .array ? Array(value.elements) : [value]
        if nodes.isEmpty || nodes.count > maximumSecrets {
            reader.fail(value, "config.bad-value", "destination '\(reader.name)' needs one to ten secrets")
        }
        return nodes.compactMap { reader.reference($0, "secret") }
    }

    /// Signs with the keys behind the references.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        template.method = method
        var keys: [SigningKey] = []
        for reference in secrets {
            let text = try parts.value(reference)
            do throws(SigningKey.Problem) {
                keys.append(try SigningKey(text))
            } catch {
                throw parts.error(
                    "the secret \(reference.text) \(error.message)",
                    help: "make one with: echo whsec_$(head -c 32 /dev/urandom | base64)")
            }
        }
        guard !keys.isEmpty else { throw parts.error("has no secret", help: "a webhook must be signed") }
        return WebhookChannel(template: template, keys: keys, mode: mode, source: source)
    }
}
