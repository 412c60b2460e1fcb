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

    /// What makes the connections.
    package struct Proxy: Sendable, Hashable {
        /// Where it is, http or socks5h.
        package var url: TargetURL
        /// As whom; nil: nobody in particular.
        package var user: SettingText?
        /// Nil: none.
        package var password: SecretReference?
        /// Which addresses besides public ones it may have itself.
        package var privateAddresses: PrivateAddresses = .refused
    }

    /// Where to.
    package var url: TargetURL
    /// Nil: connections are made from here.
    package var proxy: Proxy?
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
        var target = TransferTarget(
            url: url, timeoutMilliseconds: parts.timeoutMilliseconds,
            connectTimeoutMilliseconds: min(parts.timeoutMilliseconds, 5_000),
            addresses: try addresses(privateAddresses, parts),
            authoritiesFile: authoritiesFile.map(parts.secrets.path), clientCertificate: try clientCertificate(parts))
        if let proxy { target.proxy = try self.proxy(proxy, parts) }
        return target
    }

    private func proxy(_ proxy: Proxy, _ parts: ChannelParts) throws(DestinationError) -> TransferProxy {
        var made = TransferProxy(url: proxy.url, addresses: try addresses(proxy.privateAddresses, parts))
        if let user = proxy.user { made.user = try parts.value(user) }
        if let password = proxy.password { made.password = try parts.value(password) }
        // SOCKS 5 has one byte for each length (RFC 1929).
        guard [made.user, made.password].allSatisfy({ ($0 ?? "").utf8.count <= 255 }) else {
            throw parts.error("the proxy's user or password is longer than 255 bytes", help: "no proxy takes that")
        }
        return made
    }

    private func clientCertificate(_ parts: ChannelParts) throws(DestinationError) -> ClientCertificate? {
        guard let certificate else { return nil }
        var password: String?
        if let reference = certificate.password { password = try parts.value(reference) }
        return ClientCertificate(
            certificateFile: parts.secrets.path(certificate.certificateFile),
            keyFile: parts.secrets.path(certificate.keyFile), keyPassword: password)
    }

    private func addresses(
        _ allowed: PrivateAddresses, _ parts: ChannelParts
    ) throws(DestinationError) -> AddressPolicy {
        switch allowed {
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
