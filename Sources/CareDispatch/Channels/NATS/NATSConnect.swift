import CareTransport
import CareValues

/// The line by which a client introduces itself.
///
/// Source: NATS documentation, "Client Protocol", CONNECT.
enum NATSConnect {
    /// With the login that the settings name; the nonce is signed where there is a seed.
    static func line(_ settings: NATSConversation.Settings, nonce: String) -> [UInt8] {
        var bytes = Array(
            #"CONNECT {"verbose":false,"pedantic":false,"tls_required":\#(settings.isTLS),"lang":"swift","version":"1","#
                .utf8)
        bytes += #""name":"care","protocol":1,"headers":true,"no_responders":true"#.utf8
        func member(_ name: String, _ value: String?) {
            guard let value else { return }
            bytes += ",\"\(name)\":".utf8
            JSONText.append(value, into: &bytes)
        }
        member("user", settings.user)
        member("pass", settings.password)
        member("auth_token", settings.token)
        member("jwt", settings.jwt)
        if let nkey = settings.nkey {
            // With a JWT the server knows the key from it.
            if settings.jwt == nil { member("nkey", nkey.publicKey) }
            member("sig", nkey.signature(of: nonce))
        }
        bytes += "}\r\n".utf8
        return bytes
    }
}
