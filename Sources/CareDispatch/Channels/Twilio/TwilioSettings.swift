import CareTransport
import CareValues

/// What `care.json` says of text messages by Twilio.
package struct TwilioSettings: ChannelSettings, Hashable {
    /// As whom messages are sent.
    package enum Sender: Sendable, Hashable {
        /// A number of one's own, `+15557122661`, or a sender's name where the country allows one.
        case number(String)
        /// A messaging service, which chooses the number: `MG…`.
        case service(String)
    }

    /// `"type": "twilio"`.
    package static let type = "twilio"
    /// Those of HTTP, and its own.
    package static let keys =
        HTTPSettings.keys.filter { $0 != "url" } + [
            "accountSid", "authToken", "from", "messagingServiceSid", "statusCallback", "endpoint", "template",
        ]
    /// Twilio queues what it accepts.
    package static let usualConcurrency = 8

    /// The account.
    package var account: SettingText
    /// Its token.
    package var token: SecretReference
    /// Number or messaging service.
    package var sender: Sender
    /// Where Twilio reports what became of a message; nil: nowhere.
    package var statusCallback: String?
    /// How requests are made, and the root of the API.
    package var http: HTTPSettings
    /// What the messages look like; nil: they are the texts of `data`.
    package var choice: TemplateChoice?

    /// Reads an account; nil: account, token or sender is missing.
    package init?(_ reader: inout DestinationReader) {
        let node = reader.node
        let account = reader.requiredText("accountSid")
        let token = reader.requiredReference("authToken")
        let http = HTTPSettings(&reader, url: ("endpoint", "https://api.twilio.com"))
        guard (node["from"] == nil) != (node["messagingServiceSid"] == nil) else {
            reader.fail(
                node, "config.missing-key",
                "destination '\(reader.name)' needs either from or messagingServiceSid",
                #"for example "from": "+15557122661""#)
            return nil
        }
        var sender: Sender?
        if let value = node["from"] { sender = reader.string(value).map { .number($0) } }
        if let value = node["messagingServiceSid"] { sender = reader.string(value).map { .service($0) } }
        if node["statusCallback"] != nil { statusCallback = reader.url("statusCallback")?.text }
        guard let account, let token, let sender, let http else { return nil }
        self.account = account
        self.token = token
        self.sender = sender
        self.http = http
        choice = TemplateChoice(&reader)
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
        choice.map { ($0, TemplateNeeds(oneOf: [.text], subject: false)) }
    }

    /// Sends in the account's name.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try http.template(parts)
        let account = try parts.word(account)
        template.basic = (account, try parts.word(token))
        template.headers.append(("content-type", "application/x-www-form-urlencoded"))
        // The answer repeats the text, each of its 1,600 units as six characters where it likes.
        template.keptAnswerBytes = 32_768
        var root = http.url.text
        while root.hasSuffix("/") { root.removeLast() }
        do throws(TargetURL.Problem) {
            template.target.url = try TargetURL(
                "\(root)/2010-04-01/Accounts/\(PercentEncoding.text(account))/Messages.json")
        } catch {
            throw parts.error("endpoint and accountSid make no URL", help: "endpoint is the root of the API")
        }
        return TwilioChannel(
            template: template, text: try parts.messageText(of: self), sender: sender, statusCallback: statusCallback)
    }
}
