import CareTransport

/// What `care.json` says of a Telegram bot.
package struct TelegramSettings: ChannelSettings, Hashable {
    /// How the text is written.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        /// Nothing in it has a meaning.
        case text
        /// Telegram's few tags; what is no tag is to be escaped by whoever writes the text.
        case html
    }

    /// `"type": "telegram"`.
    package static let type = "telegram"
    /// Those of HTTP, and its own.
    package static let keys =
        HTTPSettings.keys.filter { $0 != "url" } + ["token", "chat", "format", "endpoint", "template"]
    /// The bot answers within some 100 ms.
    package static let usualConcurrency = 4
    /// A bot takes some 30 a second, of which one a second to one chat; a group takes 20 a minute.
    package var usualAttemptsPerSecond: Double? { chat == nil ? 25 : 20.0 / 60 }

    /// The bot's token.
    package var token: SecretReference
    /// Where a message goes whose action has no `to`: a chat's number or `@name`.
    package var chat: String?
    /// Text or HTML.
    package var format: Format
    /// How requests are made, and the root of the API.
    package var http: HTTPSettings
    /// What the messages look like; nil: they are the texts of `data`.
    package var choice: TemplateChoice?

    /// Reads a bot; nil: its token is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let token = reader.requiredReference("token"),
            let http = HTTPSettings(&reader, url: ("endpoint", "https://api.telegram.org"))
        else { return nil }
        self.token = token
        self.http = http
        format = reader.choice("format")
        choice = TemplateChoice(&reader)
        if let value = reader.node["chat"] {
            chat = value.number.flatMap { Int64(exactly: $0) }.map(String.init) ?? reader.string(value)
        }
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
        choice.map { ($0, TemplateNeeds(oneOf: format == .text ? [.text] : [.html], subject: false)) }
    }

    /// Speaks as the bot.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        var root = http.url.text
        while root.hasSuffix("/") { root.removeLast() }
        let token = try parts.word(token)
        do throws(TargetURL.Problem) {
            // The colon in it is one that the API expects as it is.
            let word = PercentEncoding.encoded(token) {
                $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "%")
            }
            template.target.url = try TargetURL("\(root)/bot\(word)/sendMessage")
        } catch {
            throw parts.error("endpoint and token make no URL", help: "endpoint is the root of the Bot API")
        }
        template.headers.append(("content-type", "application/json"))
        // The answer repeats the text, each of its 4,096 units as six characters where it likes, and whom it went to.
        template.keptAnswerBytes = 65_536
        return TelegramChannel(
            template: template, text: try parts.messageText(of: self), chat: chat, format: format)
    }
}
