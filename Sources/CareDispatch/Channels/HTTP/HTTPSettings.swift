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

    /// Where to, and how far the other side is trusted.
    package var target: TargetSettings
    /// Further headers.
    package var headers: [Header] = []
    /// Who sends; nil: nothing is said.
    package var authorization: Authorization?
    /// HTTP/2 where it is offered.
    package var prefersHTTP2 = false

    /// Settings with nothing but an address.
    package init(url: TargetURL) { target = TargetSettings(url: url) }

    /// Where to.
    package var url: TargetURL {
        get { target.url }
        set { target.url = newValue }
    }

    /// The request that all attempts begin with: everything but body and what a channel adds.
    ///
    /// - Throws: ``DestinationError``: a secret is missing, or cannot stand in a header.
    func template(_ parts: ChannelParts) throws(DestinationError) -> HTTPRequest {
        var request = HTTPRequest(method: "POST", url: url, headers: try headerValues(parts), body: [])
        request.target = try target.target(parts)
        request.prefersHTTP2 = prefersHTTP2
        request.keptAnswerBytes = 0
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
        return request
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
}
