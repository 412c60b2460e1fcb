import CareTransport

/// What `care.json` says of a robot in a WeCom (企业微信) group.
package struct WeComSettings: ChannelSettings, Hashable {
    /// How the text is written.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        case text
        /// WeCom's Markdown.
        case markdown
    }

    /// `"type": "wecom"`.
    package static let type = "wecom"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["format", "template"]
    /// One after another, as they are to be read.
    package static let usualConcurrency = 1
    /// The robot takes 20 a minute.
    package var usualAttemptsPerSecond: Double? { 20.0 / 60 }

    /// The robot's address with its key.
    package var url: SecretReference
    /// How requests are made.
    package var http: HTTPSettings
    /// Text or Markdown.
    package var format: Format
    /// What the messages look like; nil: they are the texts of `data`.
    package var choice: TemplateChoice?

    /// Reads a robot; nil: its address is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let url = reader.secretURL(), let http = HTTPSettings(&reader, fixed: "https://qyapi.weixin.qq.com/")
        else { return nil }
        self.url = url
        self.http = http
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
        template.headers.append(("content-type", "application/json"))
        template.keptAnswerBytes = 4_096
        return WeComChannel(template: template, text: try parts.messageText(of: self), format: format)
    }
}
