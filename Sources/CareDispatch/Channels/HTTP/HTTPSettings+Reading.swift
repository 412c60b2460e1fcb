import CareTransport
import CareValues

extension HTTPSettings {
    /// The keys of every channel over HTTP.
    static let keys = TargetSettings.keys + ["headers", "http2"]

    /// Headers that libcurl sets, or that would change how a message is framed.
    private static let framing = [
        "content-type", "content-length", "transfer-encoding", "host", "expect", "connection",
    ]

    /// Reads the keys of HTTP; nil: there is no usable URL.
    ///
    /// - Parameter ownHeaders: headers in lower case that the channel sets itself.
    /// - Parameter url: under which key the address stands, and what it is when it does not.
    init?(
        _ reader: inout DestinationReader, ownHeaders: [String] = [], url: (key: String, usual: String?) = ("url", nil)
    ) {
        guard let target = TargetSettings(&reader, url: url) else { return nil }
        self.init(url: target.url)
        self.target = target
        if let node = reader.node["headers"] {
            headers = Self.headers(node, reserved: Self.framing + ownHeaders, &reader)
        }
        if let node = reader.node["auth"] { authorization = Self.authorization(node, &reader) }
        if authorization != nil, headers.contains(where: { $0.name.lowercased() == "authorization" }) {
            reader.fail(
                reader.node["auth"] ?? reader.node, "config.bad-value",
                "destination '\(reader.name)' has both auth and a header Authorization", "one of them says who sends")
        }
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
}
