import CareTransport
import CareValues

/// A named place to deliver to, as `care.json` describes it; secrets are references still.
public struct DestinationSettings: Sendable, Hashable {
    /// How it is spoken to.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A signed HTTP POST.
        case webhook
        /// A message published through RabbitMQ's management HTTP API.
        case queue
    }

    /// Which addresses besides public ones may be dialled.
    public enum PrivateAddresses: Sendable, Hashable {
        case refused
        /// Loopback, RFC 1918, carrier-grade NAT, IPv6 unique local.
        case allowed
        /// Only these blocks.
        case blocks([String])
    }

    /// A header that every request carries.
    public struct Header: Sendable, Hashable {
        /// Its name, a token of RFC 9110.
        public var name: String
        /// Its value, or where to find it.
        public var value: Text

        /// A header.
        public init(name: String, value: Text) {
            self.name = name
            self.value = value
        }
    }

    /// A text, or the reference to a secret one.
    public enum Text: Sendable, Hashable {
        case literal(String)
        case secret(SecretReference)
    }

    /// What only a queue has.
    public struct Queue: Sendable, Hashable {
        /// The broker's user.
        public var user: Text
        /// Its password.
        public var password: SecretReference
        /// The virtual host, `/` by default.
        public var virtualHost: String
        /// The exchange; `amq.default`, the default one, leads by the queue's name.
        public var exchange: String
        /// The routing key: with the default exchange the queue's name.
        public var routingKey: String

        /// A queue with all its parts.
        public init(
            user: Text, password: SecretReference, virtualHost: String, exchange: String, routingKey: String
        ) {
            self.user = user
            self.password = password
            self.virtualHost = virtualHost
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    /// The name rules use.
    public var name: String
    /// How it is spoken to.
    public var kind: Kind
    /// Where it is; of a queue the address of the management API.
    public var url: TargetURL
    /// The secrets that sign, the current one first; webhooks only.
    public var secrets: [SecretReference]
    /// Further headers.
    public var headers: [Header]
    /// How many attempts may be under way at once, 1 … 256.
    public var concurrency: Int
    /// How many attempts may begin in a second; nil: as many as can.
    public var attemptsPerSecond: Double?
    /// How long one attempt may take, in milliseconds.
    public var timeoutMilliseconds: Int64
    /// Which addresses besides public ones may be dialled.
    public var privateAddresses: PrivateAddresses
    /// A PEM file of certificate authorities instead of the system's.
    public var authoritiesFile: String?
    /// HTTP/2 where it is offered.
    public var prefersHTTP2: Bool
    /// The waits between attempts.
    public var retry: RetrySchedule
    /// The CloudEvents `source`.
    public var source: String
    /// Of a queue.
    public var queue: Queue?

    /// A destination with the usual settings: 16 at once (a queue: 4), 15 s, public addresses only.
    public init(name: String, kind: Kind, url: TargetURL) {
        self.name = name
        self.kind = kind
        self.url = url
        secrets = []
        headers = []
        concurrency = kind == .queue ? 4 : 16
        attemptsPerSecond = nil
        timeoutMilliseconds = 15_000
        privateAddresses = .refused
        authoritiesFile = nil
        prefersHTTP2 = false
        retry = .standard
        source = "/care"
        queue = nil
    }
}
