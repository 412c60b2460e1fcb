import CareStore
import CareTransport
import CareValues
import Crypto
import LoopbackServer
import Testing

@testable import CareDispatch

@Suite struct AmazonTests {
    static let queueURL = "https://sqs.us-east-1.amazonaws.com/123456789012/care"
    static let secrets = SecretSource(
        environment: { ["ID": "AKIDEXAMPLE", "KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"][$0] },
        file: { _ in nil })

    static func channel(_ keys: String) throws -> any Channel {
        let text = #"{ "d": { "accessKeyId": "env:ID", "secretAccessKey": "env:KEY", \#(keys) } }"#
        let (settings, findings) = try DestinationSettingsTests.read(text)
        #expect(findings.isEmpty)
        return try Destination(try #require(settings.first), secrets: secrets).channel
    }

    static func members(_ bytes: [UInt8]) -> JSONObject {
        guard case .object(let members)? = JSONValue(jsonText: String(decoding: bytes, as: UTF8.self)) else {
            return [:]
        }
        return members
    }

    @Test func `sends the event to the queue's own host, under its region`() throws {
        let channel = try Self.channel(#""type": "sqs", "queue": "\#(Self.queueURL)""#)
        let order = ChannelTests.order(customer: "客\"1")
        let request = try channel.httpRequest(for: order, body: try channel.body(of: order), now: order.decidedAt)
        #expect(request.target.url.text == "https://sqs.us-east-1.amazonaws.com:443/")
        #expect(request.amazonSignature == AmazonSignature(region: "us-east-1", service: "sqs"))
        #expect(request.headers.contains { $0.name == "x-amz-target" && $0.value == "AmazonSQS.SendMessage" })
        let message = Self.members(request.body)
        #expect(message["QueueUrl"] == .string(Self.queueURL))
        #expect(
            message["MessageBody"]
                == .string(String(decoding: CloudEvent.body(of: order, source: "/care"), as: UTF8.self)))
        #expect(message["MessageGroupId"] == nil)
    }

    @Test(arguments: [("c1", "c1"), ("客1", nil), ("", nil), (String(repeating: "x", count: 129), nil)])
    func `keeps a customer's messages in order where the queue keeps any`(_ customer: String, _ group: String?) throws {
        let channel = try Self.channel(#""type": "sqs", "queue": "\#(Self.queueURL).fifo""#)
        let order = ChannelTests.order(customer: customer)
        let message = Self.members(try channel.body(of: order))
        #expect(message["MessageGroupId"] == .string(group ?? DeliveryID(hashing: customer).text))
        #expect(message["MessageDeduplicationId"] == .string(order.id.text))
    }

    static let queueAnswers: [(Int, String, AttemptResult.Kind, String)] = [
        (200, #"{"MessageId":"m-1","MD5OfMessageBody":"x"}"#, .delivered, ""),
        (200, "{}", .failed, "not an answer of SQS"), (200, "<html>", .failed, "not an answer of SQS"),
        (400, #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}"#, .failed, "400 QueueDoesNotExist"),
        (400, #"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#, .throttled, "400 RequestThrottled"),
        (400, #"{"__type":"InvalidMessageContents"}"#, .permanent, "400 InvalidMessageContents"),
        (403, #"{"__type":"SignatureDoesNotMatch"}"#, .failed, "403 SignatureDoesNotMatch"),
        (400, #"{"__type":"a code\nthat is none"}"#, .failed, "400"),
        (503, "busy", .throttled, "503 Service Unavailable"),
    ]

    @Test(arguments: queueAnswers) func `believes SQS only with a message's id`(
        _ status: Int, _ body: String, _ kind: AttemptResult.Kind, _ detail: String
    ) throws {
        let channel = try Self.channel(#""type": "sqs", "queue": "\#(Self.queueURL)""#)
        let response = HTTPResponse(status: status, retryAfter: nil, body: Array(body.utf8), bodyIsComplete: true)
        let result = channel.result(of: .response(response), now: Timestamp(milliseconds: 0))
        #expect(result.kind == kind && result.detail == detail)
    }

    @Test func `publishes to a topic, encoded byte by byte`() throws {
        let channel = try Self.channel(#""type": "sns", "topic": "arn:aws-cn:sns:cn-north-1:1:care.fifo""#)
        var order = ChannelTests.order(customer: "c 1", data: #"{"note":"a&b=c+d%e 你"}"#)
        order.type = "care.birthday"
        let request = try channel.httpRequest(for: order, body: try channel.body(of: order), now: order.decidedAt)
        #expect(request.target.url.text == "https://sns.cn-north-1.amazonaws.com.cn/")
        var fields: [String: String] = [:]
        for field in String(decoding: request.body, as: UTF8.self).split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
            fields[parts[0]] = CloudEvent.text(ofHeader: parts[1])
        }
        #expect(fields["Action"] == "Publish" && fields["TopicArn"] == "arn:aws-cn:sns:cn-north-1:1:care.fifo")
        #expect(fields["Message"] == String(decoding: CloudEvent.body(of: order, source: "/care"), as: UTF8.self))
        #expect(fields["MessageAttributes.entry.2.Value.StringValue"] == "care.birthday")
        #expect(fields["MessageGroupId"] == DeliveryID(hashing: "c 1").text)
    }

    static let topicAnswers: [(Int, String, AttemptResult.Kind, String)] = [
        (
            200, "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>",
            .delivered, ""
        ),
        (200, "<MessageId></MessageId>", .failed, "not an answer of SNS"), (200, "ok", .failed, "not an answer of SNS"),
        (404, "<ErrorResponse><Error><Code>NotFound</Code></Error></ErrorResponse>", .failed, "404 NotFound"),
        (400, "<Error><Code>Throttling</Code></Error>", .throttled, "400 Throttling"),
        (500, "<Error><Code>InternalError</Code></Error>", .failed, "500 InternalError"),
    ]

    @Test(arguments: topicAnswers) func `believes SNS only with a message's id`(
        _ status: Int, _ body: String, _ kind: AttemptResult.Kind, _ detail: String
    ) throws {
        let channel = try Self.channel(#""type": "sns", "topic": "arn:aws:sns:eu-west-1:1:care""#)
        let response = HTTPResponse(status: status, retryAfter: nil, body: Array(body.utf8), bodyIsComplete: true)
        let result = channel.result(of: .response(response), now: Timestamp(milliseconds: 0))
        #expect(result.kind == kind && result.detail == detail)
    }

    static let mistakes: [(String, String)] = [
        (#""type": "sqs""#, "config.missing-key destination 'd' has no queue"),
        (
            #""type": "sqs", "queue": "https://queue.example/1/care""#,
            "config.missing-key destination 'd' has no region"
        ),
        (
            #""type": "sqs", "queue": "https://q.example/1/care", "region": "EU west""#,
            "config.bad-value a region is written like eu-central-1"
        ),
        (#""type": "sns", "topic": "care""#, "config.bad-value a topic is named by its ARN"),
        (
            #""type": "sns", "topic": "arn:aws:sns:eu-west-1:1:care", "queue": "x""#,
            "config.unknown-key unknown key 'queue' in destination 'd'"
        ),
    ]

    @Test(arguments: mistakes) func `says what is missing`(_ keys: String, _ finding: String) throws {
        let text = #"{ "d": { "accessKeyId": "env:ID", "secretAccessKey": "env:KEY", \#(keys) } }"#
        let (settings, findings) = try DestinationSettingsTests.read(text)
        #expect(settings.isEmpty)
        #expect(findings.map { "\($0.code) \($0.message)" } == [finding])
    }

    // MARK: Signatures

    /// Signature Version 4 of a POST to `/` without a query, by the published algorithm.
    static func signature(
        headers: [(String, String)], body: [UInt8], date: String, region: String, service: String, secret: String
    ) -> String {
        func hex(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        func code(_ key: [UInt8], _ text: String) -> [UInt8] {
            Array(HMAC<Crypto.SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
        }
        let sorted = headers.sorted { $0.0 < $1.0 }
        let names = sorted.map(\.0).joined(separator: ";")
        let canonical =
            "POST\n/\n\n" + sorted.map { "\($0.0):\($0.1)\n" }.joined() + "\n\(names)\n"
            + hex(Crypto.SHA256.hash(data: body))
        let scope = "\(date.prefix(8))/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n" + hex(Crypto.SHA256.hash(data: Array(canonical.utf8)))
        var key = Array("AWS4\(secret)".utf8)
        for part in [String(date.prefix(8)), region, service, "aws4_request"] { key = code(key, part) }
        return hex(code(key, text))
    }

    @Test func `reckons a signature as the published one`() {
        let body = #"{"QueueUrl":"\#(Self.queueURL)","MessageBody":"hello"}"#
        let made = Self.signature(
            headers: [
                ("content-type", "application/x-amz-json-1.0"), ("host", "sqs.us-east-1.amazonaws.com"),
                ("x-amz-date", "20260102T030405Z"), ("x-amz-target", "AmazonSQS.SendMessage"),
            ], body: Array(body.utf8), date: "20260102T030405Z", region: "us-east-1", service: "sqs",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        #expect(made == "4663343fd560d659327fc86b8a393dc40e296d1145f709acb5e209f4bc95396f")
    }

    /// What libcurl sends is signed as the algorithm says, with every header that it says it has signed.
    @Test(arguments: ["sqs", "sns"]) func `signs what is sent`(_ service: String) throws {
        let server = LoopbackServer { _ in .status(200, body: #"{"MessageId":"m"}<MessageId>m</MessageId>"#) }
        let place =
            service == "sqs"
            ? #""queue": "\#(server.url("/1/care"))", "region": "us-east-1""#
            : #""topic": "arn:aws:sns:us-east-1:1:care", "endpoint": "\#(server.url("/"))""#
        let channel = try Self.channel(#""type": "\#(service)", \#(place), "allowPrivateAddresses": true"#)
        let order = ChannelTests.order(customer: "客1")
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 1))
        loop.submit(channel.request(for: order, body: try channel.body(of: order), now: order.decidedAt), tag: 1)
        var isDone = false
        while !isDone { loop.run(timeoutMilliseconds: 1_000) { _, _, _ in isDone = true } }
        let request = try #require(server.received.first)
        #expect(request.method == "POST" && request.path == "/")
        let authorization = try #require(request.header("authorization"))
        let names = try #require(authorization.firstMatch(of: /SignedHeaders=([^,]*)/)?.1.split(separator: ";"))
        #expect(names.contains("host") && names.contains("x-amz-date") && names.contains("content-type"))
        let made = Self.signature(
            headers: names.map { name in (String(name), request.header(String(name)) ?? "") }, body: request.body,
            date: try #require(request.header("x-amz-date")), region: "us-east-1", service: service,
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        #expect(authorization.hasSuffix("Signature=\(made)"))
        #expect(authorization.contains("Credential=AKIDEXAMPLE/"))
        #expect(!request.headers.contains { $0.value.contains("wJalr") })
    }
}
