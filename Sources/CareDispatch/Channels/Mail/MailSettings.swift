import CareTransport
import CareValues
import Crypto

/// What `care.json` says of mail: the server that takes it, from whom it is, and how it is left.
package struct MailSettings: ChannelSettings {
    /// `"type": "mail"`.
    package static let type = "mail"
    /// Its own.
    package static let keys = [
        "server", "tls", "user", "password", "helo", "from", "replyTo", "returnPath", "unsubscribe", "template",
        "proxy", "allowPrivateAddresses", "caFile", "clientCertificate",
    ]
    /// Each has a connection of its own; relays allow few.
    package static let usualConcurrency = 4
    /// Servers look into a mail before they take it.
    package static let usualTimeoutMilliseconds: Int64 = 60_000
    /// The ports of RFC 6409 and RFC 8314.
    static let schemes = [
        TargetURL.Scheme("smtp", port: 587), TargetURL.Scheme("smtps", port: 465, isTLS: true),
    ]

    /// How a mail says that one click unsubscribes.
    package struct Unsubscribe: Sendable {
        /// The address, with places to fill.
        var link: UnsubscribeLink
        /// Signs the token; nil: there is none.
        var secret: SecretReference?
        /// Where a mail unsubscribes to.
        var address: MailAddress?
    }

    /// As whom this side logs in.
    struct Login: Sendable {
        var user: SettingText
        var password: SecretReference
    }

    /// Where the server is, and how far it is trusted.
    package var target: TargetSettings
    /// False: `"tls": "never"`, in clear text; only for trials.
    package var usesTLS = true
    /// nil: without a login.
    var login: Login?
    /// How this side calls itself; nil: by the sender's domain.
    package var helo: String?
    /// The sender.
    package var from: Mailbox
    /// Where answers go; nil: to the sender.
    package var replyTo: Mailbox?
    /// Where bounces go, perhaps with a place for the delivery id; nil: to the sender.
    package var returnPath: String?
    /// nil: a mail does not say how it is unsubscribed.
    package var unsubscribe: Unsubscribe?
    /// Which templates.
    package var choice: TemplateChoice

    /// A template has text and a subject; it may have HTML, and say where to unsubscribe.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
        let names = unsubscribe == nil ? [] : [MailChannel.unsubscribeName]
        return (choice, TemplateNeeds(oneOf: [.text], subject: true, names: names))
    }

    /// Logs in once for each connection, and fills the templates.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        guard let templates = try parts.templates(of: self) else {
            throw parts.error("has no template", help: "a mail is made by one")
        }
        var greeting = MailGreeting(helo: helo ?? from.address.domain, requiresTLS: usesTLS)
        if let login {
            greeting.login = (user: try parts.value(login.user), password: try parts.value(login.password))
        }
        var target = try target.target(parts)
        // Greeting, TLS and login count as the making of the connection.
        target.connectTimeoutMilliseconds = min(parts.timeoutMilliseconds, 30_000)
        let path = returnPath ?? from.address.text
        let endpoint = ConversationEndpoint(target: target, mail: greeting) { SMTPConversation(returnPath: path) }
        var key: SymmetricKey?
        if let reference = unsubscribe?.secret { key = SymmetricKey(data: Array(try parts.value(reference).utf8)) }
        return MailChannel(
            endpoint: endpoint, from: from, replyTo: replyTo, unsubscribe: unsubscribe, key: key, templates: templates)
    }
}
