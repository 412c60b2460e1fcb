import CareTransport
import CareValues

extension MailSettings {
    /// Reads a mail server; nil: server, sender or template is missing or wrong.
    package init?(_ reader: inout DestinationReader) {
        let node = reader.node
        for key in ["from", "template"] where node[key] == nil {
            reader.fail(
                node, "config.missing-key", "destination '\(reader.name)' has no \(key)",
                key == "from"
                    ? #"write "from": "Acme Care <care@acme.example>""# : "a mail is made by a template, see the manual"
            )
        }
        let target = TargetSettings(&reader, url: ("server", nil), schemes: Self.schemes)
        let from = node["from"].flatMap { reader.mailbox($0) }
        let choice = TemplateChoice(&reader)
        guard let target, let from, let choice else { return nil }
        self.target = target
        self.from = from
        self.choice = choice
        if target.url.hasPath {
            reader.fail(
                node["server"] ?? node, "config.bad-url", "the server of destination '\(reader.name)' has a path",
                "write smtp://host:port; helo says how this side calls itself")
        }
        if let value = node["replyTo"] { replyTo = reader.mailbox(value) }
        if let value = node["returnPath"] { returnPath = Self.returnPath(value, &reader) }
        if let value = node["helo"], let text = reader.string(value) {
            if (try? MailAddress("x@\(text)")) == nil {
                reader.fail(value, "config.bad-value", "helo is the name of a host, in ASCII", "care.acme.example")
            }
            helo = text
        }
        if let value = node["unsubscribe"] { unsubscribe = Self.unsubscribe(value, &reader) }
        readLogin(&reader)
    }

    private mutating func readLogin(_ reader: inout DestinationReader) {
        let node = reader.node
        if let value = node["tls"], let word = reader.word(value, of: ["required", "never"]) {
            usesTLS = word == "required"
            if !usesTLS, target.url.isTLS {
                reader.fail(value, "config.bad-value", "smtps is TLS", "write smtp:// for a trial in clear text")
            }
        }
        switch (node["user"], node["password"]) {
        case (nil, nil): break
        case (let user?, let password?):
            guard let name = reader.text(user), let reference = reader.reference(password, "password") else { return }
            if !usesTLS {
                reader.fail(password, "config.bad-value", "a password is not sent without TLS", "leave \"tls\" out")
            }
            login = Login(user: name, password: reference)
        case (let value, let other):
            reader.fail(
                value ?? other ?? node, "config.missing-key", "user and password belong together",
                "leave both out for a server that asks for no login")
        }
    }

    private static func returnPath(_ node: JSONNode, _ reader: inout DestinationReader) -> String? {
        guard let text = reader.string(node) else { return nil }
        // As long as an id can be.
        let sample = text.replacing(SMTPConversation.idPlace, with: "dlv_" + String(repeating: "a", count: 26))
        do throws(MailAddress.Problem) {
            guard !sample.contains("{{") else { throw .malformed }
            _ = try MailAddress(sample)
            return text
        } catch {
            reader.fail(
                node, "config.bad-value", "returnPath: \(error.message)",
                "bounces@acme.example, or bounces+{{id}}@acme.example to know of which mail")
            return nil
        }
    }

    private static func unsubscribe(_ node: JSONNode, _ reader: inout DestinationReader) -> Unsubscribe? {
        let keys = ["url", "secret", "address"]
        let help = #"write { "url": "https://acme.example/u?c={{customer.id}}&t={{token}}", "secret": "env:NAME" }"#
        guard reader.refuseOtherKeys(node, than: keys, in: "unsubscribe"), let url = node["url"] else {
            reader.fail(node, "config.missing-key", "unsubscribe needs a url", help)
            return nil
        }
        guard let text = reader.string(url) else { return nil }
        let link: UnsubscribeLink
        do throws(UnsubscribeLink.Problem) {
            link = try UnsubscribeLink(text)
        } catch {
            switch error {
            case .notHTTPS:
                reader.fail(url, "config.bad-url", "one click unsubscribes by https only", help)
            case .unclosed: reader.fail(url, "config.bad-url", "'{{' is not closed", help)
            case .placeInHost: reader.fail(url, "config.bad-url", "the host of a link is not filled in", help)
            case .malformed: reader.fail(url, "config.bad-url", "not a URL", help)
            case .unknownName(let name):
                reader.fail(
                    url, "config.bad-value", "there is no '\(name)' for a link",
                    nearest(name, in: UnsubscribeLink.names).map { "did you mean '\($0)'?" }
                        ?? "known: \(reader.list(UnsubscribeLink.names))")
            }
            return nil
        }
        var settings = Unsubscribe(link: link)
        if let value = node["secret"] { settings.secret = reader.reference(value, "secret") }
        if link.isSigned != (node["secret"] != nil) {
            reader.fail(
                node, "config.missing-key",
                link.isSigned ? "{{token}} needs a secret" : "the secret signs nothing: the url has no {{token}}", help)
        }
        if let value = node["address"] { settings.address = reader.mailbox(value)?.address }
        return settings
    }
}

extension DestinationReader {
    /// An address with a name, or without.
    mutating func mailbox(_ node: JSONNode) -> Mailbox? {
        guard let text = string(node) else { return nil }
        do throws(MailAddress.Problem) {
            return try Mailbox(text)
        } catch {
            fail(node, "config.bad-value", error.message, "for example Acme Care <care@acme.example>")
            return nil
        }
    }
}
