import CareTransport

/// What every channel over HTTP can be told: where, as whom, and how far the other side is trusted.
package struct HTTPSettings: Sendable, Hashable {
    /// A header that every request carries.
    package struct Header: Sendable, Hashable {
        /// Its name, a token of RFC 9110.
        package var name: String
        /// Its value, or where to find it.
        package var value: SettingText
    }

    /// How requests say who sends them, in the header `Authorization`.
    package enum Authorization: Sendable, Hashable {
        /// RFC 7617. A user has no colon.
        case basic(user: SettingText, password: SecretReference)
        /// RFC 6750.
        case bearer(SecretReference)
    }

    /// Which addresses besides public ones may be dialled.
    package enum PrivateAddresses: Sendable, Hashable {
        case refused
        /// Loopback, RFC 1918, carrier-grade NAT, IPv6 unique local.
        case allowed
        /// Only these blocks.
        case blocks([String])
    }

    /// A certificate that is shown to the other side (mutual TLS).
    package struct Certificate: Sendable, Hashable {
        /// The PEM file of the certificate; a relative path counts from the folder of the settings.
        package var certificateFile: String
        /// The PEM file of its key.
        package var keyFile: String
        /// The key's password; nil: it has none.
        package var password: SecretReference?
    }

    /// Where to.
    package var url: TargetURL
    /// Further headers.
    package var headers: [Header] = []
    /// Who sends; nil: nothing is said.
    package var authorization: Authorization?
    /// Which addresses besides public ones may be dialled.
    package var privateAddresses: PrivateAddresses = .refused
    /// A PEM file of certificate authorities instead of the system's.
    package var authoritiesFile: String?
    /// The client's certificate; nil: none is shown.
    package var certificate: Certificate?
    /// HTTP/2 where it is offered.
    package var prefersHTTP2 = false

    /// Settings with nothing but an address.
    package init(url: TargetURL) { self.url = url }

    /// The request that all attempts begin with: everything but body and what a channel adds.
    ///
    /// - Throws: ``DestinationError``: a secret is missing, or cannot stand in a header.
    func template(_ parts: ChannelParts) throws(DestinationError) -> HTTPRequest {
        var request = HTTPRequest(
            method: "POST", url: url, headers: try headerValues(parts), body: [],
            timeoutMilliseconds: parts.timeoutMilliseconds,
            connectTimeoutMilliseconds: min(parts.timeoutMilliseconds, 5_000), addresses: try addresses(parts),
            authoritiesFile: authoritiesFile.map(parts.secrets.path), prefersHTTP2: prefersHTTP2, keptAnswerBytes: 0)
        switch authorization {
        case .basic(let user, let password):
            request.basic = (try parts.value(user), try parts.value(password))
        case .bearer(let token):
            let value = "Bearer \(try parts.value(token))"
            guard HeaderText.isValue(value) else {
                throw parts.error("the bearer token holds a control character", help: "a header is one line of text")
            }
            request.headers.append(("authorization", value))
        case nil: break
        }
        if let certificate {
            request.target.clientCertificate = ClientCertificate(
                certificateFile: parts.secrets.path(certificate.certificateFile),
                keyFile: parts.secrets.path(certificate.keyFile), keyPassword: try password(of: certificate, parts))
        }
        return request
    }

    private func password(
        of certificate: Certificate, _ parts: ChannelParts
    ) throws(DestinationError) -> String? {
        guard let reference = certificate.password else { return nil }
        return try parts.value(reference)
    }

    private func headerValues(_ parts: ChannelParts) throws(DestinationError) -> [(name: String, value: String)] {
        var values: [(name: String, value: String)] = [("user-agent", "care/1.0")]
        for header in headers {
            let value = try parts.value(header.value)
            guard HeaderText.isValue(value) else {
                throw parts.error(
                    "the secret for the header \(header.name) holds a control character",
                    help: "a header is one line of text")
            }
            values.removeAll { $0.name == header.name.lowercased() }
            values.append((header.name, value))
        }
        return values
    }

    private func addresses(_ parts: ChannelParts) throws(DestinationError) -> AddressPolicy {
        switch privateAddresses {
        case .refused: return .publicOnly
        case .allowed: return .publicAndPrivate
        case .blocks(let blocks):
            guard let policy = AddressPolicy(allowing: blocks) else {
                throw parts.error(
                    "allowPrivateAddresses holds what is not an address block", help: "for example 10.1.0.0/16")
            }
            return policy
        }
    }
}
