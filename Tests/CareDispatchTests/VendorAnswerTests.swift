import CareTransport
import CareValues
import Testing

@testable import CareDispatch

/// Answers as the vendors document them: 200 alone is never success.
@Suite struct VendorAnswerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var keys: String
        var status: Int
        var body: String
        var kind: AttemptResult.Kind
        var detail: String
        var wait: Int64?
        var isComplete = true
        var retryAfter: String?
        var testDescription: String { "\(keys.prefix(24)) \(status) \(body)" }

        init(
            _ keys: String, _ status: Int, _ body: String, _ kind: AttemptResult.Kind, _ detail: String = "",
            wait: Int64? = nil, isComplete: Bool = true, retryAfter: String? = nil
        ) {
            (self.keys, self.status, self.body, self.kind) = (keys, status, body, kind)
            (self.detail, self.wait, self.isComplete, self.retryAfter) = (detail, wait, isComplete, retryAfter)
        }
    }

    static let wecom = [
        Case(RobotTests.wecom, 200, #"{"errcode":0,"errmsg":"ok"}"#, .delivered),
        Case(
            RobotTests.wecom, 200, #"{"errcode":93000,"errmsg":"invalid webhook url, hint: [1], from ip: 1.2.3.4"}"#,
            .gone,
            "200, errcode 93000: the robot's key is not known"),
        Case(
            RobotTests.wecom, 200, #"{"errcode":45009,"errmsg":"api freq out of limit"}"#, .throttled,
            "200, errcode 45009: too many messages", wait: 60_000),
        Case(RobotTests.wecom, 200, #"{"errcode":-1,"errmsg":"system busy"}"#, .throttled, "200, errcode -1: busy"),
        Case(RobotTests.wecom, 200, #"{"errcode":40058,"errmsg":"m"}"#, .permanent, "200, errcode 40058: text refused"),
        Case(RobotTests.wecom, 200, #"{"errcode":44004,"errmsg":"m"}"#, .permanent, "200, errcode 44004: empty text"),
        Case(RobotTests.wecom, 200, #"{"errcode":99999}"#, .failed, "200, errcode 99999"),
        // Who cannot tell a repetition is not sent one because a success reads otherwise than was expected.
        Case(RobotTests.wecom, 200, "<html>", .unknown, "not an answer of WeCom"),
        Case(RobotTests.wecom, 200, #"{"errcode":"0"}"#, .unknown, "not an answer of WeCom"),
        Case(RobotTests.wecom, 200, "", .unknown, "not an answer of WeCom"),
        Case(RobotTests.wecom, 200, #"{"errc"#, .unknown, "answer cut short", isComplete: false),
        Case(RobotTests.wecom, 500, #"{"errcode":0}"#, .unknown, "500, errcode 0"),
        Case(RobotTests.wecom, 500, #"{"errcode":40058}"#, .permanent, "500, errcode 40058: text refused"),
        Case(RobotTests.wecom, 408, "", .unknown, "408 Request Timeout"),
        Case(RobotTests.wecom, 407, "", .failed, "407"),
        Case(RobotTests.wecom, 409, "", .failed, "409 Conflict"),
        Case(RobotTests.wecom, 499, "", .failed, "499"),
        Case(RobotTests.wecom, 500, "", .unknown, "500 Internal Server Error"),
        Case(RobotTests.wecom, 502, "bad", .unknown, "502 Bad Gateway"),
        Case(RobotTests.wecom, 504, "late", .unknown, "504 Gateway Timeout"),
        Case(RobotTests.wecom, 503, "busy", .unknown, "503 Service Unavailable"),
        Case(
            RobotTests.wecom, 503, "busy", .throttled, "503 Service Unavailable, Retry-After 7", wait: 7_000,
            retryAfter: "7"),
    ]

    static let dingtalk = [
        Case(RobotTests.dingtalk, 200, #"{"errcode":0,"errmsg":"ok"}"#, .delivered),
        Case(
            RobotTests.dingtalk, 200,
            #"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u","errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#,
            .throttled, "200, errcode 130101: too many messages", wait: 600_000),
        Case(
            RobotTests.dingtalk, 200, #"{"errcode":310000,"errmsg":"keywords not in content"}"#, .permanent,
            "200, errcode 310000: the text has none of the robot's keywords"),
        Case(
            RobotTests.dingtalk, 200, #"{"errcode":310000,"errmsg":"sign not match"}"#, .gone,
            "200, errcode 310000: security check failed: secret, clock or address"),
        Case(
            RobotTests.dingtalk, 200, #"{"errcode":300001,"errmsg":"token is not exist"}"#, .gone,
            "200, errcode 300001: the robot's token is not known"),
        Case(RobotTests.dingtalk, 200, "{}", .unknown, "not an answer of DingTalk"),
    ]

    static let feishu = [
        Case(RobotTests.feishu, 200, #"{"code":0,"msg":"success","data":{}}"#, .delivered),
        Case(RobotTests.feishu, 200, #"{"StatusCode":0,"StatusMessage":"success"}"#, .delivered),
        Case(
            RobotTests.feishu, 200, #"{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}"#,
            .gone,
            "200, code 19021: signature refused: secret or clock"),
        Case(
            RobotTests.feishu, 400, #"{"code":9499,"msg":"Bad Request"}"#, .permanent, "400, code 9499: message refused"
        ),
        Case(
            RobotTests.feishu, 429, #"{"code":11232,"msg":"frequency limited"}"#, .throttled,
            "429, code 11232: too many messages", wait: 60_000),
        Case(
            RobotTests.feishu, 200, #"{"code":19024,"msg":"Key Words Not Found"}"#, .permanent,
            "200, code 19024: the text has none of the bot's keywords"),
        Case(RobotTests.feishu, 200, #"{"msg":"ok"}"#, .unknown, "not an answer of Feishu"),
    ]

    static let slack = [
        Case(RobotTests.slack, 200, "ok", .delivered),
        Case(RobotTests.slack, 200, "OK", .unknown, "not an answer of Slack"),
        Case(RobotTests.slack, 200, "", .unknown, "not an answer of Slack"),
        Case(RobotTests.slack, 201, "ok", .unknown, "not an answer of Slack"),
        Case(RobotTests.slack, 200, "o", .unknown, "answer cut short", isComplete: false),
        Case(RobotTests.slack, 400, "invalid_payload", .permanent, "400 invalid_payload"),
        Case(RobotTests.slack, 403, "invalid_token", .gone, "403 invalid_token"),
        Case(RobotTests.slack, 403, "who knows", .gone, "403 Forbidden"),
        Case(RobotTests.slack, 404, "no_service", .gone, "404 no_service"),
        Case(RobotTests.slack, 410, "channel_is_archived", .gone, "410 channel_is_archived"),
        Case(RobotTests.slack, 429, "rate_limited", .throttled, "429 Too Many Requests"),
        Case(RobotTests.slack, 500, "rollup_error", .unknown, "500 Internal Server Error"),
        Case(RobotTests.slack, 500, "no_text", .permanent, "500 no_text"),
        Case(RobotTests.slack, 408, "", .unknown, "408 Request Timeout"),
        Case(RobotTests.slack, 502, "", .unknown, "502 Bad Gateway"),
        Case(RobotTests.slackApp, 200, #"{"ok":true,"channel":"C1","ts":"1.2"}"#, .delivered),
        Case(RobotTests.slackApp, 200, #"{"ok":false,"error":"invalid_auth"}"#, .gone, "200, error invalid_auth"),
        Case(
            RobotTests.slackApp, 200, #"{"ok":false,"error":"channel_not_found"}"#, .permanent,
            "200, error channel_not_found"),
        Case(RobotTests.slackApp, 429, #"{"ok":false,"error":"ratelimited"}"#, .throttled, "429, error ratelimited"),
        Case(RobotTests.slackApp, 200, #"{"ok":false,"error":"fatal_error"}"#, .unknown, "200, error fatal_error"),
        Case(RobotTests.slackApp, 200, #"{"ok":false,"error":"team_error"}"#, .failed, "200, error team_error"),
        Case(
            RobotTests.slackApp, 200, #"{"ok":false,"error":"a sentence of a stranger"}"#, .unknown,
            "not an answer of Slack"),
        Case(RobotTests.slackApp, 200, "ok", .unknown, "not an answer of Slack"),
    ]

    static let telegram = [
        Case(RobotTests.telegram, 200, #"{"ok":true,"result":{"message_id":7}}"#, .delivered),
        Case(
            RobotTests.telegram, 429,
            #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}"#,
            .throttled, "429, error_code 429: too many messages", wait: 5_000),
        Case(
            RobotTests.telegram, 403,
            #"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
            .permanent, "403, error_code 403: the bot may not write to this chat"),
        Case(
            RobotTests.telegram, 400, #"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
            .permanent,
            "400, error_code 400: chat not found, or text refused"),
        Case(
            RobotTests.telegram, 400,
            #"{"ok":false,"error_code":400,"description":"group chat was upgraded","parameters":{"migrate_to_chat_id":-1001}}"#,
            .permanent, "400, error_code 400: the group has another number now"),
        Case(
            RobotTests.telegram, 401, #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#, .gone,
            "401, error_code 401: the bot's token is not known"),
        Case(RobotTests.telegram, 500, #"{"ok":false,"error_code":500}"#, .unknown, "500, error_code 500"),
        Case(RobotTests.telegram, 200, #"{"ok":false}"#, .unknown, "not an answer of Telegram"),
        Case(RobotTests.telegram, 200, "[]", .unknown, "not an answer of Telegram"),
    ]

    static let sms = [
        Case(RobotTests.twilio, 201, #"{"sid":"SM1","status":"queued","error_code":null}"#, .delivered),
        Case(RobotTests.twilio, 200, #"{"sid":"SM1","status":"queued"}"#, .unknown, "not an answer of Twilio"),
        Case(RobotTests.twilio, 201, "{}", .unknown, "not an answer of Twilio"),
        Case(
            RobotTests.twilio, 201, #"{"sid":"SM1","status":"failed","error_code":30007}"#, .permanent,
            "201, status failed, error_code 30007"),
        Case(
            RobotTests.twilio, 400, #"{"code":21211,"message":"m","more_info":"u","status":400}"#, .permanent,
            "400, code 21211: not a telephone number"),
        Case(
            RobotTests.twilio, 400, #"{"code":21610,"message":"m","status":400}"#, .permanent,
            "400, code 21610: the recipient has unsubscribed"),
        Case(RobotTests.twilio, 400, #"{"code":21999,"status":400}"#, .permanent, "400, code 21999"),
        Case(RobotTests.twilio, 400, #"{"code":60200,"status":400}"#, .failed, "400, code 60200"),
        Case(
            RobotTests.twilio, 401, #"{"code":20003,"message":"Authenticate","status":401}"#, .gone,
            "401, code 20003: account or token refused"),
        Case(RobotTests.twilio, 429, #"{"code":20429,"status":429}"#, .throttled, "429, code 20429: too many requests"),
        Case(RobotTests.twilio, 500, "oops", .unknown, "500 Internal Server Error"),
        Case(RobotTests.twilio, 504, "oops", .unknown, "504 Gateway Timeout"),
        Case(RobotTests.aliyun, 200, #"{"Code":"OK","Message":"OK","BizId":"1^0","RequestId":"r"}"#, .delivered),
        Case(
            RobotTests.aliyun, 200, #"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发小时级流控"}"#, .deferred,
            "200, Code isv.BUSINESS_LIMIT_CONTROL: too many to this number", wait: 60_000),
        Case(
            RobotTests.aliyun, 200, #"{"Code":"isv.AMOUNT_NOT_ENOUGH"}"#, .gone,
            "200, Code isv.AMOUNT_NOT_ENOUGH: the account is empty"),
        Case(
            RobotTests.aliyun, 200, #"{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}"#, .permanent,
            "200, Code isv.MOBILE_NUMBER_ILLEGAL: not a telephone number"),
        Case(RobotTests.aliyun, 200, #"{"Code":"isp.SYSTEM_ERROR"}"#, .failed, "200, Code isp.SYSTEM_ERROR"),
        Case(RobotTests.aliyun, 400, #"{"Code":"Throttling.User"}"#, .throttled, "400, Code Throttling.User"),
        Case(
            RobotTests.aliyun, 400, #"{"Code":"SignatureDoesNotMatch"}"#, .gone,
            "400, Code SignatureDoesNotMatch: the secret is not the key's"),
        Case(RobotTests.aliyun, 200, #"{"Message":"OK"}"#, .unknown, "not an answer of Aliyun"),
    ]

    @Test(arguments: wecom + dingtalk + feishu + slack + telegram + sms)
    func `believes the body, not the status`(_ test: Case) throws {
        let response = HTTPResponse(
            status: test.status, retryAfter: test.retryAfter, body: Array(test.body.utf8),
            bodyIsComplete: test.isComplete)
        let result = try RobotTests.channel(test.keys).result(of: .response(response), now: Timestamp(milliseconds: 0))
        #expect(result.kind == test.kind)
        #expect(result.detail == test.detail)
        #expect(result.retryAfterMilliseconds == test.wait)
    }

    @Test(arguments: [
        RobotTests.wecom, RobotTests.dingtalk, RobotTests.feishu, RobotTests.slack, RobotTests.slackApp,
        RobotTests.telegram, RobotTests.twilio, RobotTests.aliyun,
    ])
    func `a lost answer is unknown, a lost connection is not`(_ keys: String) throws {
        let channel = try RobotTests.channel(keys)
        func kind(_ error: TransportError) -> AttemptResult.Kind {
            channel.result(of: .failure(error), now: Timestamp(milliseconds: 0)).kind
        }
        #expect(kind(TransportError(.answerTimeout, requestBegun: true)) == .unknown)
        #expect(kind(TransportError(.connectionLost, requestBegun: true)) == .unknown)
        #expect(kind(TransportError(.notConnected)) == .failed)
        #expect(kind(TransportError(.addressRefused)) == .permanent)
    }
}
