/// A message for one endpoint.
public struct ConversationRequest: Sendable {
    /// Where to; requests with the same endpoint share its connections.
    public var endpoint: ConversationEndpoint
    /// What is delivered.
    public var message: ConversationMessage
    /// How long after it was submitted the message may still be sent, in milliseconds; nil: until its time is over.
    public var sendWithinMilliseconds: Int64?

    /// A message for an endpoint.
    public init(endpoint: ConversationEndpoint, message: ConversationMessage) {
        self.endpoint = endpoint
        self.message = message
    }
}

/// A receiver that is spoken to over connections that are kept, each begun with greeting and login once.
public final class ConversationEndpoint: Sendable {
    /// Where it is; whether the connection begins with TLS, the URL's scheme says.
    public var target: TransferTarget { shared.target }
    let shared: SharedTarget
    let begin: @Sendable () -> any Conversation
    /// nil: no mail server.
    let greeting: MailGreeting?

    /// An endpoint.
    ///
    /// - Parameter begin: makes the conversation of a new connection.
    public init(target: TransferTarget, begin: @escaping @Sendable () -> any Conversation) {
        self.begin = begin
        greeting = nil
        shared = SharedTarget(
            target,
            dialling: "\(target.url.isTLS ? "https" : "http")://\(target.url.host):\(target.url.port)/")
    }

    /// A mail server: greeting, TLS and login are over when the conversation begins.
    public init(target: TransferTarget, mail greeting: MailGreeting, begin: @escaping @Sendable () -> any Conversation)
    {
        self.begin = begin
        self.greeting = greeting
        shared = SharedTarget(
            target,
            dialling: "\(target.url.isTLS ? "smtps" : "smtp")://\(target.url.host):\(target.url.port)/\(greeting.helo)")
    }
}
