import CareStore
import CareTransport
import CareValues

/// A destination ready for use: its secrets read, its channel made.
public struct Destination: Sendable {
    /// As set.
    public let settings: DestinationSettings
    /// How it is spoken to.
    let channel: any Channel

    /// The name rules use.
    public var name: String { settings.name }

    /// A destination that speaks through `channel`: for tests, and for channels made elsewhere.
    package init(settings: DestinationSettings, channel: any Channel) {
        self.settings = settings
        self.channel = channel
    }

    /// The bytes that a receiver of this order gets.
    public func body(of order: NewDelivery) -> [UInt8] { channel.body(of: order) }

    /// Reads the secrets and makes the channel.
    ///
    /// - Throws: ``DestinationError`` that names what is missing or malformed, never its value.
    public init(_ settings: DestinationSettings, secrets source: SecretSource) throws(DestinationError) {
        let name = settings.name
        var headers: [(name: String, value: String)] = [("user-agent", "care/1.0")]
        for header in settings.headers {
            let value = try Self.value(header.value, source, name)
            guard HeaderText.isValue(value) else {
                throw DestinationError(
                    destination: name, message: "the secret for the header \(header.name) holds a control character",
                    help: "a header is one line of text")
            }
            headers.removeAll { $0.name == header.name.lowercased() }
            headers.append((header.name, value))
        }
        let addresses: AddressPolicy
        switch settings.privateAddresses {
        case .refused: addresses = .publicOnly
        case .allowed: addresses = .publicAndPrivate
        case .blocks(let blocks):
            guard let policy = AddressPolicy(allowing: blocks) else {
                throw DestinationError(
                    destination: name, message: "allowPrivateAddresses holds what is not an address block",
                    help: "for example 10.1.0.0/16")
            }
            addresses = policy
        }
        var template = HTTPRequest(
            method: "POST", url: settings.url, headers: headers, body: [],
            timeoutMilliseconds: settings.timeoutMilliseconds,
            connectTimeoutMilliseconds: min(settings.timeoutMilliseconds, 5_000), addresses: addresses,
            authoritiesFile: settings.authoritiesFile, prefersHTTP2: settings.prefersHTTP2, keptAnswerBytes: 0)
        self.settings = settings
        switch settings.kind {
        case .webhook:
            template.headers.append(("content-type", CloudEvent.contentType))
            var secrets: [WebhookSecret] = []
            for reference in settings.secrets {
                let text = try source.value(reference, for: name)
                do throws(WebhookSecret.Problem) {
                    secrets.append(try WebhookSecret(text))
                } catch {
                    throw DestinationError(
                        destination: name, message: "the secret \(reference.text) \(error.message)",
                        help: "make one with: echo whsec_$(head -c 32 /dev/urandom | base64)")
                }
            }
            guard !secrets.isEmpty else {
                throw DestinationError(destination: name, message: "has no secret", help: "a webhook must be signed")
            }
            channel = WebhookChannel(template: template, secrets: secrets, source: settings.source)
        case .queue:
            guard let queue = settings.queue else {
                throw DestinationError(
                    destination: name, message: "has no user, password and routingKey", help: "a queue needs them")
            }
            template.headers.append(("content-type", "application/json"))
            template.basic = (try Self.value(queue.user, source, name), try source.value(queue.password, for: name))
            template.url = try Self.publishURL(settings.url, queue, name)
            template.keptAnswerBytes = 4_096
            channel = QueueChannel(template: template, routingKey: queue.routingKey, source: settings.source)
        }
    }

    private static func value(
        _ text: DestinationSettings.Text, _ source: SecretSource, _ name: String
    ) throws(DestinationError) -> String {
        switch text {
        case .literal(let value): value
        case .secret(let reference): try source.value(reference, for: name)
        }
    }

    private static func publishURL(
        _ base: TargetURL, _ queue: DestinationSettings.Queue, _ name: String
    ) throws(DestinationError) -> TargetURL {
        var root = base.text
        while root.hasSuffix("/") { root.removeLast() }
        let path = "/api/exchanges/\(percentEncoded(queue.virtualHost))/\(percentEncoded(queue.exchange))/publish"
        do throws(TargetURL.Problem) {
            return try TargetURL(root + path)
        } catch {
            throw DestinationError(
                destination: name, message: "url, vhost and exchange make no URL", help: "url is the broker's API")
        }
    }

    /// A segment of a path: everything but unreserved characters as `%XX`.
    private static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                encoded += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return encoded
    }
}
