import CareTransport
import CareValues

extension HTTPSettings {
    /// The keys of every channel over HTTP.
    static let keys = ["url", "headers", "allowPrivateAddresses", "caFile", "clientCertificate", "http2"]

    /// Headers that libcurl sets, or that would change how a message is framed.
    private static let framing = [
        "content-type", "content-length", "transfer-encoding", "host", "expect", "connection",
    ]

    /// Reads the keys of HTTP; nil: there is no usable URL.
    ///
    /// - Parameter ownHeaders: headers in lower case that the channel sets itself.
    /// - Parameter url: under which key the address stands, and what it is when it does not.
    init?(_ reader: inout DestinationReader, ownHeaders: [String] = [], url: (key: String, usual: String?) = ("url", nil)) {
        guard let address = reader.url(url.key, usual: url.usual) else { return nil }
        self.init(url: address)
        if let node = reader.node["headers"] {
            headers = Self.headers(node, reserved: Self.framing + ownHeaders, &reader)
        }
        if let node = reader.node["auth"] { authorization = Self.authorization(node, &reader) }
        if authorization != nil, headers.contains(where: { $0.name.lowercased() == "authorization" }) {
            reader.fail(
                reader.node["auth"] ?? reader.node, "config.bad-value",
                "destination '\(reader.name)' has both auth and a header Authorization", "one of them says who sends")
        }
        if let node = reader.node["allowPrivateAddresses"], let allowed = Self.privateAddresses(node, &reader) {
            privateAddresses = allowed
        }
        if let node = reader.node["caFile"] { authoritiesFile = reader.string(node) }
        if let node = reader.node["clientCertificate"] { certificate = Self.certificate(node, &reader) }
        if let node = reader.node["http2"], let flag = reader.boolean(node) { prefersHTTP2 = flag }
    }

    private static func headers(_ node: JSONNode, reserved: [String], _ reader: inout DestinationReader) -> [Header] {
        guard node.kind == .object else {
            reader.fail(node, "config.wrong-type", "headers must be an object, not \(node.kind.noun)")
            return []
        }
        var headers: [Header] = []
        for (key, value) in node.members {
            let header = key.string ?? ""
            if reserved.contains(header.lowercased()) {
                reader.fail(key, "config.bad-value", "the header '\(header)' is set by care itself")
            } else if !HeaderText.isName(header) {
                reader.fail(key, "config.bad-value", "not a header's name", "letters, digits and - are safe")
            } else if let text = reader.text(value) {
                if case .literal(let literal) = text, !HeaderText.isValue(literal) {
                    reader.fail(value, "config.bad-value", "the header '\(header)' holds a control character")
                } else {
                    headers.append(Header(name: header, value: text))
                }
            }
        }
        return headers
    }

    private static func authorization(_ node: JSONNode, _ reader: inout DestinationReader) -> Authorization? {
        let help = #"write { "bearer": "env:TOKEN" } or { "basic": { "user": "care", "password": "env:PASSWORD" } }"#
        let members = node.kind == .object ? node.members.map { ($0.0.string ?? "", $0.1) } : []
        guard members.count == 1, let (scheme, value) = members.first, ["bearer", "basic"].contains(scheme) else {
            reader.fail(node, "config.bad-value", "auth is an object with either bearer or basic", help)
            return nil
        }
        if scheme == "bearer" { return reader.reference(value, "bearer").map { .bearer($0) } }
        guard reader.refuseOtherKeys(value, than: ["user", "password"], in: "basic"), let user = value["user"],
            let password = value["password"]
        else {
            reader.fail(value, "config.missing-key", "basic needs user and password", help)
            return nil
        }
        guard let name = reader.text(user), let reference = reader.reference(password, "password") else { return nil }
        if case .literal(let text) = name, text.contains(":") || !HeaderText.isValue(text) {
            reader.fail(user, "config.bad-value", "a user has no colon and no control character")
            return nil
        }
        return .basic(user: name, password: reference)
    }

    private static func certificate(_ node: JSONNode, _ reader: inout DestinationReader) -> Certificate? {
        let keys = ["certificate", "key", "password"]
        guard reader.refuseOtherKeys(node, than: keys, in: "clientCertificate"), let file = node["certificate"],
            let key = node["key"]
        else {
            reader.fail(
                node, "config.missing-key", "clientCertificate needs the files certificate and key",
                #"write { "certificate": "client.pem", "key": "client.key" }"#)
            return nil
        }
        guard let certificate = reader.string(file), let keyFile = reader.string(key) else { return nil }
        return Certificate(
            certificateFile: certificate, keyFile: keyFile,
            password: node["password"].flatMap { reader.reference($0, "password") })
    }

    private static func privateAddresses(
        _ node: JSONNode, _ reader: inout DestinationReader
    ) -> PrivateAddresses? {
        if let flag = node.bool { return flag ? .allowed : .refused }
        guard node.kind == .array else {
            reader.fail(
                node, "config.wrong-type",
                "allowPrivateAddresses must be true, false or a list of address blocks, not \(node.kind.noun)")
            return nil
        }
        var blocks: [String] = []
        for element in node.elements {
            guard let text = reader.string(element) else { continue }
            if AddressPolicy(allowing: [text]) == nil {
                reader.fail(element, "config.bad-value", "not an address block", "for example 10.1.0.0/16 or fd12::/16")
            } else {
                blocks.append(text)
            }
        }
        return .blocks(blocks)
    }
}

extension DestinationReader {
    /// An http or https address without credentials.
    ///
    /// - Parameter usual: what it is when the key is missing; nil: it must not be.
    mutating func url(_ key: String, usual: String? = nil) -> TargetURL? {
        let node = self.node[key]
        guard node != nil || usual != nil else {
            fail(self.node, "config.missing-key", "destination '\(name)' has no \(key)")
            return nil
        }
        let place = node ?? self.node
        guard let text = node == nil ? usual : string(place) else { return nil }
        let subject = "the \(key) of destination '\(name)'"
        do throws(TargetURL.Problem) {
            return try TargetURL(text)
        } catch {
            switch error {
            case .malformed, .badHost: fail(place, "config.bad-url", "\(subject) is not a URL")
            case .internationalHost:
                fail(
                    place, "config.bad-url", "\(subject) has a host with letters outside ASCII",
                    "write the host as punycode, xn--…")
            case .otherScheme: fail(place, "config.bad-url", "\(subject) is neither http nor https")
            case .holdsCredentials:
                fail(
                    place, "config.bad-url", "\(subject) holds a user name or password",
                    "take it out; use secret, headers, auth, or user and password, by reference")
            }
            return nil
        }
    }
}
