import CareTransport

/// What `care.json` says of a custom robot in a DingTalk (钉钉) group.
package struct DingTalkSettings: ChannelSettings, Hashable {
    /// How the text is written.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        case text
        /// DingTalk's Markdown, under a title.
        case markdown
    }

    /// `"type": "dingtalk"`.
    package static let type = "dingtalk"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["secret", "format", "template"]
    /// One after another, as they are to be read.
    package static let usualConcurrency = 1
    /// The robot takes 20 a minute and mutes itself for ten minutes above that: some way below.
    package var usualAttemptsPerSecond: Double? { 18.0 / 60 }

    /// The robot's address with its token.
    package var url: SecretReference
    /// What signs; nil: the robot is protected by keywords or addresses.
    package var secret: SecretReference?
    /// How requests are made.
    package var http: HTTPSettings
    /// Text or Markdown.
    package var format: Format
    /// What the messages look like; nil: they are the texts of `data`.
    package var choice: TemplateChoice?

    /// Reads a robot; nil: its address is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let url = reader.secretURL(), let http = HTTPSettings(&reader, fixed: "https://oapi.dingtalk.com/")
        else { return nil }
        self.url = url
        self.http = http
        secret = reader.node["secret"].flatMap { reader.reference($0, "secret") }
        format = reader.choice("format")
        choice = TemplateChoice(&reader)
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
        choice.map { ($0, TemplateNeeds(oneOf: format == .text ? [.text] : [.markdown], subject: false)) }
    }

    /// Speaks through the robot.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        template.target.url = try parts.url(url)
        template.headers.append(("content-type", "application/json; charset=utf-8"))
        template.keptAnswerBytes = 4_096
        var key: String?
        if let secret { key = try parts.word(secret) }
        return DingTalkChannel(
            template: template, text: try parts.messageText(of: self), secret: key, format: format)
    }
}
