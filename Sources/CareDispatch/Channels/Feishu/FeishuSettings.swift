import CareTransport

/// What `care.json` says of a custom bot in a Feishu (飞书) or Lark group.
package struct FeishuSettings: ChannelSettings, Hashable {
    /// `"type": "feishu"`.
    package static let type = "feishu"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["secret", "template"]
    /// One after another, as they are to be read.
    package static let usualConcurrency = 1
    /// The bot takes 100 a minute.
    package var usualAttemptsPerSecond: Double? { 100.0 / 60 }

    /// The bot's address.
    package var url: SecretReference
    /// What signs; nil: the bot is protected by keywords or addresses.
    package var secret: SecretReference?
    /// How requests are made.
    package var http: HTTPSettings
    /// What the messages look like; nil: they are the texts of `data`.
    package var choice: TemplateChoice?

    /// Reads a bot; nil: its address is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let url = reader.secretURL(), let http = HTTPSettings(&reader, fixed: "https://open.feishu.cn/")
        else { return nil }
        self.url = url
        self.http = http
        choice = TemplateChoice(&reader)
        secret = reader.node["secret"].flatMap { reader.reference($0, "secret") }
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
        choice.map { ($0, TemplateNeeds(oneOf: [.text], subject: false)) }
    }

    /// Speaks through the bot.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        template.target.url = try parts.url(url)
        template.headers.append(("content-type", "application/json; charset=utf-8"))
        template.keptAnswerBytes = 4_096
        var key: String?
        if let secret { key = try parts.word(secret) }
        return FeishuChannel(template: template, text: try parts.messageText(of: self), secret: key)
    }
}
