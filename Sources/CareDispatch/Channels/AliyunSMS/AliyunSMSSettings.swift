import CareTransport
import CareValues

/// What `care.json` says of text messages by Aliyun (阿里云短信).
package struct AliyunSMSSettings: ChannelSettings, Hashable {
    /// Which of the texts that the authorities approved a message is.
    package enum TemplateCodes: Sendable, Hashable {
        /// Always this one: `SMS_71390007`.
        case one(String)
        /// By the action's `type`.
        case byType([String: String])
    }

    /// `"type": "aliyun-sms"`.
    package static let type = "aliyun-sms"
    /// Those of HTTP, and its own.
    package static let keys =
        HTTPSettings.keys.filter { $0 != "url" } + [
            "accessKeyId", "accessKeySecret", "signName", "templateCode", "endpoint",
        ]
    /// The service answers within some 100 ms.
    package static let usualConcurrency = 8

    /// The id of the key.
    package var keyID: SettingText
    /// The key.
    package var secret: SecretReference
    /// The approved signature: the name in brackets before each text.
    package var signName: String
    /// The approved text.
    package var codes: TemplateCodes
    /// How requests are made, and where to.
    package var http: HTTPSettings

    /// Reads an account; nil: a key, signature or template is missing.
    package init?(_ reader: inout DestinationReader) {
        let node = reader.node
        let keyID = reader.requiredText("accessKeyId")
        let secret = reader.requiredReference("accessKeySecret")
        let http = HTTPSettings(
            &reader, ownHeaders: ["authorization"], url: ("endpoint", "https://dysmsapi.aliyuncs.com"))
        var signName: String?
        if let value = node["signName"] {
            signName = reader.string(value)
        } else {
            reader.fail(
                node, "config.missing-key", "destination '\(reader.name)' has no signName",
                "the signature that Aliyun approved, without brackets")
        }
        let codes = Self.codes(&reader)
        if let http, http.url.text.dropFirst(http.isTLSPrefixLength).contains("/") {
            reader.fail(
                node["endpoint"] ?? node, "config.bad-url", "the endpoint of destination '\(reader.name)' has a path",
                "a host is enough: https://dysmsapi.aliyuncs.com")
            return nil
        }
        guard let keyID, let secret, let signName, let codes, let http else { return nil }
        self.keyID = keyID
        self.secret = secret
        self.signName = signName
        self.codes = codes
        self.http = http
    }

    private static func codes(_ reader: inout DestinationReader) -> TemplateCodes? {
        let help = #"write "templateCode": "SMS_71390007", or { "care.birthday": "SMS_71390007" } by the action's type"#
        guard let value = reader.node["templateCode"] else {
            reader.fail(
                reader.node, "config.missing-key", "destination '\(reader.name)' has no templateCode", help)
            return nil
        }
        guard value.kind == .object else { return reader.string(value).map { .one($0) } }
        var codes: [String: String] = [:]
        for (key, code) in value.members {
            guard let type = key.string, let text = reader.string(code) else { continue }
            codes[type] = text
        }
        guard !codes.isEmpty else {
            reader.fail(value, "config.bad-value", "templateCode names none", help)
            return nil
        }
        return .byType(codes)
    }

    /// Sends in the account's name.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var request = try http.template(parts)
        request.keptAnswerBytes = 4_096
        return AliyunSMSChannel(
            template: request, root: http.url, access: try parts.word(keyID), secret: try parts.word(secret),
            signName: signName, codes: codes)
    }
}

extension HTTPSettings {
    /// How many characters stand before the host.
    fileprivate var isTLSPrefixLength: Int { url.isTLS ? "https://".count : "http://".count }
}
