import CareTransport

/// What every channel over the network can be told: where to, and how far the other side is trusted.
package struct TargetSettings: Sendable, Hashable {
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
    /// Which addresses besides public ones may be dialled.
    package var privateAddresses: PrivateAddresses = .refused
    /// A PEM file of certificate authorities instead of the system's.
    package var authoritiesFile: String?
    /// The client's certificate; nil: none is shown.
    package var certificate: Certificate?

    /// Settings with nothing but an address.
    package init(url: TargetURL) { self.url = url }

    /// The target of every attempt.
    ///
    /// - Throws: ``DestinationError``: a secret is missing.
    func target(_ parts: ChannelParts) throws(DestinationError) -> TransferTarget {
        TransferTarget(
            url: url, timeoutMilliseconds: parts.timeoutMilliseconds,
            connectTimeoutMilliseconds: min(parts.timeoutMilliseconds, 5_000), addresses: try addresses(parts),
            authoritiesFile: authoritiesFile.map(parts.secrets.path), clientCertificate: try clientCertificate(parts))
    }

    private func clientCertificate(_ parts: ChannelParts) throws(DestinationError) -> ClientCertificate? {
        guard let certificate else { return nil }
        var password: String?
        if let reference = certificate.password { password = try parts.value(reference) }
        return ClientCertificate(
            certificateFile: parts.secrets.path(certificate.certificateFile),
            keyFile: parts.secrets.path(certificate.keyFile), keyPassword: password)
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
