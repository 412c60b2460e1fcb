import CareEngine
import Testing

@Suite struct ServerSettingsTests {
    @Test(
        arguments: [
            ("127.0.0.1:8420", "127.0.0.1", 8420), ("[::1]:0", "::1", 0), ("care.example:443", "care.example", 443),
        ] as [(String, String, Int)])
    func `an address is a host and a port`(text: String, host: String, port: Int) throws {
        let address = try #require(ServerSettings.address(text))
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: ["", "127.0.0.1", ":80", "a:b", "a:65536", "a b:1", "http://a:1", "a:-1"])
    func `what is no address is refused`(text: String) {
        #expect(ServerSettings.address(text) == nil)
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "8.8.8.8", true),
            ("192.168.1.1", "192.168.1.1", true), ("192.168.1.1", "192.168.1.2", false),
            ("10.0.0.0/9", "10.127.0.1", true), ("10.0.0.0/9", "10.128.0.1", false), ("::1", "::1", true),
            ("2001:db8::/32", "2001:db8:1::5", true), ("2001:db8::/32", "2001:db9::", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("10.0.0.0/8", "::1", false),
        ] as [(String, String, Bool)])
    func `a range holds the addresses that begin like it`(range: String, address: String, holds: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(AddressRange(address))) == holds)
    }

    @Test(arguments: ["10.0.0.0/8", "192.168.1.1", "2001:db8:0:0:0:0:0:0/32", "0:0:0:0:0:0:0:1"])
    func `a range is written as it was read`(text: String) throws {
        #expect(try #require(AddressRange(text)).text == text)
    }

    @Test func `the file's folder is where its paths begin`() throws {
        let text = #"{ "timeZone": "UTC", "server": { "tls": { "certificate": "care.pem", "key": "/k" } } }"#
        let (environment, _) = CareEnvironment.read(
            file: "/etc/care/care.json", bytes: Array(text.utf8), zones: APIWorld.zones)
        #expect(
            try #require(environment).server.tls == TLSFiles(certificatePath: "/etc/care/care.pem", keyPath: "/k"))
        #expect(try #require(environment).namedKeys == ["timeZone", "server", "server.tls"])
    }

    @Test(
        arguments: [
            "", "10.0.0", "10.0.0.0.0", "256.0.0.1", "10.0.0.0/33", "10.0.0.0/-1", "01.0.0.1", "x", "1:2", "::1/129",
            "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9",
        ]) func `what is no range is refused`(text: String)
    {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: [("127.0.0.1", true), ("localhost", true), ("::1", true), ("0.0.0.0", false), ("::", false)])
    func `it is known whether only this machine can reach it`(host: String, isLoopback: Bool) {
        var settings = ServerSettings()
        settings.host = host
        #expect(settings.isLoopbackOnly == isLoopback)
    }

    /// What a `care.json` with this member `server` says.
    static func read(_ server: String) -> (settings: ServerSettings?, codes: [String]) {
        let text = #"{ "timeZone": "UTC", "server": \#(server) }"#
        let (environment, diagnostics) = CareEnvironment.read(
            file: "care.json", bytes: Array(text.utf8), zones: APIWorld.zones)
        return (environment?.server, diagnostics.map(\.code))
    }

    @Test func `the settings are read, and without any the server is for this machine only`() throws {
        let usual = try #require(Self.read("{}").settings)
        #expect(usual == ServerSettings())
        #expect(usual.listen == "127.0.0.1:8420")
        #expect(usual.isLoopbackOnly)
        let all = try #require(
            Self.read(
                """
                { "listen": "[::]:9000", "tls": { "certificate": "a/care.pem", "key": "/etc/care.key" }, "trustedProxies": ["10.0.0.0/8"], "allowedOrigins": ["https://a.example"],
                  "watchRules": true, "bodyBytes": 1024, "connections": 16, "requestsPerSecond": 0.5e1 }
                """
            ).settings)
        #expect(all.listen == "[::]:9000")
        #expect(all.tls == TLSFiles(certificatePath: "a/care.pem", keyPath: "/etc/care.key"))
        #expect((all.scheme, usual.scheme) == ("https", "http"))
        #expect(all.trustedProxies == [AddressRange("10.0.0.0/8")])
        #expect(all.allowedOrigins == ["https://a.example"])
        #expect(all.watchesRules)
        #expect((all.bodyBytes, all.connections, all.requestsPerSecond) == (1_024, 16, 5))
    }

    @Test(
        arguments: [
            ("[]", "config.wrong-type"), (#"{ "listen": "here" }"#, "config.wrong-value"),
            (#"{ "listen": 8420 }"#, "config.wrong-value"), (#"{ "trustedProxies": "10.0.0.1" }"#, "config.wrong-type"),
            (#"{ "trustedProxies": ["x"] }"#, "config.wrong-value"),
            (#"{ "allowedOrigins": ["a.example"] }"#, "config.wrong-value"),
            (#"{ "allowedOrigins": ["https://a.example/"] }"#, "config.wrong-value"),
            (#"{ "watchRules": 1 }"#, "config.wrong-type"), (#"{ "bodyBytes": 1023 }"#, "config.wrong-value"),
            (#"{ "bodyBytes": 1024.5 }"#, "config.wrong-value"), (#"{ "connections": 15 }"#, "config.wrong-value"),
            (#"{ "requestsPerSecond": 0 }"#, "config.wrong-value"), (#"{ "lisen": "a:1" }"#, "config.unknown-key"),
            (#"{ "tls": true }"#, "config.wrong-type"), (#"{ "tls": { "key": "k" } }"#, "config.missing-key"),
            (#"{ "tls": { "certificate": "c" } }"#, "config.missing-key"),
            (#"{ "tls": { "certificate": "c", "key": 5 } }"#, "config.wrong-type"),
            (#"{ "tls": { "certificate": "", "key": "k" } }"#, "config.wrong-type"),
            (#"{ "tls": { "certificate": "c", "key": "k", "password": "p" } }"#, "config.unknown-key"),
        ]) func `a setting that is none is a finding`(server: String, code: String)
    {
        let read = Self.read(server)
        #expect(read.settings == nil)
        #expect(read.codes == [code])
    }
}
