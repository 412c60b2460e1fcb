/// What `care.json` says of one kind of destination: its own keys, read and checked. One type a channel, in the
/// channel's folder.
package protocol ChannelSettings: Sendable {
    /// The `type` in `care.json`: `webhook`.
    static var type: String { get }
    /// The keys such a destination has beside those of every destination.
    static var keys: [String] { get }
    /// How many attempts may be under way at once where `care.json` does not say: 1 … 256.
    static var usualConcurrency: Int { get }
    /// How many attempts may begin in a second where `care.json` does not say; nil: as many as can.
    var usualAttemptsPerSecond: Double? { get }

    /// How long one attempt may take where `care.json` does not say, in milliseconds.
    static var usualTimeoutMilliseconds: Int64 { get }

    /// Reads the keys; nil: something is missing or wrong, and the reader has noted what.
    init?(_ reader: inout DestinationReader)

    /// Which template its messages are made by, and what it needs of one; nil: it has none.
    var template: (choice: TemplateChoice, needs: TemplateNeeds)? { get }

    /// The channel, ready for use.
    ///
    /// - Throws: ``DestinationError``: a secret is missing or malformed; its value is never repeated.
    func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel
}

extension ChannelSettings {
    /// 15 s.
    package static var usualTimeoutMilliseconds: Int64 { 15_000 }

    /// Without a template: what is sent is the event itself.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? { nil }
    /// As many as can.
    package var usualAttemptsPerSecond: Double? { nil }
}

/// Every kind of destination there is.
package enum ChannelKinds {
    /// In the order of the manual.
    package static let all: [any ChannelSettings.Type] = [
        WebhookSettings.self, QueueSettings.self, QueueServiceSettings.self, TopicServiceSettings.self,
        KafkaSettings.self, MQTTSettings.self, NATSSettings.self, RedisSettings.self, MailSettings.self,
        PubSubSettings.self, ServiceBusSettings.self, WeComSettings.self, DingTalkSettings.self, FeishuSettings.self,
        SlackSettings.self, TelegramSettings.self, TwilioSettings.self, AliyunSMSSettings.self,
        FileSettings.self, StandardOutputSettings.self,
    ]
}

/// What a channel is made of beside its own settings.
package struct ChannelParts {
    /// The destination's name, for errors.
    package var destination: String
    /// Where secrets are found.
    package var secrets: SecretSource
    /// How long one attempt may take.
    package var timeoutMilliseconds: Int64
    /// The templates that messages can be made by.
    package var templates = MessageTemplates.none

    /// The secret behind a reference.
    func value(_ reference: SecretReference) throws(DestinationError) -> String {
        try secrets.value(reference, for: destination)
    }

    /// A text as it is written, or the secret behind its reference.
    func value(_ text: SettingText) throws(DestinationError) -> String {
        switch text {
        case .literal(let value): value
        case .secret(let reference): try value(reference)
        }
    }

    /// The templates that settings name.
    func templates(of settings: some ChannelSettings) throws(DestinationError) -> ChosenTemplates? {
        guard let (choice, needs) = settings.template else { return nil }
        return try ChosenTemplates(choice, needs, self)
    }

    /// An error about this destination.
    func error(_ message: String, help: String) -> DestinationError {
        DestinationError(destination: destination, message: message, help: help)
    }
}

/// A text in `care.json`, or the reference to a secret one.
package enum SettingText: Sendable, Hashable {
    case literal(String)
    case secret(SecretReference)
}
