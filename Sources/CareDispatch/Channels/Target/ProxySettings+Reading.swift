import CareTransport
import CareValues

extension DestinationReader {
    private static let proxyHelp =
        #"write "http://proxy.example:3128", "socks5h://…", or { "url": …, "user": …, "password": "env:NAME" }"#

    /// The destination's own proxy, else the project's; nil: none, by its own word (`false`) or as nobody names one.
    mutating func proxy() -> TargetSettings.Proxy? {
        guard let own = node["proxy"] else {
            // What is wrong with the project's is told once, by ``projectProxy(_:_:_:)``.
            return projectProxy
        }
        if own.bool == false { return nil }
        return proxy(own, of: "destination '\(name)'")
    }

    /// Reads the project's proxy, which stands for destinations that say nothing of their own.
    static func projectProxy(
        _ node: JSONNode, _ document: JSONDocument, _ diagnostics: inout [Diagnostic]
    ) -> TargetSettings.Proxy? {
        var reader = DestinationReader(document: document, name: "", node: node)
        let proxy = reader.proxy(node, of: "care.json")
        diagnostics += reader.findings
        return proxy
    }

    private mutating func proxy(_ node: JSONNode, of owner: String) -> TargetSettings.Proxy? {
        if node.kind == .string { return proxyURL(node, of: owner).map { TargetSettings.Proxy(url: $0) } }
        let keys = ["url", "user", "password", "allowPrivateAddresses"]
        guard refuseOtherKeys(node, than: keys, in: "proxy") else {
            fail(node, "config.wrong-type", "the proxy of \(owner) must be an address or an object", Self.proxyHelp)
            return nil
        }
        guard let place = node["url"] else {
            fail(node, "config.missing-key", "the proxy of \(owner) has no url", Self.proxyHelp)
            return nil
        }
        guard let url = proxyURL(place, of: owner) else { return nil }
        var proxy = TargetSettings.Proxy(url: url)
        if let user = node["user"] { proxy.user = text(user) }
        if let password = node["password"] { proxy.password = reference(password, "password") }
        if (node["user"] == nil) != (node["password"] == nil) {
            fail(node, "config.missing-key", "the proxy of \(owner) has only one of user and password")
        }
        if let allowed = node["allowPrivateAddresses"],
            let addresses = TargetSettings.privateAddresses(allowed, &self)
        {
            proxy.privateAddresses = addresses
        }
        return proxy
    }

    private mutating func proxyURL(_ node: JSONNode, of owner: String) -> TargetURL? {
        guard let text = string(node) else { return nil }
        let subject = "the proxy of \(owner)"
        do throws(TargetURL.Problem) {
            let url = try TargetURL(text, schemes: TransferProxy.schemes)
            if url.hasPath {
                fail(node, "config.bad-url", "\(subject) has a path", "write scheme, host and port alone")
                return nil
            }
            return url
        } catch .holdsCredentials {
            var finding = document.diagnostic(
                at: node, code: "config.bad-url", message: "\(subject) holds a user name or password",
                help: #"take it out: { "url": …, "user": …, "password": "env:NAME" }"#)
            // The line holds what is perhaps a secret: it must not be shown.
            finding.sourceLine = ""
            findings.append(finding)
            return nil
        } catch .otherScheme {
            fail(node, "config.bad-url", "\(subject) begins with neither http:// nor socks5h://", Self.proxyHelp)
            return nil
        } catch {
            fail(node, "config.bad-url", "\(subject) is not a URL", Self.proxyHelp)
            return nil
        }
    }
}
