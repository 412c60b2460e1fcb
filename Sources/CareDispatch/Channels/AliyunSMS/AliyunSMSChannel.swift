import CareStore
import CareTransport
import CareValues

/// Text messages by Aliyun: the action `SendSms` of its short message service.
///
/// Free text is not to be had: the text is a template that was approved; the action's `data` fills its gaps.
///
/// Source: Aliyun short message service, API 2017-05-25, "SendSms", "API error codes".
struct AliyunSMSChannel: Channel {
    var template: HTTPRequest
    /// Where to; nothing but scheme and host, perhaps a port.
    var root: TargetURL
    /// The id of the key.
    var access: String
    var secret: String
    var signName: String
    /// The approved texts.
    var codes: AliyunSMSSettings.TemplateCodes

    /// Aliyun knows no idempotency key: a second request is a second message on the customer's telephone.
    var repeatsSafely: Bool { false }

    private func code(of order: NewDelivery) throws(Unsendable) -> String {
        switch codes {
        case .one(let code): return code
        case .byType(let codes):
            guard let code = codes[order.type] else { throw Unsendable("no templateCode for the type \(order.type)") }
            return code
        }
    }

    /// What fills the gaps: the members of `data`, numbers and truth values as text.
    private static func parameters(of order: NewDelivery) throws(Unsendable) -> String {
        guard case .object(let data)? = JSONValue(storedText: order.data) else { return "{}" }
        var filled: [(name: String, value: JSONValue)] = []
        for (name, value) in data.members {
            switch value {
            case .string: filled.append((name, value))
            case .number, .bool: filled.append((name, .string(JSONWriter.text(value))))
            case .null: filled.append((name, .string("")))
            default: throw Unsendable("data.\(name) is neither text nor number")
            }
        }
        return JSONWriter.text(.object(JSONObject(uniqueMembers: filled)))
    }

    /// The signed part that does not change from attempt to attempt: the query, sorted and encoded.
    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        guard !order.address.isEmpty else { throw Unsendable("no telephone number: the action has no to") }
        let query = [
            ("OutId", order.id.text), ("PhoneNumbers", order.address), ("SignName", signName),
            ("TemplateCode", try code(of: order)), ("TemplateParam", try Self.parameters(of: order)),
        ]
        return Array(AliyunSignature.query(query).utf8)
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        let query = String(decoding: body, as: UTF8.self)
        var text = root.text
        while text.hasSuffix("/") { text.removeLast() }
        // What was an address stays one with a query behind it.
        if let url = try? TargetURL("\(text)/?\(query)") { request.target.url = url }
        let isUsualPort = root.port == (root.isTLS ? 443 : 80)
        let nonce = Digests.hex(Array(Digests.sha256("\(order.id.text).\(now.milliseconds)".utf8).prefix(16)))
        request.headers += AliyunSignature.headers(
            action: "SendSms", version: "2017-05-25", host: root.host + (isUsualPort ? "" : ":\(root.port)"),
            query: query, date: now.iso8601.prefix(19) + "Z", nonce: nonce, access: access, secret: secret)
        return .http(request)
    }

    private static let answers: [String: VendorCode] = [
        // So many a minute, an hour, a day to one number: that customer waits, the others do not.
        "isv.BUSINESS_LIMIT_CONTROL": VendorCode(.deferred, "too many to this number", waitMilliseconds: 60_000),
        "isv.AMOUNT_NOT_ENOUGH": VendorCode(.gone, "the account is empty"),
        "isv.OUT_OF_SERVICE": VendorCode(.gone, "the account is blocked"),
        "isv.SMS_SIGNATURE_ILLEGAL": VendorCode(.gone, "the signature is not approved"),
        "isv.ACCOUNT_NOT_EXISTS": VendorCode(.gone), "isv.ACCOUNT_ABNORMAL": VendorCode(.gone),
        "InvalidAccessKeyId.NotFound": VendorCode(.gone, "the key is not known"),
        "InvalidAccessKeyId.Inactive": VendorCode(.gone, "the key is switched off"),
        "SignatureDoesNotMatch": VendorCode(.gone, "the secret is not the key's"),
        "isv.SMS_TEMPLATE_ILLEGAL": VendorCode(.permanent, "the template is not approved"),
        "isv.TEMPLATE_MISSING_PARAMETERS": VendorCode(.permanent, "data does not fill the template"),
        "isv.TEMPLATE_PARAMS_ILLEGAL": VendorCode(.permanent, "data does not fit the template"),
        "isv.PARAM_LENGTH_LIMIT": VendorCode(.permanent, "a value of data is too long"),
        "isv.MOBILE_NUMBER_ILLEGAL": VendorCode(.permanent, "not a telephone number"),
        "isv.BLACK_KEY_CONTROL_LIMIT": VendorCode(.permanent, "the text holds a forbidden word"),
        "Throttling": VendorCode(.throttled), "Throttling.User": VendorCode(.throttled),
        "Throttling.Api": VendorCode(.throttled),
    ]

    /// Delivered only with the code `OK`.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "Aliyun", repeatsSafely: false) { members, plain in
            guard let code = VendorAnswer.word(members["Code"]) else { return nil }
            if code == "OK", plain.kind == .delivered { return plain }
            return VendorAnswer.result("Code", code, Self.answers[code], plain)
        }
    }
}
