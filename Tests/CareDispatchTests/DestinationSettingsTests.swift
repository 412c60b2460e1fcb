import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct DestinationSettingsTests {
    static func read(_ text: String) throws -> (settings: [DestinationSettings], findings: [Diagnostic]) {
        let document = try JSONDocument(file: "care.json", bytes: Array(text.utf8))
        var findings: [Diagnostic] = []
        let settings = DestinationSettings.read(document.root, document, &findings)
        return (settings, findings)
    }

    @Test func `reads a webhook with every key`() throws {
        let (settings, findings) = try Self.read(
            """
            { "crm": { "type": "webhook", "url": "https://crm.example/care", "secret": ["env:NEW", "file:secrets/old"],
                "headers": { "Authorization": "env:TOKEN", "X-Shop": "1" }, "concurrency": 32, "rate": 12.5,
                "timeout": "PT30S", "retry": ["PT1S", "PT10M"], "allowPrivateAddresses": ["10.0.0.0/8"],
                "caFile": "ca.pem", "http2": true, "source": "https://shop.example/care", "method": "PUT", "mode": "binary",
                "clientCertificate": { "certificate": "c.pem", "key": "c.key", "password": "env:K" } } }
            """)
        #expect(findings.isEmpty)
        let crm = try #require(settings.first)
        #expect(crm.name == "crm")
        let webhook = try #require(crm.channel as? WebhookSettings)
        #expect(webhook.secrets == [.environment("NEW"), .file("secrets/old")])
        #expect(
            webhook.http.headers == [
                .init(name: "Authorization", value: .secret(.environment("TOKEN"))),
                .init(name: "X-Shop", value: .literal("1")),
            ])
        #expect(crm.concurrency == 32)
        #expect(crm.attemptsPerSecond == 12.5)
        #expect(crm.timeoutMilliseconds == 30_000)
        #expect(crm.retry.waits == [1_000, 600_000])
        #expect(webhook.http.target.privateAddresses == .blocks(["10.0.0.0/8"]))
        #expect(webhook.http.target.authoritiesFile == "ca.pem")
        #expect(webhook.http.prefersHTTP2)
        #expect(webhook.method == "PUT" && webhook.mode == .binary)
        #expect(
            webhook.http.target.certificate
                == .init(certificateFile: "c.pem", keyFile: "c.key", password: .environment("K")))
        #expect(webhook.source == "https://shop.example/care")
    }

    @Test func `reads a queue, and gives what is not said`() throws {
        let (settings, findings) = try Self.read(
            """
            { "erp": { "type": "queue", "url": "http://127.0.0.1:15672", "user": "care", "password": "env:MQ",
                "routingKey": "care", "allowPrivateAddresses": true } }
            """)
        #expect(findings.isEmpty)
        let erp = try #require(settings.first)
        let queue = try #require(erp.channel as? QueueSettings)
        #expect(queue.user == .literal("care") && queue.password == .environment("MQ") && queue.routingKey == "care")
        #expect(queue.virtualHost == "/" && queue.exchange == "amq.default")
        #expect(erp.concurrency == 4)
        #expect(erp.timeoutMilliseconds == 15_000)
        #expect(erp.retry == .standard)
        #expect(queue.http.target.privateAddresses == .allowed)
    }

    @Test func `reads a proxy in both forms, the project's where a destination says nothing`() throws {
        let text = """
            { "proxy": { "url": "socks5h://proxy.example", "user": "care", "password": "env:P",
                         "allowPrivateAddresses": ["10.0.0.0/8"] },
              "destinations": {
                "own": { \(Self.good), "proxy": "http://127.0.0.1" }, "none": { \(Self.good), "proxy": false },
                "project": { \(Self.good) }, "mail": { "type": "mail", "server": "smtp://m.example", "from": "a@b.example",
                "template": "t" }, "broker": { "type": "redis", "url": "redis://r.example", "stream": "s" } } }
            """
        let document = try JSONDocument(file: "care.json", bytes: Array(text.utf8))
        var findings: [Diagnostic] = []
        let settings = DestinationSettings.read(
            try #require(document.root["destinations"]), proxy: document.root["proxy"], document, &findings)
        #expect(findings.isEmpty)
        func proxy(_ name: String) throws -> TransferProxy? {
            let found = try #require(settings.first { $0.name == name })
            let destination = try Destination(
                found,
                secrets: SecretSource(
                    environment: { ["S": DispatchWorld.secret, "P": "hunter2"][$0] }, file: { _ in nil }))
            let order = try DispatchWorld().order(1, to: name)
            switch destination.channel.request(for: order, body: [], now: Timestamp(milliseconds: 0)) {
            case .http(let request): return request.target.proxy
            case .conversation(let request): return request.endpoint.target.proxy
            case .line: return nil
            }
        }
        let own = try #require(try proxy("own"))
        #expect(own.url.host == "127.0.0.1" && own.url.port == 3_128 && own.user == nil)
        #expect(!own.addresses.allowsPrivate)
        #expect(try proxy("none") == nil)
        for name in ["project", "broker"] {
            let project = try #require(try proxy(name))
            #expect(project.url.scheme == "socks5h" && project.url.port == 1_080)
            #expect(project.user == "care" && project.password == "hunter2")
        }
        let mail = try #require(settings.first { $0.name == "mail" }?.channel as? MailSettings)
        #expect(mail.target.proxy?.privateAddresses == .blocks(["10.0.0.0/8"]))
    }

    @Test func `warns that private addresses are the proxy's business, but for those that the url names`() throws {
        let (settings, findings) = try Self.read(
            #"{ "a": { \#(Self.good), "proxy": "http://p.example", "allowPrivateAddresses": true } }"#)
        #expect(settings.count == 1)
        #expect(findings.map(\.code) == ["config.no-effect"])
        #expect(findings.map(\.severity) == [.warning])
        let literal = Self.good.replacing("a.example", with: "10.0.0.1")
        #expect(
            try Self.read(#"{ "a": { \#(literal), "proxy": "http://p.example", "allowPrivateAddresses": true } }"#)
                .findings.isEmpty)
    }

    @Test func `says once what is wrong with the project's proxy`() throws {
        let both = #"{ "a": { \#(Self.good) }, "b": { \#(Self.good) } }"#
        let text = #"{ "proxy": "http://u:hunter2@p/", "destinations": \#(both) }"#
        let document = try JSONDocument(file: "care.json", bytes: Array(text.utf8))
        var findings: [Diagnostic] = []
        _ = DestinationSettings.read(
            try #require(document.root["destinations"]), proxy: document.root["proxy"], document, &findings)
        #expect(findings.map(\.message) == ["the proxy of care.json holds a user name or password"])
        #expect(findings.allSatisfy { !$0.sourceLine.contains("hunter2") })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var expected: [String]
        var testDescription: String { text }
    }

    static let good = #""type": "webhook", "url": "https://a.example/", "secret": "env:S""#

    static let cases = [
        Case(text: "[]", expected: ["1:1 config.wrong-type destinations must be an object, not a list"]),
        Case(text: #"{ "a": 1 }"#, expected: ["1:8 config.wrong-type destination 'a' must be an object, not a number"]),
        Case(text: #"{ "": { \#(good) } }"#, expected: ["1:3 config.bad-value a destination needs a name"]),
        Case(text: #"{ "a": {} }"#, expected: ["1:8 config.missing-key destination 'a' has no type"]),
        Case(
            text: #"{ "a": { "type": "webhok" } }"#,
            expected: ["1:18 config.bad-value unknown type 'webhok' of destination 'a' | did you mean 'webhook'?"]),
        Case(text: #"{ "a": { "type": "webhook" } }"#, expected: ["1:8 config.missing-key destination 'a' has no url"]),
        Case(
            text: #"{ "a": { "type": "webhook", "url": "crm" } }"#,
            expected: ["1:36 config.bad-url the url of destination 'a' is not a URL"]),
        Case(
            text: #"{ "a": { "type": "webhook", "url": "ftp://a/", "secret": "env:S" } }"#,
            expected: ["1:36 config.bad-url the url of destination 'a' is neither http nor https"]),
        Case(
            text: #"{ "a": { "type": "webhook", "url": "https://u:hunter2@a/", "secret": "env:S" } }"#,
            expected: ["1:36 config.bad-url the url of destination 'a' holds a user name or password"]),
        Case(
            text: #"{ "a": { "type": "webhook", "url": "https://a/" } }"#,
            expected: ["1:8 config.missing-key destination 'a' has no secret"]),
        Case(
            text: #"{ "a": { "type": "webhook", "url": "https://a/", "secret": "whsec_hunter2" } }"#,
            expected: ["1:60 config.plain-secret secret of destination 'a' must be a reference"]),
        Case(
            text: #"{ "a": { "type": "webhook", "url": "https://a/", "secret": [] } }"#,
            expected: ["1:60 config.bad-value destination 'a' needs one to ten secrets"]),
        Case(
            text: #"{ "a": { \#(good), "retrys": 1, "user": "x" } }"#,
            expected: [
                "1:77 config.unknown-key unknown key 'retrys' in destination 'a' | did you mean 'retry'?",
                "1:90 config.unknown-key unknown key 'user' in destination 'a' | a webhook has no such key",
            ]),
        Case(
            text: #"{ "a": { \#(good), "concurrency": 0 } }"#,
            expected: ["1:92 config.bad-value must be a whole number from 1 to 256"]),
        Case(
            text: #"{ "a": { \#(good), "concurrency": 257 } }"#,
            expected: ["1:92 config.bad-value must be a whole number from 1 to 256"]),
        Case(
            text: #"{ "a": { \#(good), "concurrency": "4" } }"#,
            expected: ["1:92 config.wrong-type 'concurrency' must be a number, not a string"]),
        Case(
            text: #"{ "a": { \#(good), "rate": 0 } }"#,
            expected: ["1:85 config.bad-value must be more than 0.0 and at most 100000.0"]),
        Case(
            text: #"{ "a": { \#(good), "timeout": "15s" } }"#,
            expected: ["1:88 config.bad-value must be a duration from 0.1 to 120.0 seconds | for example PT15S or PT5M"]
        ),
        Case(
            text: #"{ "a": { \#(good), "timeout": "P1M" } }"#,
            expected: ["1:88 config.bad-value must be a duration from 0.1 to 120.0 seconds | for example PT15S or PT5M"]
        ),
        Case(
            text: #"{ "a": { \#(good), "retry": "PT5S" } }"#,
            expected: ["1:86 config.wrong-type retry must be a list of waits or an object, not a string"]),
        Case(
            text: #"{ "a": { \#(good), "allowPrivateAddresses": ["10.0.0.0/33"] } }"#,
            expected: ["1:103 config.bad-value not an address block | for example 10.1.0.0/16 or fd12::/16"]),
        Case(
            text: #"{ "a": { \#(good), "proxy": "https://p.example" } }"#,
            expected: [
                "1:86 config.bad-url the proxy of destination 'a' begins with neither http:// nor socks5h:// | write \"http://proxy.example:3128\", \"socks5h://…\", or { \"url\": …, \"user\": …, \"password\": \"env:NAME\" }"
            ]),
        Case(
            text: #"{ "a": { \#(good), "proxy": "http://p.example/x" } }"#,
            expected: [
                "1:86 config.bad-url the proxy of destination 'a' has a path | write scheme, host and port alone"
            ]),
        Case(
            text: #"{ "a": { \#(good), "proxy": true } }"#,
            expected: [
                "1:86 config.wrong-type the proxy of destination 'a' must be an address or an object | write \"http://proxy.example:3128\", \"socks5h://…\", or { \"url\": …, \"user\": …, \"password\": \"env:NAME\" }"
            ]),
        Case(
            text: #"{ "a": { \#(good), "proxy": { "url": "http://p.example", "user": "x", "pasword": "y" } } }"#,
            expected: [
                "1:128 config.unknown-key unknown key 'pasword' in proxy | did you mean 'password'?",
                "1:86 config.missing-key the proxy of destination 'a' has only one of user and password",
            ]),
        Case(
            text: #"{ "a": { \#(good), "proxy": { "url": "http://p.example", "user": "x", "password": "hunter2" } } }"#,
            expected: ["1:140 config.plain-secret password of destination 'a' must be a reference"]),
        Case(
            text: #"{ "a": { \#(good), "headers": { "Webhook-ID": "1", "X-A": "1\r\nX-B: 2", "X B": "1" } } }"#,
            expected: [
                "1:90 config.bad-value the header 'Webhook-ID' is set by care itself",
                "1:116 config.bad-value the header 'X-A' holds a control character",
                "1:131 config.bad-value not a header's name | letters, digits and - are safe",
            ]),
        Case(
            text: #"{ "a": { \#(good), "method": "GET", "mode": "binry" } }"#,
            expected: [
                "1:87 config.bad-value must be one of POST, PUT and PATCH",
                "1:102 config.bad-value must be one of structured and binary | did you mean 'binary'?",
            ]),
        Case(
            text: #"{ "a": { \#(good), "auth": { "bearer": "hunter2" } } }"#,
            expected: ["1:97 config.plain-secret bearer of destination 'a' must be a reference"]),
        Case(
            text: #"{ "a": { \#(good), "auth": { "digest": "env:X" } } }"#,
            expected: ["1:85 config.bad-value auth is an object with either bearer or basic"]),
        Case(
            text: #"{ "a": { \#(good), "auth": { "basic": { "user": "a:b", "password": "env:X" } } } }"#,
            expected: ["1:106 config.bad-value a user has no colon and no control character"]),
        Case(
            text: #"{ "a": { \#(good), "headers": { "authorization": "env:X" }, "auth": { "bearer": "env:X" } } }"#,
            expected: [
                "1:126 config.bad-value destination 'a' has both auth and a header Authorization | one of them says who sends"
            ]),
        Case(
            text: #"{ "a": { \#(good), "clientCertificate": { "certificate": "c.pem" } } }"#,
            expected: ["1:98 config.missing-key clientCertificate needs the files certificate and key"]),
        Case(
            text: #"{ "a": { "type": "queue", "url": "https://a/" } }"#,
            expected: [
                "1:8 config.missing-key destination 'a' has no user",
                "1:8 config.missing-key destination 'a' has no password",
                "1:8 config.missing-key destination 'a' has no routingKey",
            ]),
    ]

    @Test(arguments: cases) func `finds every mistake and says where`(_ test: Case) throws {
        let (settings, findings) = try Self.read(test.text)
        #expect(settings.isEmpty)
        let found = findings.map {
            "\($0.line):\($0.column) \($0.code) \($0.message)" + ($0.help.map { " | \($0)" } ?? "")
        }
        #expect(found.count == test.expected.count)
        for (found, expected) in zip(found, test.expected) {
            #expect((expected.contains("|") ? found : String(found.split(separator: " | ")[0])) == expected)
        }
        #expect(!findings.contains { $0.message.contains("hunter2") || $0.help?.contains("hunter2") == true })
        #expect(!findings.contains { $0.code == "config.plain-secret" && $0.sourceLine.contains("hunter2") })
    }

    static let unresolved: [(String?, String)] = [
        (nil, "the environment variable S is not set"), ("", "the environment variable S is not set"),
        ("whsec_", "the secret env:S is empty"),
        ("whsec_hunter2!", "the secret env:S is not base64 (after an optional whsec_)"),
        (
            "whsk_hunter2",
            "the secret env:S is no Ed25519 key: whsk_ and base64 of 64 bytes, the seed and its public key"
        ),
        (
            "whpk_hunter2",
            "the secret env:S is a public key (whpk_): it can verify, not sign; give the private one (whsk_)"
        ),
    ]

    @Test(arguments: unresolved) func `says what is wrong with a secret without repeating it`(
        _ value: String?, _ message: String
    ) throws {
        let webhook = WebhookSettings(url: try TargetURL("https://a.example/"), secrets: [.environment("S")])
        let settings = DestinationSettings(name: "crm", channel: webhook)
        let source = SecretSource(environment: { _ in value }, file: { _ in nil })
        do throws(DestinationError) {
            _ = try Destination(settings, secrets: source)
            Issue.record("was taken")
        } catch {
            #expect(error.destination == "crm")
            #expect(error.message == message)
            #expect(!"\(error)".contains("hunter2"))
        }
    }

    @Test func `says when a secret's file is missing or empty`() throws {
        let source = SecretSource(environment: { _ in nil }, file: { $0 == "empty" ? [0x0A] : nil })
        #expect(throws: DestinationError.self) { try source.value(.file("none"), for: "crm") }
        #expect(throws: DestinationError.self) { try source.value(.file("empty"), for: "crm") }
    }
}
