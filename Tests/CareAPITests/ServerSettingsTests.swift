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
}
