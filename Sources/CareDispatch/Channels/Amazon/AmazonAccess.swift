import CareTransport
import CareValues

/// As whom, and where, requests to Amazon's services are made.
package struct AmazonAccess: Sendable, Hashable {
    /// The keys of `care.json` that every such channel has, beside those of HTTP but the address.
    static let keys =
        ["region", "accessKeyId", "secretAccessKey", "sessionToken", "endpoint", "source"]
        + HTTPSettings.keys.filter { $0 != "url" }

    /// `eu-central-1`.
    package var region: String
    /// The id of the key.
    package var keyID: SettingText
    /// The key.
    package var secret: SecretReference
    /// The token of temporary keys; nil: they are lasting ones.
    package var sessionToken: SecretReference?
    /// Where requests go, and what is common to all.
    package var http: HTTPSettings

    /// Reads the keys.
    ///
    /// - Parameter region: the region that the queue or topic names; nil: `care.json` must.
    /// - Parameter endpoint: where requests go when `care.json` names no endpoint of its own.
    init?(_ reader: inout DestinationReader, region: String?, endpoint: (_ region: String) -> String) {
        let node = reader.node
        for key in ["accessKeyId", "secretAccessKey"] where node[key] == nil {
            reader.fail(node, "config.missing-key", "destination '\(reader.name)' has no \(key)")
        }
        var region = region
        if let value = node["region"] { region = reader.string(value) }
        guard let region else {
            reader.fail(
                node, "config.missing-key", "destination '\(reader.name)' has no region",
                #"write "region": "eu-central-1""#)
            return nil
        }
        guard region.utf8.allSatisfy({ Self.isRegionByte($0) }) else {
            reader.fail(
                node["region"] ?? node, "config.bad-value", "a region is written like eu-central-1", nil)
            return nil
        }
        guard let keyID = node["accessKeyId"].flatMap({ reader.text($0) }),
            let secret = node["secretAccessKey"].flatMap({ reader.reference($0, "secretAccessKey") }),
            let http = HTTPSettings(
                &reader, ownHeaders: ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-target"],
                url: ("endpoint", endpoint(region)))
        else { return nil }
        self.region = region
        self.keyID = keyID
        self.secret = secret
        self.http = http
        sessionToken = node["sessionToken"].flatMap { reader.reference($0, "sessionToken") }
    }

    private static func isRegionByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// The request that all attempts begin with, signed for `service` by libcurl: a POST to `/`.
    func template(_ parts: ChannelParts, service: String) throws(DestinationError) -> HTTPRequest {
        var request = try http.template(parts)
        request.basic = (try parts.value(keyID), try parts.value(secret))
        request.amazonSignature = AmazonSignature(region: region, service: service)
        request.keptAnswerBytes = 8_192
        if let sessionToken {
            let token = try parts.value(sessionToken)
            guard HeaderText.isValue(token) else {
                throw parts.error("the session token holds a control character", help: "it is one line of text")
            }
            request.headers.append(("x-amz-security-token", token))
        }
        return request
    }

    /// The host of a service in a region: regions in China are under a name of their own.
    static func host(of service: String, in region: String) -> String {
        "https://\(service).\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/"
    }
}

/// What an error code of Amazon's services means for a delivery.
enum AmazonError {
    /// Codes that ask to slow down.
    private static let throttled: Set<String> = [
        "RequestThrottled", "KmsThrottled", "ThrottlingException", "Throttling", "ThrottledException", "OverLimit",
        "KMSThrottling", "KMSThrottlingException",
    ]
    /// Codes that the same message will get every time.
    private static let permanent: Set<String> = [
        "InvalidMessageContents", "MessageTooLong", "BatchRequestTooLong",
    ]

    /// The result of an answer that is no success.
    static func result(code: String, status: Int, retryAfter: Int64?) -> AttemptResult {
        let detail = code.isEmpty ? String(status) : "\(status) \(code)"
        let kind: AttemptResult.Kind =
            if permanent.contains(code) {
                .permanent
            } else if throttled.contains(code) || status == 429 || status == 503 { .throttled } else { .failed }
        return AttemptResult(kind, status: status, detail: detail, retryAfterMilliseconds: retryAfter)
    }

    /// A code as the service writes it, if it looks like one: what a stranger answers is not shown.
    static func code(_ text: String) -> String {
        let code = text.lastIndex(of: "#").map { String(text[text.index(after: $0)...]) } ?? text
        let isCode = code.utf8.count <= 64 && code.utf8.allSatisfy { HeaderText.isName(String(UnicodeScalar($0))) }
        return isCode ? code : ""
    }
}
