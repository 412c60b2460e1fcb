import CareStore
import CareTransport
import CareValues
import Crypto
import Testing

@testable import CareDispatch

@Suite struct MailSettingsTests {
    static let start = #""type": "mail", "server": "smtp://mail.example", "from": "a@b.example", "template": "t""#

    @Test func `reads a mail server with every key`() throws {
        let (settings, findings) = try DestinationSettingsTests.read(
            #"""
            { "mail": { "type": "mail", "server": "smtp://mail.example:2525", "tls": "required", "user": "care",
                "password": "env:P", "helo": "care.acme.example", "from": "Acme Care <care@acme.example>",
                "replyTo": "Help <help@acme.example>", "returnPath": "bounces+{{id}}@acme.example",
                "unsubscribe": { "url": "https://acme.example/u?c={{customer.id}}&t={{ token }}", "secret": "env:U",
                                 "address": "out@acme.example" },
                "template": { "care.birthday": "birthday", "*": "note" }, "caFile": "ca.pem",
                "allowPrivateAddresses": true } }
            """#)
        #expect(findings.isEmpty)
        let mail = try #require(settings.first?.channel as? MailSettings)
        #expect(mail.target.url.host == "mail.example" && mail.target.url.port == 2525 && !mail.target.url.isTLS)
        #expect(mail.usesTLS && mail.login?.user == .literal("care") && mail.login?.password == .environment("P"))
        #expect(mail.helo == "care.acme.example" && mail.from.name == "Acme Care")
        #expect(mail.from.address.text == "care@acme.example" && mail.replyTo?.address.text == "help@acme.example")
        #expect(
            mail.returnPath == "bounces+{{id}}@acme.example" && mail.unsubscribe?.address?.text == "out@acme.example")
        #expect(mail.choice.name(for: "care.birthday") == "birthday" && mail.choice.name(for: "x") == "note")
        #expect(mail.target.authoritiesFile == "ca.pem" && mail.target.privateAddresses == .allowed)
    }

    @Test func `gives what is not said`() throws {
        let (settings, findings) = try DestinationSettingsTests.read("{ \"m\": { \(Self.start) } }")
        #expect(findings.isEmpty)
        let destination = try #require(settings.first)
        let mail = try #require(destination.channel as? MailSettings)
        #expect(mail.target.url.port == 587 && mail.usesTLS && mail.login == nil && mail.helo == nil)
        #expect(destination.concurrency == 4 && destination.timeoutMilliseconds == 60_000)
        let other = try DestinationSettingsTests.read(
            "{ \"m\": { \(Self.start.replacing("smtp://", with: "smtps://")) } }")
        #expect((other.settings.first?.channel as? MailSettings)?.target.url.port == 465)
    }

    static let mistakes: [(members: String, findings: [String])] = [
        (#""type": "mail""#, ["has no from", "has no template", "has no server"]),
        (start.replacing("smtp://", with: "http://"), ["begins with none of smtp:// and smtps://"]),
        (start.replacing("mail.example", with: "u:hunter2@mail.example"), ["holds a user name or password"]),
        (start.replacing("mail.example", with: "mail.example/x"), ["has a path"]),
        (start.replacing("a@b.example", with: "a@b.example, c@d.example"), ["must be one"]),
        (start.replacing(#""t""#, with: "{}"), ["template names no template"]),
        (start + #", "tls": "maybe""#, ["must be one of required and never"]),
        (start + #", "user": "x""#, ["user and password belong together"]),
        (start + #", "user": "x", "password": "hunter2""#, ["must be a reference"]),
        (start + #", "user": "x", "password": "env:P", "tls": "never""#, ["not sent without TLS"]),
        (start.replacing("smtp:", with: "smtps:") + #", "tls": "never""#, ["smtps is TLS"]),
        (start + #", "helo": "a b""#, ["the name of a host"]),
        (start + #", "returnPath": "x\r\nRCPT TO:<y@z.example>""#, ["returnPath: "]),
        (start + #", "returnPath": "b+{{customer}}@acme.example""#, ["returnPath: "]),
        (start + #", "unsubscribe": "https://a.example""#, ["unsubscribe needs a url"]),
        (start + #", "unsubscribe": { "url": "http://a.example" }"#, ["by https only"]),
        (start + #", "unsubscribe": { "url": "https://a.example/{{custmer.id}}" }"#, ["there is no 'custmer.id'"]),
        (start + #", "unsubscribe": { "url": "https://{{customer.id}}.a.example/" }"#, ["the host of a link"]),
        (start + #", "unsubscribe": { "url": "https://a.example/{{id" }"#, ["not closed"]),
        (start + #", "unsubscribe": { "url": "https://a.example/>x" }"#, ["not a URL"]),
        (start + #", "unsubscribe": { "url": "https://a.example/{{token}}" }"#, ["{{token}} needs a secret"]),
        (start + #", "unsubscribe": { "url": "https://a.example/", "secret": "env:S" }"#, ["signs nothing"]),
        (start + #", "unsubscribe": { "url": "https://a.example/", "key": 1 }"#, ["unknown key 'key' in unsubscribe"]),
        (start + #", "url": "x", "headers": {}"#, ["unknown key 'url'", "unknown key 'headers'"]),
    ]

    @Test(arguments: mistakes) func `finds mistakes`(_ test: (members: String, findings: [String])) throws {
        let (settings, findings) = try DestinationSettingsTests.read("{ \"m\": { \(test.members) } }")
        #expect(settings.isEmpty)
        let said = findings.map { "\($0.code) \($0.message)" }
        #expect(said.count == test.findings.count, "\(said)")
        for expected in test.findings { #expect(said.contains { $0.contains(expected) }, "\(said)") }
        #expect(!findings.contains { "\($0.message) \($0.help ?? "")".contains("hunter2") })
    }

    // MARK: The channel

    static func channel(
        _ more: String = "", _ files: [String: String] = ["t.txt": "Subject: Hi {{data.name}}\n\nDear {{data.name}}"]
    ) throws -> any Channel {
        let (settings, findings) = try DestinationSettingsTests.read("{ \"m\": { \(start)\(more) } }")
        #expect(findings.isEmpty)
        let secrets = SecretSource(environment: { ["S": "secret", "P": "pw"][$0] }, file: { _ in nil })
        return try Destination(
            try #require(settings.first), secrets: secrets, templates: try TemplateTests.templates(files)
        ).channel
    }

    static func order(_ data: String = #"{"name":"Ann"}"#, address: String = "ann@example.com") -> NewDelivery {
        var order = TemplateTests.order(data)
        order.address = address
        return order
    }

    static func lines(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    }

    @Test func `makes the same mail on every attempt, under an id that stays`() throws {
        let channel = try Self.channel()
        let order = Self.order()
        let body = try channel.body(of: order)
        #expect(try channel.body(of: order) == body)
        let lines = Self.lines(body)
        #expect(lines.contains("Message-ID: <\(order.id.text)@b.example>"))
        #expect(lines.contains("Subject: Hi Ann") && lines.contains("Dear Ann"))
        #expect(channel.repeatsSafely)
        let request = try #require(channel.request(for: order, body: body, now: order.decidedAt).conversation)
        #expect(request.message == ConversationMessage(id: order.id.text, subject: "ann@example.com", body: body))
    }

    @Test func `signs the link that unsubscribes, for the header and for templates`() throws {
        let channel = try Self.channel(
            #", "unsubscribe": { "url": "https://b.example/u?c={{customer.id}}&t={{token}}", "secret": "env:S" }"#,
            ["t.txt": "Subject: x\n\n{{unsubscribe}}", "t.html": "<a href=\"{{unsubscribe}}\">"])
        var order = Self.order()
        order.customer = "客 1"
        let key = SymmetricKey(data: Array("secret".utf8))
        let token = UnsubscribeLink.token(of: "客 1", key: key)
        #expect(token == "wOh9aitaZDUsgE-hVonVONiQbzkbITRDxPNjzD69rds")
        let url = "https://b.example/u?c=%E5%AE%A2%201&t=\(token)"
        let lines = Self.lines(try channel.body(of: order))
        #expect(lines.contains("List-Unsubscribe: <\(url)>"))
        #expect(lines.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
        let text = lines.joined(separator: "\n").replacing("=\n", with: "").replacing("=3D", with: "=")
        #expect(text.contains("\n\(url)\n") && text.contains(url.replacing("&", with: "&amp;")))
    }

    static let unsendable: [(data: String, address: String, reason: String)] = [
        ("{}", "ann@example.com", "template t.txt: no value for data.name"),
        (#"{"name":"A"}"#, "", "to: no address"),
        (
            #"{"name":"A"}"#, "a@b.example\r\nRCPT TO:<x@y.z>",
            "to: the address must be one, without a name: ann@example.com"
        ),
        (
            #"{"name":"A"}"#, "a@bücher.example",
            "to: the address has letters outside ASCII: its domain can be written as xn--…"
        ),
    ]

    @Test(arguments: unsendable) func `makes no mail of what cannot be sent`(
        _ test: (data: String, address: String, reason: String)
    ) throws {
        let channel = try Self.channel()
        #expect(throws: Unsendable(test.reason)) { try channel.body(of: Self.order(test.data, address: test.address)) }
    }

    @Test func `makes no mail without a subject, nor with a link longer than a line`() throws {
        let channel = try Self.channel("", ["t.txt": "Subject: {{data.name}}\n\nx"])
        #expect(throws: Unsendable("template: the subject is empty")) {
            try channel.body(of: Self.order(#"{"name":" \r\n"}"#))
        }
        let linked = try Self.channel(#", "unsubscribe": { "url": "https://b.example/{{customer.id}}" }"#)
        var order = Self.order()
        order.customer = String(repeating: "x", count: 882)
        _ = try linked.body(of: order)
        order.customer += "x"
        #expect(throws: Unsendable("unsubscribe: the link is too long")) { try linked.body(of: order) }
    }

    @Test func `judges what the exchange came to`() throws {
        let channel = try Self.channel()
        let now = Timestamp(milliseconds: 0)
        #expect(channel.result(of: .accepted, now: now).kind == .delivered)
        #expect(channel.result(of: .refused(code: 550, detail: "5.1.1 to RCPT TO"), now: now).kind == .permanent)
        #expect(
            channel.result(of: .failure(TransportError(.connectionLost, requestBegun: false)), now: now).kind == .failed
        )
        #expect(
            channel.result(of: .failure(TransportError(.connectionLost, requestBegun: true)), now: now).kind == .unknown
        )
        #expect(channel.result(of: .failure(TransportError(.tlsFailed)), now: now).kind == .failed)
    }
}
