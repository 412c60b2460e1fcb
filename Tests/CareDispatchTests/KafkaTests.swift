import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct KafkaTests {
    static func channel(_ keys: String) throws -> any Channel {
        let (settings, findings) = try DestinationSettingsTests.read(
            #"{ "d": { "type": "kafka", "url": "https://proxy.example/kafka/", \#(keys) } }"#)
        #expect(findings.isEmpty)
        let secrets = SecretSource(environment: { $0 == "TOKEN" ? "t" : nil }, file: { _ in nil })
        return try Destination(try #require(settings.first), secrets: secrets).channel
    }

    static let v2 = #""topic": "care events/1""#
    static let v3 = #""topic": "care", "api": "v3", "cluster": "lkc-1", "auth": { "bearer": "env:TOKEN" }"#

    @Test func `produces by the older interface, the customer as key`() throws {
        let channel = try Self.channel(Self.v2)
        let order = ChannelTests.order(customer: "客1")
        let request = try channel.httpRequest(for: order, body: channel.body(of: order), now: order.decidedAt)
        #expect(request.target.url.text == "https://proxy.example/kafka/topics/care%20events%2F1")
        #expect(
            request.headers.contains { $0.name == "content-type" && $0.value == "application/vnd.kafka.json.v2+json" })
        guard case .array(let records)? = AmazonTests.members(request.body)["records"], records.count == 1,
            case .object(let record) = records[0], case .object(let event)? = record["value"]
        else {
            Issue.record("not one record")
            return
        }
        #expect(record["key"] == .string("客1"))
        #expect(event["id"] == .string(order.id.text))
    }

    @Test func `produces by the newer interface, the delivery id in a header`() throws {
        let channel = try Self.channel(Self.v3)
        let order = ChannelTests.order()
        let request = try channel.httpRequest(for: order, body: channel.body(of: order), now: order.decidedAt)
        #expect(request.target.url.text == "https://proxy.example/kafka/v3/clusters/lkc-1/topics/care/records")
        #expect(request.headers.contains { $0.name == "authorization" && $0.value == "Bearer t" })
        let record = AmazonTests.members(request.body)
        guard case .object(let key)? = record["key"], case .object(let value)? = record["value"],
            case .array(let headers)? = record["headers"], case .object(let header)? = headers.first,
            case .string(let id)? = header["value"]
        else {
            Issue.record("not a record")
            return
        }
        #expect(key["type"] == .string("STRING") && key["data"] == .string("c2077") && value["type"] == .string("JSON"))
        #expect(Base64.bytes(id) == Array(order.id.text.utf8))
    }

    /// Answers as the proxies' references show them.
    static let answers: [(String, Int, String, AttemptResult.Kind, String)] = [
        (
            v2, 200, #"{"offsets":[{"partition":0,"offset":7,"error_code":null,"error":null}],"key_schema_id":null}"#,
            .delivered, ""
        ),
        (v2, 200, #"{"offsets":[{"partition":0,"offset":0}]}"#, .delivered, ""),
        (v2, 200, #"{"offsets":[{"partition":-1,"offset":-1}]}"#, .failed, "not an answer of a REST proxy"),
        (v2, 200, #"{"offsets":[{"error_code":50003,"error":"m"}]}"#, .failed, "200, error_code 50003"),
        (v2, 200, #"{"offsets":[]}"#, .failed, "not an answer of a REST proxy"),
        (v2, 200, "<html>", .failed, "not an answer of a REST proxy"),
        (v2, 404, #"{"error_code":40401,"message":"m"}"#, .failed, "404, error_code 40401"),
        (v2, 422, #"{"error_code":42203,"message":"m"}"#, .permanent, "422, error_code 42203"),
        (v2, 502, "bad gateway", .failed, "502 Bad Gateway"),
        (
            v3, 200, #"{"error_code":200,"cluster_id":"lkc-1","topic_name":"care","partition_id":0,"offset":0}"#,
            .delivered, ""
        ),
        (v3, 200, #"{"error_code":40002,"message":"m"}"#, .failed, "200, error_code 40002"),
        (v3, 200, #"{"error_code":42206,"message":"m"}"#, .permanent, "200, error_code 42206"),
        (v3, 200, #"{"offset":0}"#, .failed, "not an answer of a REST proxy"),
        (v3, 429, #"{"error_code":429,"message":"m"}"#, .throttled, "429, error_code 429"),
    ]

    @Test(arguments: answers) func `believes the code beside the record, not the status`(
        _ keys: String, _ status: Int, _ body: String, _ kind: AttemptResult.Kind, _ detail: String
    ) throws {
        let response = HTTPResponse(status: status, retryAfter: nil, body: Array(body.utf8), bodyIsComplete: true)
        let result = try Self.channel(keys).result(of: .response(response), now: Timestamp(milliseconds: 0))
        #expect(result.kind == kind && result.detail == detail)
    }

    @Test func `says what is missing`() throws {
        let (_, findings) = try DestinationSettingsTests.read(
            #"{ "a": { "type": "kafka", "url": "https://p/" }, "b": { "type": "kafka", "url": "https://p/", "topic": "t", "api": "v3" }, "c": { "type": "kafka", "url": "https://p/", "topic": "t", "api": "v4" } }"#
        )
        #expect(
            findings.map { $0.message } == [
                "destination 'a' has no topic", "destination 'b' has no cluster", "must be one of v2 and v3",
            ])
    }
}
