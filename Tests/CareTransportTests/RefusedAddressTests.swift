import CareTransport
import LoopbackServer
import Testing

/// Ways to reach what is not to be reached: each is refused, by the reader of URLs or by the filter of what is dialled.
@Suite struct RefusedAddressTests {
    /// As a host: written so, or so that libcurl's parser or the system makes an address of it.
    static let hosts = [
        // Loopback in every spelling of IPv4.
        "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7F.0.0.1", "0177.0.0.1",
        "0177.0.0.01", "017700000001", "0x7f.1", "127.0x1", "0000177.0.0.1", "127.0.0.1.", "0", "0.0.0.0", "0x0",
        "00000000",
        // Private, shared and link-local, decimal, octal, hexadecimal, short.
        "10.0.0.1", "10.1", "167772161", "012.1", "0xa.1", "172.16.0.1", "2886729729", "172.31.255.255", "192.168.1.1",
        "192.168.257", "3232235777", "0300.0250.1.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "2852039166",
        "0251.0376.0251.0376", "0xa9fea9fe", "169.254.43518", "169.254.170.2", "192.0.0.192", "198.18.0.1",
        "192.88.99.1", "100.100.100.200", "1684300488", "168.63.129.16", "0xa83f8110",
        "192.0.2.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        // IPv6: loopback, unspecified, mapped, compatible, translated, tunnelled, local, multicast, documentation.
        "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:10.0.0.1]",
        "[::ffff:169.254.169.254]", "[::ffff:0.0.0.0]", "[::127.0.0.1]", "[::10.0.0.1]", "[::ffff:0:127.0.0.1]",
        "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::10.0.0.1]", "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::1]",
        "[2001::1]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[febf::1]", "[fec0::1]",
        "[fc00::1]",
        "[fd00::1]", "[fd00:ec2::254]", "[ff02::1]", "[ff05::1:3]", "[2001:db8::1]", "[3fff::1]", "[100::1]",
        "[5f00::1]",
        // Names that end there: with and without a full stop at the end, in capitals.
        "localhost", "localhost.", "LOCALHOST", "loopback.test", "metadata.test", "mapped.test", "nat64.test",
        "mixed.test",
    ]

    /// Whole URLs that look like another place.
    static let urls = [
        "http://crm.example@127.0.0.1/", "http://127.0.0.1@crm.example/", "http://user:pass@10.0.0.1/",
        "http://crm.example:80@127.0.0.1/", "http://crm.example%40127.0.0.1/", "http://crm.example#@127.0.0.1/",
        "http://crm.example?@127.0.0.1/", "http://127.0.0.1\\@crm.example/", "http:\\\\127.0.0.1/",
        "http:///127.0.0.1/",
        "http:127.0.0.1", "//127.0.0.1/", "127.0.0.1", "http://[::1", "http://[::1]evil/", "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/", "http://127.0.0.1:80:80/", "http://127.0.0.1 .example/", "http://127.0.0.1\t/",
        "http://127.0.0.1\r\nHost: x/", "http://127.0.0.1\u{0}.example/", "http://①②⑦.⓪.⓪.①/", "http://１２７.０.０.１/",
        "http://127。0。0。1/", "http://127．0．0．1/", "http://lo\u{AD}calhost/", "http://ⓛocalhost/",
        "http://%31%32%37.0.0.1/",
        "http://0x7f%2e1/", "http://local%68ost/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_PING",
        "dict://127.0.0.1:11211/",
        "ftp://127.0.0.1/", "jar:http://127.0.0.1!/", "ldap://127.0.0.1/", "tftp://127.0.0.1/x",
        "unix:/var/run/docker.sock",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "javascript:alert(1)", "data:text/plain,x", "http://", "",
    ]

    /// What names resolve to, hostile name services included.
    static let names: [String: [String]] = [
        "localhost": ["127.0.0.1", "::1"], "localhost.": ["127.0.0.1"], "loopback.test": ["127.0.0.2"],
        "metadata.test": ["169.254.169.254", "fd00:ec2::254"], "mapped.test": ["::ffff:10.0.0.1"],
        "nat64.test": ["64:ff9b::7f00:1"], "mixed.test": ["10.0.0.1", "fe80::1", "0.0.0.0"],
        "crm.example": ["127.0.0.1"],
    ]

    /// Whether nothing was dialled for it; the request's own error is the reason.
    static func isRefused(_ url: String) throws -> Bool {
        guard let target = try? TargetURL(url) else { return true }
        let resolver = Resolver(lookup: { names[$0.lowercased()] ?? [] })
        let request = HTTPRequest(
            method: "POST", url: target, headers: [], body: [], timeoutMilliseconds: 3_000,
            connectTimeoutMilliseconds: 1_000, addresses: .publicOnly)
        guard case .failure(let error)? = try TransferLoopTests.exchange([request], resolver: resolver).first else {
            return false
        }
        // A name nobody knows leads nowhere; anything else must have been refused before it was dialled.
        return !error.requestBegun && [.addressRefused, .nameNotResolved, .badRequest].contains(error.kind)
    }

    @Test func `refuses every form of an address that is not public`() throws {
        var tried = 0
        var passed: [String] = []
        for url in Self.hosts.flatMap({ ["http://\($0)/", "https://\($0):8443/x"] }) + Self.urls {
            tried += 1
            if try !Self.isRefused(url) { passed.append(url) }
        }
        print("forms of forbidden addresses: \(tried - passed.count) of \(tried) refused")
        #expect(passed.isEmpty)
        #expect(tried > 200)
    }

    @Test func `refuses a name that has turned to a private address since it was resolved last`() throws {
        // 127.0.0.1 stands for a public address here: only it is allowed.
        let server = LoopbackServer { _ in .raw("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n") }
        let allowed = try #require(AddressPolicy(allowing: ["127.0.0.1/32"]))
        let world = ResolverTests.World()
        world.set("crm.test", ["127.0.0.1"])
        let loop = try #require(TransferLoop(resolver: world.resolver(), capacity: 1))
        func attempt() throws -> TransferResult {
            let request = try TransferLoopTests.request(
                "http://crm.test:\(server.port)/", timeout: 3_000, addresses: allowed)
            loop.submit(.http(request), tag: 0)
            var result: TransferResult?
            while result == nil { loop.run(timeoutMilliseconds: 1_000) { _, ended, _ in result = ended } }
            return try #require(result)
        }
        guard case .response = try attempt() else {
            Issue.record("the first attempt failed")
            return
        }
        world.set("crm.test", ["127.0.0.2", "10.0.0.1"])
        world.advance(60_000)
        // The expired address is used on until its renewal has come.
        var result = try attempt()
        while case .response = result { result = try attempt() }
        guard case .failure(let error) = result else { return }
        #expect(error.kind == .addressRefused)
        #expect(!error.requestBegun)
    }
}
