import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct CloudQueueTests {
    /// Made for this test, good for nothing else.
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQC+PBXK+4bmjBQQ
        7zZwmdnFQXmliYuAldnPo3c0j5Wi4sxm4jS2TeCgZ38GFH/Bhf35wwfaICtcBTJr
        nVXQ5+9Xxm4BGsti6npx5UTuWUTEZ1NCajsW9GRyq03ZW6JkyyTT+idxv6YD/dUH
        ha+XxAwxRBRKoYMLG8ZrG7cIkPEOn86eLFb0w9E9HrhRiI90Q8z+2qS/pwLzPgqf
        Wox7MjK9Ze1nvC0q/7Fb1rhNU8+SK4Hm31YBY9CBC7XEyJTqyeMkhYUEfRUMBppa
        QRH4wCygf9EniWO+jcWXzlKqUEJOwLjIz2iE3dLEc5YP+G1hgKyfhch4Z1ahTv8E
        1A32M8EnAgMBAAECggEAFaDJLYG5TZ7hbSd1PgoP20BdbzebF6xxzgycseodLh6w
        9IWFTrC9+B6sL2nHOJ5eSLYmv2Lm6xhgKiICLrUf3g/eU9vTAdT8xNQ3KQ4XJmlE
        6wke3LY+cVcOi8bCSMlbz4niUClk25FRVgCZ/Rw58qP11qJUPsASp/zHq36nGW1Z
        lrQ46A4JtGmQwxskiwaAMBqS2ukR6lcy1Sv3lvQZ7hwoEGwmV+BkgskgRVbaI/Jg
        MDajp5ok0wWoWPi6i6kxfNl72tWz4dBX/NPknwiOGjE3BSfaSgeAuXEtm7AN43V0
        5BFZw9cEZsgTofGzZr6bPf6n+iCm7NOL1ovHR6226QKBgQDoMTuy8MfkesyfvbPq
        HmmiNQgKMiunaI2kUP1ZMM5R4reNX12Y9sdbCunSaviOSfvsUkh45TT5VLPcDzxc
        UFkT0Yc90DjY9Z58Xuvnw4NkTESc9I/2xVG60w9s+8hXbFmydjZVDOt7l5uM7Q+T
        GQXgDfJ5dtgaV23kQlr5+4N0fQKBgQDRvYP69zRzoeCsxiI84cF04Jwur9edQQ5u
        VUbgQCC2e9nDV1nG4X7cRWTFOnIWIq8MD2ykeuoTblzAOnm4BeLw/k1hRVK+Ufmy
        rSw6s8VrOmIfvlV9Q2LFkuVXg4bMW2YVxAE4ZYnQ19OFRTi5AmyBt3m/VEWAeO7t
        iqeav8yxcwKBgQCZu/9K+yFepe/V1ETLPleyjmpEVfORZChkIzubUjVJAlOFxx6x
        qLNWFGO8bhckHtguIEzbvubULsDncy8D8C8KcDCbPMJm5DmLH04SpeDZB6ZmRYcM
        XJlAmX4dKpf7SkIZZyuSJHvF2Ruks1Eck/TP5GwnAAkVZ83a1BRob58aAQKBgQCf
        IvkJqRj+BzvOO4LsyKmdAXLfJYImCZ9mbYOaUG3Bp5ThVtyCPsOfY3ODBcZcLzK7
        ptRas/v4hEsRewyxaJ35Fiol/JA8YTxgqm4dmBrZMfITfbmlkkRV/g/O57eWRF7f
        ctkuLjRz5d3Sh2PzU/h6L3jLh6g4Qwmd6A8lJhOsKwKBgQCAJ/YEol0MpNhm1thL
        0G7+Z/KANmgdacbNypo4YeMWLwlo+0MO5YrZjP/XQyWmKqxlMW4Svf97r4Apho0r
        sqU7KREl8u+uz44kARCwusMxs5AHo2P+FDYMMcCtkKUreKBWsGTcWj2lfY2CwEzN
        ErSW6yG2haALPguedJM4zHsLfg==
        -----END PRIVATE KEY-----
        """

    static let keyFile = JSONWriter.text([
        "type": "service_account", "client_email": "care@shop.iam.gserviceaccount.com", "private_key_id": "k1",
        "private_key": .string(pem),
    ])

    static func channel(_ keys: String, keyFile: String = CloudQueueTests.keyFile) throws -> any Channel {
        let (settings, findings) = try DestinationSettingsTests.read(#"{ "d": { \#(keys) } }"#)
        #expect(findings.isEmpty)
        let secrets = SecretSource(
            environment: { ["KEY": "abc123", "ACCOUNT": keyFile][$0] },
            file: { $0 == "account.json" ? Array(keyFile.utf8) : nil })
        return try Destination(try #require(settings.first), secrets: secrets).channel
    }

    static func answer(_ channel: any Channel, _ status: Int, _ body: String) -> AttemptResult {
        let response = HTTPResponse(status: status, retryAfter: nil, body: Array(body.utf8), bodyIsComplete: true)
        return channel.result(of: .response(response), now: Timestamp(milliseconds: 0))
    }

    // MARK: Google Pub/Sub

    /// Signed by `openssl dgst -sha256 -sign` with the key above.
    static let signature = """
        vHgG9haeuq69hi1FdNWt3IpJzt6VMOJfTmTQpOyaIgaNhubzA7WWd30dPNoVSg7yUH6N2-LSoJZraYN1R3dPzBsSve3YVlEmJkbw\
        b90-c7FAJa9rdu9DLPnQ3dKTLL0kmWj7cbQ5_T_4EcFHgR87fQ77p_fU0VyfQtEDE0e3lVx39mWBHiRxl2plmIjbIpI8M_AvIs0W\
        IMZ9HmxnDKDHGHmis-usXmSLE0yUhMtY-v4sQrombAvJDF2OMDt9qAoszzGPFbm9rI1yD9MO5QI0HDtc8BEIHPN_NcLr4zuVBd6k\
        raSJ5VRoYOtv31Cmhe8PacNnyYctOi-wsfsZ-mUVuQ
        """

    @Test func `signs tokens as RFC 7515 wants, and keeps them for an hour less some minutes`() throws {
        let tokens = try ServiceAccountTokens(keyFile: Self.keyFile, audience: "https://pubsub.googleapis.com/")
        let start = Timestamp(milliseconds: 1_781_514_000_999)
        let first = tokens.token(now: start)
        let parts = first.split(separator: ".").map(String.init)
        #expect(parts.count == 3 && parts[2] == Self.signature)
        #expect(
            Base64.bytes(parts[0]).map { String(decoding: $0, as: UTF8.self) }
                == #"{"alg":"RS256","typ":"JWT","kid":"k1"}"#)
        let claims = AmazonTests.members(try #require(Base64.bytes(parts[1])))
        #expect(claims["iat"] == .number(1_781_514_000) && claims["exp"] == .number(1_781_517_600))
        #expect(tokens.token(now: start.advanced(byMilliseconds: 3_300_000)) == first)
        #expect(tokens.token(now: start.advanced(byMilliseconds: 3_301_000)) != first)
        #expect(tokens.token(now: start.advanced(byMilliseconds: -1_000)) != first)
    }

    @Test func `publishes the event with its id, as a service account`() throws {
        let channel = try Self.channel(
            #""type": "pubsub", "project": "shop-1", "topic": "care", "credentials": "file:account.json", "ordering": true"#
        )
        let order = ChannelTests.order(customer: "客1")
        let request = try channel.httpRequest(for: order, body: try channel.body(of: order), now: order.decidedAt)
        #expect(request.target.url.text == "https://pubsub.googleapis.com/v1/projects/shop-1/topics/care:publish")
        #expect(request.headers.contains { $0.name == "authorization" && $0.value.hasPrefix("Bearer eyJ") })
        guard case .array(let messages)? = AmazonTests.members(request.body)["messages"], messages.count == 1,
            case .object(let message) = messages[0], case .string(let data)? = message["data"],
            case .object(let attributes)? = message["attributes"]
        else {
            Issue.record("not one message")
            return
        }
        #expect(Base64.bytes(data) == CloudEvent.body(of: order, source: "/care"))
        #expect(attributes["webhook-id"] == .string(order.id.text))
        #expect(attributes["content-type"] == .string("application/cloudevents+json; charset=UTF-8"))
        #expect(message["orderingKey"] == .string(DeliveryID(hashing: "客1").text))
        #expect(channel.repeatsSafely)
    }

    @Test func `speaks to an emulator without credentials`() throws {
        let channel = try Self.channel(
            #""type": "pubsub", "project": "p", "topic": "t", "endpoint": "http://localhost:8085/""#)
        let request = try channel.httpRequest(for: ChannelTests.order(), body: [], now: Timestamp(milliseconds: 0))
        #expect(request.target.url.text == "http://localhost:8085/v1/projects/p/topics/t:publish")
        #expect(!request.headers.contains { $0.name == "authorization" })
    }

    static let pubSubAnswers: [(Int, String, AttemptResult.Kind, String)] = [
        (200, #"{"messageIds":["19916711285"]}"#, .delivered, ""),
        (200, #"{"messageIds":[]}"#, .failed, "not an answer of Pub/Sub"),
        (200, "{}", .failed, "not an answer of Pub/Sub"),
        (404, #"{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}"#, .failed, "404, status NOT_FOUND"),
        (
            401, #"{"error":{"code":401,"message":"m","status":"UNAUTHENTICATED"}}"#, .failed,
            "401, status UNAUTHENTICATED"
        ),
        (
            429, #"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#, .throttled,
            "429, status RESOURCE_EXHAUSTED"
        ),
        (503, #"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#, .throttled, "503, status UNAVAILABLE"),
        (504, "gateway", .failed, "504 Gateway Timeout"),
    ]

    @Test(arguments: pubSubAnswers) func `believes Pub/Sub only with a message's id`(
        _ status: Int, _ body: String, _ kind: AttemptResult.Kind, _ detail: String
    ) throws {
        let channel = try Self.channel(
            #""type": "pubsub", "project": "p", "topic": "t", "endpoint": "http://localhost:8085""#)
        let result = Self.answer(channel, status, body)
        #expect(result.kind == kind && result.detail == detail)
    }

    static let keyFiles: [(String, String)] = [
        ("not json hunter2", "env:ACCOUNT is no JSON object"), ("{}", "env:ACCOUNT has no client_email"),
        (
            #"{"client_email":"a","private_key_id":"k","private_key":"hunter2"}"#,
            "env:ACCOUNT holds a private_key that is no RSA key in PEM"
        ),
    ]

    @Test(arguments: keyFiles) func `says what is wrong with a key file without repeating it`(
        _ file: String, _ message: String
    ) throws {
        do {
            _ = try Self.channel(
                #""type": "pubsub", "project": "p", "topic": "t", "credentials": "env:ACCOUNT""#, keyFile: file)
            Issue.record("was taken")
        } catch let error as DestinationError {
            #expect(error.message == message)
            #expect(!"\(error)".contains("hunter2"))
        }
    }

    // MARK: Azure Service Bus

    @Test func `signs as shared access signatures are`() {
        #expect(
            ServiceBusChannel.signature(
                resource: "https://ns.servicebus.windows.net/q", keyName: "send", key: "abc123", expiry: 1_404_256_819)
                == "SharedAccessSignature sr=https%3A%2F%2Fns.servicebus.windows.net%2Fq"
                + "&sig=js6twXzgXaCSqwphd7sYU1DaAa36MlfknOvGbhn26T8%3D&se=1404256819&skn=send")
    }

    @Test func `sends the event under its id, signed for five minutes`() throws {
        let channel = try Self.channel(
            #""type": "servicebus", "url": "https://ns.servicebus.windows.net/q/", "keyName": "send", "key": "env:KEY", "sessions": true"#
        )
        var order = ChannelTests.order()
        order.type = "care.生日\u{7f}"
        let body = try channel.body(of: order)
        let request = try channel.httpRequest(for: order, body: body, now: Timestamp(milliseconds: 1_404_256_519_999))
        #expect(request.target.url.text == "https://ns.servicebus.windows.net/q/messages")
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(
            headers["authorization"]
                == ServiceBusChannel.signature(
                    resource: "https://ns.servicebus.windows.net/q", keyName: "send", key: "abc123",
                    expiry: 1_404_256_819))
        #expect(
            headers["brokerproperties"]
                == #"{"MessageId":"\#(order.id.text)","Label":"care.\u751f\u65e5\u007f","SessionId":"c2077"}"#)
        #expect(request.body == CloudEvent.body(of: order, source: "/care"))
        #expect(channel.repeatsSafely)
    }

    static let busAnswers: [(Int, AttemptResult.Kind, String)] = [
        (201, .delivered, ""), (200, .failed, "not an answer of Service Bus"), (400, .failed, "400 Bad Request"),
        (401, .failed, "401 Unauthorized"), (403, .failed, "403 Forbidden"), (410, .gone, "410 Gone"),
        (413, .permanent, "413 Content Too Large"), (500, .failed, "500 Internal Server Error"),
    ]

    @Test(arguments: busAnswers) func `believes Service Bus only with 201`(
        _ status: Int, _ kind: AttemptResult.Kind, _ detail: String
    ) throws {
        let channel = try Self.channel(
            #""type": "servicebus", "url": "https://ns.servicebus.windows.net/q", "keyName": "send", "key": "env:KEY""#)
        let result = Self.answer(channel, status, "")
        #expect(result.kind == kind && result.detail == detail)
    }

    static let mistakes: [(String, [String])] = [
        (
            #""type": "pubsub""#,
            [
                "config.missing-key destination 'd' has no project", "config.missing-key destination 'd' has no topic",
                "config.missing-key destination 'd' has no credentials",
            ]
        ),
        (
            #""type": "pubsub", "project": "p", "topic": "t", "credentials": "hunter2""#,
            ["config.plain-secret credentials of destination 'd' must be a reference"]
        ),
        (
            #""type": "servicebus", "url": "https://n/q""#,
            ["config.missing-key destination 'd' has no keyName", "config.missing-key destination 'd' has no key"]
        ),
        (
            #""type": "servicebus", "url": "https://n/q?x=1", "keyName": "s", "key": "env:K""#,
            ["config.bad-url the url of destination 'd' has a query"]
        ),
    ]

    @Test(arguments: mistakes) func `says what is missing or wrong`(_ keys: String, _ expected: [String]) throws {
        let (settings, findings) = try DestinationSettingsTests.read("{ \"d\": { \(keys) } }")
        #expect(settings.isEmpty)
        #expect(findings.map { "\($0.code) \($0.message)" } == expected)
    }
}
