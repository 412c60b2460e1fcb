import CareTransport
import CareValues

extension TargetSettings {
    /// The keys of every channel over the network.
    static let keys = ["url", "proxy", "allowPrivateAddresses", "caFile", "clientCertificate"]

    /// Reads the keys; nil: there is no usable URL.
    ///
    /// - Parameter url: under which key the address stands, and what it is when it does not.
    /// - Parameter schemes: which schemes it may have.
    init?(
        _ reader: inout DestinationReader, url: (key: String, usual: String?) = ("url", nil),
        schemes: [TargetURL.Scheme] = TargetURL.Scheme.web
    ) {
        guard let address = reader.url(url.key, usual: url.usual, schemes: schemes) else { return nil }
        self.init(url: address)
        if let node = reader.node["allowPrivateAddresses"], let allowed = Self.privateAddresses(node, &reader) {
            privateAddresses = allowed
        }
        proxy = reader.proxy()
        if proxy != nil, privateAddresses != .refused, !AddressPolicy.publicOnly.refusesUnseen(address.host),
            let node = reader.node["allowPrivateAddresses"]
        {
            reader.warn(
                node, "config.no-effect",
                "allowPrivateAddresses of destination '\(reader.name)' does nothing: its proxy looks the name up and connects",
                "which addresses the proxy may have itself is said in proxy: { \"url\": …, \"allowPrivateAddresses\": true }"
            )
        }
        if let node = reader.node["caFile"] { authoritiesFile = reader.string(node) }
        if let node = reader.node["clientCertificate"] { certificate = Self.certificate(node, &reader) }
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

    static func privateAddresses(
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
    /// An address without credentials, http or https unless other schemes are asked for.
    ///
    /// - Parameter usual: what it is when the key is missing; nil: it must not be.
    mutating func url(
        _ key: String, usual: String? = nil, schemes: [TargetURL.Scheme] = TargetURL.Scheme.web
    ) -> TargetURL? {
        let node = self.node[key]
        guard node != nil || usual != nil else {
            fail(self.node, "config.missing-key", "destination '\(name)' has no \(key)")
            return nil
        }
        let place = node ?? self.node
        guard let text = node == nil ? usual : string(place) else { return nil }
        let subject = "the \(key) of destination '\(name)'"
        do throws(TargetURL.Problem) {
            return try TargetURL(text, schemes: schemes)
        } catch {
            switch error {
            case .malformed, .badHost: fail(place, "config.bad-url", "\(subject) is not a URL")
            case .internationalHost:
                fail(
                    place, "config.bad-url", "\(subject) has a host with letters outside ASCII",
                    "write the host as punycode, xn--…")
            case .otherScheme where schemes == TargetURL.Scheme.web:
                fail(place, "config.bad-url", "\(subject) is neither http nor https")
            case .otherScheme:
                let known = schemes.map { "\($0.name)://" }
                fail(place, "config.bad-url", "\(subject) begins with none of \(list(known))")
            case .holdsCredentials:
                var finding = document.diagnostic(
                    at: place, code: "config.bad-url", message: "\(subject) holds a user name or password",
                    help: "take it out; use secret, headers, auth, or user and password, by reference")
                // The line holds what is perhaps a secret: it must not be shown.
                finding.sourceLine = ""
                findings.append(finding)
            }
            return nil
        }
    }
}
