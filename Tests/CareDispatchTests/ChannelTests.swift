import CareStore
import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct ChannelTests {
    static func order(customer: String = "c2077", data: String = #"{"customer":"c2077","turns":38}"#) -> NewDelivery {
        let key = CanonicalJSON.array(of: ["birthday-gold", customer, "2027/1", "1", "1"])
        return NewDelivery(
            id: DeliveryID(hashing: key), customer: customer, campaign: "birthday-gold", key: key, destination: "crm",
            address: "", type: "care.birthday", data: data, decidedAt: Timestamp(milliseconds: 1_781_514_000_000),
            expiresAt: nil)
    }

    @Test func `shapes the body as a CloudEvent`() {
        let text = String(decoding: CloudEvent.body(of: Self.order(), source: "/care"), as: UTF8.self)
        #expect(
            text
                == #"{"specversion":"1.0","id":"\#(Self.order().id.text)","source":"/care","type":"care.birthday","time":"2026-06-15T09:00:00.000Z","subject":"c2077","datacontenttype":"application/json","carekey":"[\"birthday-gold\",\"c2077\",\"2027/1\",\"1\",\"1\"]","data":{"customer":"c2077","turns":38}}"#
        )
    }

    @Test(arguments: ["客户 1", "a\"b\\c", "tab\tline\nend\r", "\u{1}\u{7f}\u{85}\u{9f}\u{a0}", "👨‍👩‍👧", "\u{2028}"])
    func `survives any customer id, and keeps control characters out of attributes`(_ customer: String) throws {
        var order = Self.order(customer: customer)
        order.address = customer
        let bytes = CloudEvent.body(of: order, source: "/care")
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        guard case .object(let event)? = JSONValue(jsonText: text) else {
            Issue.record("not JSON")
            return
        }
        #expect(event["subject"] == .string(customer))
        #expect(event["careaddress"] == .string(customer))
        #expect(event["carekey"] == .string(order.key))
    }

    @Test func `leaves out what is empty`() {
        var order = Self.order(customer: "", data: "")
        order.customer = ""
        guard
            case .object(let event)? = JSONValue(
                jsonText: String(decoding: CloudEvent.body(of: order, source: "/care"), as: UTF8.self))
        else {
            Issue.record("not JSON")
            return
        }
        #expect(event["subject"] == nil)
        #expect(event["data"] == nil)
        #expect(event["careaddress"] == nil)
    }

    static func queue(
        _ url: String = "https://mq.example/", vhost: String = "/", exchange: String = "amq.default"
    ) throws -> any Channel {
        var settings = QueueSettings(
            url: try TargetURL(url), user: .literal("care"), password: .environment("P"), routingKey: "care.events")
        settings.virtualHost = vhost
        settings.exchange = exchange
        return try Destination(
            DestinationSettings(name: "erp", channel: settings),
            secrets: SecretSource(environment: { _ in "pw" }, file: { _ in nil })
        ).channel
    }

    @Test func `publishes an event that survives a restart of the broker`() throws {
        let channel = try Self.queue()
        let order = Self.order(customer: "客\"1")
        let body = try channel.body(of: order)
        let request = try channel.httpRequest(for: order, body: body, now: order.decidedAt)
        #expect(request.target.url.text == "https://mq.example/api/exchanges/%2F/amq.default/publish")
        #expect(request.basic?.user == "care" && request.basic?.password == "pw")
        guard case .object(let message)? = JSONValue(jsonText: String(decoding: request.body, as: UTF8.self)),
            case .object(let properties)? = message["properties"], case .string(let payload)? = message["payload"]
        else {
            Issue.record("not JSON")
            return
        }
        #expect(properties["delivery_mode"] == .number(2))
        #expect(properties["message_id"] == .string(order.id.text))
        #expect(properties["type"] == .string("care.birthday"))
        #expect(message["routing_key"] == .string("care.events"))
        #expect(message["payload_encoding"] == .string("string"))
        #expect(payload == String(decoding: CloudEvent.body(of: order, source: "/care"), as: UTF8.self))
    }

    @Test func `encodes vhost and exchange into the path`() throws {
        let order = Self.order()
        let channel = try Self.queue("https://mq.example:15671/mq/", vhost: "a/b ü", exchange: "x?y#z%")
        #expect(
            try channel.httpRequest(for: order, body: [], now: order.decidedAt).target.url.text
                == "https://mq.example:15671/mq/api/exchanges/a%2Fb%20%C3%BC/x%3Fy%23z%25/publish")
    }

    static let answers: [(Int, String, Bool, AttemptResult.Kind, String)] = [
        (200, #"{"routed":true}"#, true, .delivered, ""),
        (200, #"{"routed":false}"#, true, .failed, "not routed: no queue is bound to the key"),
        (200, #"{"routed":tr"#, false, .unknown, "answer cut short"),
        (200, "", true, .failed, "not an answer of RabbitMQ's API"),
        (200, "<html>", true, .failed, "not an answer of RabbitMQ's API"),
        (200, #"{"routed":"true"}"#, true, .failed, "not an answer of RabbitMQ's API"),
        (204, "", true, .failed, "not an answer of RabbitMQ's API"),
        (400, #"{"error":"rejected"}"#, true, .failed, "400 Bad Request"), (401, "", true, .failed, "401 Unauthorized"),
        (404, "", true, .failed, "404 Not Found"),
    ]

    @Test(arguments: answers) func `counts a message only when a queue has it`(
        _ status: Int, _ body: String, _ isComplete: Bool, _ kind: AttemptResult.Kind, _ detail: String
    ) throws {
        let response = HTTPResponse(status: status, retryAfter: nil, body: Array(body.utf8), bodyIsComplete: isComplete)
        let result = try Self.queue().result(of: .response(response), now: Timestamp(milliseconds: 0))
        #expect(result.kind == kind)
        #expect(result.detail == detail)
    }

    @Test func `signs with all its secrets and carries its own headers`() throws {
        var settings = WebhookSettings(
            url: try TargetURL("https://crm.example/h"), secrets: [.environment("NEW"), .file("old")])
        settings.http.headers = [
            .init(name: "Authorization", value: .secret(.environment("TOKEN"))),
            .init(name: "User-Agent", value: .literal("shop")),
        ]
        let source = SecretSource(
            environment: { $0 == "TOKEN" ? "Bearer t" : StandardWebhooksTests.vectors[0].secret },
            file: { $0 == "old" ? Array("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\r\nmore\n".utf8) : nil })
        let destination = try Destination(DestinationSettings(name: "crm", channel: settings), secrets: source)
        let order = Self.order()
        let body = try destination.channel.body(of: order)
        let request = try destination.channel.httpRequest(
            for: order, body: body, now: Timestamp(milliseconds: 1_781_514_000_999))
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name.lowercased(), $0.value) })
        #expect(headers["webhook-id"] == order.id.text)
        #expect(headers["webhook-timestamp"] == "1781514000")
        #expect(headers["webhook-signature"]?.split(separator: " ").count == 2)
        #expect(headers["authorization"] == "Bearer t")
        #expect(headers["user-agent"] == "shop")
        #expect(request.body == body)
    }

    static func webhook(_ change: (inout WebhookSettings) -> Void) throws -> any Channel {
        var settings = WebhookSettings(url: try TargetURL("https://crm.example/h"), secrets: [.environment("S")])
        change(&settings)
        let values = ["S": StandardWebhooksTests.vectors[0].secret, "TOKEN": "abc", "PW": "p:w", "KEYPW": "k"]
        let source = SecretSource(environment: { values[$0] }, file: { _ in nil }, folder: "/etc/care")
        return try Destination(DestinationSettings(name: "crm", channel: settings), secrets: source).channel
    }

    @Test func `puts the event into headers in binary mode, and signs the data alone`() throws {
        let channel = try Self.webhook { $0.mode = .binary }
        var order = Self.order(customer: "Euro € 😀", data: #"{"a":1}"#)
        order.address = "100 %\""
        let body = try channel.body(of: order)
        #expect(body == Array(#"{"a":1}"#.utf8))
        let request = try channel.httpRequest(for: order, body: body, now: Timestamp(milliseconds: 1_614_265_330_000))
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(headers["content-type"] == "application/json")
        #expect(
            headers["ce-specversion"] == "1.0" && headers["ce-id"] == order.id.text
                && headers["ce-type"] == "care.birthday")
        // The value is the specification's own example.
        #expect(headers["ce-subject"] == "Euro%20%E2%82%AC%20%F0%9F%98%80")
        #expect(headers["ce-careaddress"] == "100%20%25%22")
        #expect(headers["ce-carekey"].map(CloudEvent.text(ofHeader:)) == order.key)
        let verdict = StandardWebhooks.verify(
            id: headers["webhook-id"], timestamp: headers["webhook-timestamp"], signature: headers["webhook-signature"],
            body: body, keys: [try SigningKey(StandardWebhooksTests.vectors[0].secret)], nowSeconds: 1_614_265_330)
        #expect(verdict.isValid)
    }

    @Test func `says who sends, by token, password or certificate`() throws {
        func request(_ change: (inout WebhookSettings) -> Void) throws -> HTTPRequest {
            try Self.webhook(change).httpRequest(for: Self.order(), body: [], now: Timestamp(milliseconds: 0))
        }
        let token = try request { $0.http.authorization = .bearer(.environment("TOKEN")) }
        #expect(token.headers.contains { $0.name == "authorization" && $0.value == "Bearer abc" })
        let basic = try request {
            $0.http.authorization = .basic(user: .literal("care"), password: .environment("PW"))
            $0.method = "PUT"
        }
        #expect(basic.basic?.user == "care" && basic.basic?.password == "p:w" && basic.method == "PUT")
        let certificate = try request {
            $0.http.target.certificate = .init(
                certificateFile: "client.pem", keyFile: "/run/client.key", password: .environment("KEYPW"))
            $0.http.target.authoritiesFile = "ca.pem"
        }
        #expect(certificate.target.authoritiesFile == "/etc/care/ca.pem")
        #expect(
            certificate.target.clientCertificate
                == ClientCertificate(
                    certificateFile: "/etc/care/client.pem", keyFile: "/run/client.key", keyPassword: "k"))
    }
}

extension Channel {
    /// The request of a channel that speaks HTTP.
    func httpRequest(for order: NewDelivery, body: [UInt8], now: Timestamp) throws -> HTTPRequest {
        try #require(request(for: order, body: body, now: now).http)
    }
}
