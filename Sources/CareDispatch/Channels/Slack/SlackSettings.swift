import CareTransport

/// What `care.json` says of Slack: an incoming webhook by its address, or an app by its token.
package struct SlackSettings: ChannelSettings, Hashable {
    /// How Slack is reached.
    package enum Way: Sendable, Hashable {
        /// An incoming webhook: its address is the secret, its channel is fixed.
        case webhook(SecretReference)
        /// `chat.postMessage` with a bot's token; the channel unless an action's `to` names one.
        case app(token: SecretReference, channel: String?)
    }

    /// `"type": "slack"`.
    package static let type = "slack"
    /// Those of HTTP, and its own.
    package static let keys = HTTPSettings.keys + ["token", "channel", "endpoint", "template"]
    /// One after another, as they are to be read.
    package static let usualConcurrency = 1
    /// Slack takes one a second.
    package var usualAttemptsPerSecond: Double? { 1 }

    /// Webhook or app.
    package var way: Way
    /// How requests are made; of an app also where to.
    package var http: HTTPSettings
    /// What the messages look like; nil: they are the texts of `data`.
    package var choice: TemplateChoice?

    /// Reads a webhook or an app; nil: neither address nor token is there, or both are.
    package init?(_ reader: inout DestinationReader) {
        let node = reader.node
        choice = TemplateChoice(&reader)
        guard (node["url"] == nil) != (node["token"] == nil) else {
            reader.fail(
                node, "config.missing-key", "destination '\(reader.name)' needs either url or token",
                "url: an incoming webhook's address; token: a bot's, with channel; both as env:NAME or file:PATH")
            return nil
        }
        if node["url"] != nil {
            for key in ["channel", "endpoint"] {
                guard let value = node[key] else { continue }
                reader.fail(value, "config.bad-value", "\(key) goes with token: a webhook's is fixed")
            }
            guard let url = reader.secretURL(), let http = HTTPSettings(&reader, fixed: "https://hooks.slack.com/")
            else { return nil }
            way = .webhook(url)
            self.http = http
        } else {
            let usual = "https://slack.com/api/chat.postMessage"
            guard let token = reader.requiredReference("token"),
                let http = HTTPSettings(&reader, ownHeaders: ["authorization"], url: ("endpoint", usual))
            else { return nil }
            way = .app(token: token, channel: node["channel"].flatMap { reader.string($0) })
            self.http = http
        }
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
        choice.map { ($0, TemplateNeeds(oneOf: [.text], subject: false)) }
    }

    /// Speaks through the webhook or as the app.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        template.headers.append(("content-type", "application/json; charset=utf-8"))
        switch way {
        case .webhook(let url):
            template.keptAnswerBytes = 8_192
            template.target.url = try parts.url(url)
            return SlackWebhookChannel(template: template, text: try parts.messageText(of: self))
        case .app(let token, let channel):
            // The answer repeats the text twice, as such and in blocks; each of 40,000 characters may take twelve.
            template.keptAnswerBytes = 1_048_576
            template.headers.append(("authorization", "Bearer \(try parts.word(token))"))
            return SlackAppChannel(template: template, text: try parts.messageText(of: self), channel: channel)
        }
    }
}
