import CCurl
import CareTransport
import Testing

@Suite struct AddressTests {
    static let classes: [(String, Int)] = [
        ("8.8.8.8", CARE_ADDRESS_PUBLIC), ("1.1.1.1", CARE_ADDRESS_PUBLIC), ("2606:4700::1111", CARE_ADDRESS_PUBLIC),
        ("9.255.255.255", CARE_ADDRESS_PUBLIC), ("10.0.0.0", CARE_ADDRESS_PRIVATE),
        ("10.255.255.255", CARE_ADDRESS_PRIVATE), ("11.0.0.0", CARE_ADDRESS_PUBLIC),
        ("172.15.255.255", CARE_ADDRESS_PUBLIC), ("172.16.0.0", CARE_ADDRESS_PRIVATE),
        ("172.31.255.255", CARE_ADDRESS_PRIVATE), ("172.32.0.0", CARE_ADDRESS_PUBLIC),
        ("192.167.255.255", CARE_ADDRESS_PUBLIC), ("192.168.0.1", CARE_ADDRESS_PRIVATE),
        ("192.169.0.0", CARE_ADDRESS_PUBLIC), ("100.63.255.255", CARE_ADDRESS_PUBLIC),
        ("100.64.0.0", CARE_ADDRESS_PRIVATE), ("100.127.255.255", CARE_ADDRESS_PRIVATE),
        ("100.128.0.0", CARE_ADDRESS_PUBLIC), ("126.255.255.255", CARE_ADDRESS_PUBLIC),
        ("127.0.0.1", CARE_ADDRESS_PRIVATE), ("127.255.255.255", CARE_ADDRESS_PRIVATE),
        ("128.0.0.0", CARE_ADDRESS_PUBLIC), ("::1", CARE_ADDRESS_PRIVATE), ("::ffff:127.0.0.1", CARE_ADDRESS_PRIVATE),
        ("::ffff:8.8.8.8", CARE_ADDRESS_PUBLIC), ("fc00::1", CARE_ADDRESS_PRIVATE), ("fdff::1", CARE_ADDRESS_PRIVATE),
        ("fe00::1", CARE_ADDRESS_PUBLIC), ("fd00:ec2::254", CARE_ADDRESS_RESERVED), ("0.0.0.0", CARE_ADDRESS_RESERVED),
        ("169.254.169.254", CARE_ADDRESS_RESERVED), ("169.253.255.255", CARE_ADDRESS_PUBLIC),
        ("192.0.0.1", CARE_ADDRESS_RESERVED), ("192.0.2.1", CARE_ADDRESS_RESERVED),
        ("192.88.99.1", CARE_ADDRESS_RESERVED), ("198.17.255.255", CARE_ADDRESS_PUBLIC),
        ("198.18.0.0", CARE_ADDRESS_RESERVED), ("198.19.255.255", CARE_ADDRESS_RESERVED),
        ("198.20.0.0", CARE_ADDRESS_PUBLIC), ("198.51.100.1", CARE_ADDRESS_RESERVED),
        ("203.0.113.1", CARE_ADDRESS_RESERVED), ("223.255.255.255", CARE_ADDRESS_PUBLIC),
        ("224.0.0.1", CARE_ADDRESS_RESERVED), ("255.255.255.255", CARE_ADDRESS_RESERVED),
        ("::", CARE_ADDRESS_RESERVED), ("::127.0.0.1", CARE_ADDRESS_RESERVED),
        ("64:ff9b::7f00:1", CARE_ADDRESS_RESERVED), ("64:ff9b:1::1", CARE_ADDRESS_RESERVED),
        ("::ffff:0:127.0.0.1", CARE_ADDRESS_RESERVED),
        ("100::1", CARE_ADDRESS_RESERVED), ("2001::1", CARE_ADDRESS_RESERVED), ("2001:db8::1", CARE_ADDRESS_RESERVED),
        ("2002:7f00:1::", CARE_ADDRESS_RESERVED), ("3fff::1", CARE_ADDRESS_RESERVED),
        ("5f00::1", CARE_ADDRESS_RESERVED), ("fe80::1", CARE_ADDRESS_RESERVED), ("febf::1", CARE_ADDRESS_RESERVED),
        ("ff02::1", CARE_ADDRESS_RESERVED),
        // Where clouds keep their metadata, amid others' addresses.
        ("100.100.100.199", CARE_ADDRESS_PRIVATE), ("100.100.100.200", CARE_ADDRESS_RESERVED),
        ("100.100.100.201", CARE_ADDRESS_PRIVATE), ("168.63.129.15", CARE_ADDRESS_PUBLIC),
        ("168.63.129.16", CARE_ADDRESS_RESERVED), ("::ffff:168.63.129.16", CARE_ADDRESS_RESERVED),
        ("168.63.129.17", CARE_ADDRESS_PUBLIC),
    ].map { ($0.0, Int($0.1)) }

    @Test(arguments: classes) func `tells public addresses from private and reserved ones`(
        _ text: String, _ expected: Int
    ) {
        var block = care_address_block()
        #expect(care_address_block_read(text, &block) == 0)
        let found = withUnsafeBytes(of: block.bytes) { bytes in
            care_address_class(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        #expect(Int(found) == expected)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0", "::/129", "host", "fe80::1%eth0",
    ])
    func `refuses what is not an address block`(_ text: String) {
        #expect(AddressPolicy(allowing: [text]) == nil)
    }

    static let hosts: [(String, String, Int, Bool)] = [
        ("http://2130706433/", "127.0.0.1", 80, true), ("http://0x7f.1:8080/x", "127.0.0.1", 8080, true),
        ("http://017700000001", "127.0.0.1", 80, true), ("https://[::1]:9/", "[::1]", 9, true),
        ("https://Example.COM/a?b=c", "example.com", 443, false),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, false),
    ]

    @Test(arguments: hosts) func `reads a URL's host as libcurl will`(
        _ text: String, _ host: String, _ port: Int, _ isLiteral: Bool
    ) throws {
        let url = try TargetURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.isLiteral == isLiteral)
        #expect(url.isTLS == text.hasPrefix("https"))
    }

    static let refused: [(String, TargetURL.Problem)] = [
        ("", .malformed), ("crm.example", .malformed), ("http://a b/", .malformed), ("http://a/\u{0}x", .malformed),
        ("http://a/x\r\nHost: b", .malformed), ("ftp://a/", .otherScheme), ("file:///etc/passwd", .otherScheme),
        ("gopher://a/", .otherScheme), ("https://user:pass@a/", .holdsCredentials),
        ("https://user@a/", .holdsCredentials),
        ("http://a:99999/", .malformed), ("https://bücher.example/", .internationalHost),
    ]

    @Test(arguments: refused) func `refuses other URLs`(_ text: String, _ problem: TargetURL.Problem) {
        #expect(throws: problem) { try TargetURL(text) }
    }
}
