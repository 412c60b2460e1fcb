import CCurl

/// What is done on a connection to a mail server before the conversation begins: greeting, STARTTLS, login.
public struct MailGreeting: Sendable {
    /// How this side calls itself: the name of a host.
    public var helo: String
    /// Whether the connection must be encrypted before anything is said: by STARTTLS where it does not begin with TLS.
    public var requiresTLS: Bool
    /// The login; nil: none.
    public var login: (user: String, password: String)?

    /// A greeting without a login.
    public init(helo: String, requiresTLS: Bool) {
        self.helo = helo
        self.requiresTLS = requiresTLS
    }
}

extension ConversationEndpoint {
    /// Makes `transfer` ready to connect, and to greet.
    func prepare(_ transfer: OpaquePointer, greeting: MailGreeting, timeout: Int64, tag: Int) -> CURLcode {
        let texts = [greeting.login?.user, greeting.login?.password]
        guard !texts.contains(where: { $0?.utf8.contains(0) == true }) else { return CURLE_BAD_FUNCTION_ARGUMENT }
        return shared.withC(timeout: timeout) { target in
            withCStrings(texts) { texts in
                var target = target
                var settings = care_mail_greeting()
                settings.user = texts[0]
                settings.password = texts[1]
                settings.requires_tls = greeting.requiresTLS ? 1 : 0
                return care_transfer_prepare_mail(transfer, &target, &settings, Int64(tag))
            }
        }
    }
}
