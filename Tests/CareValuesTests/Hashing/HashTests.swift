import Testing

@testable import CareValues

@Suite struct HashTests {
    /// NIST, "SHA-256 examples" and CAVP short messages.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func `SHA-256 gives the digests that NIST publishes`(text: String, digest: String) {
        #expect(Hex.encode(SHA256.hash(utf8: text)) == digest)
    }

    @Test func `SHA-256 is right at every length around its block boundaries`() {
        // The digest of all digests of 300 messages, made with Python's hashlib.
        var digests: [UInt8] = []
        for length in 0..<300 {
            digests += SHA256.hash((0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + length) })
        }
        #expect(
            Hex.encode(SHA256.hash(digests)) == "d5238871a46ac4a1a75ac3fb19d645b0b3b9e5f35f5f720e2b240d605c6b694e")
    }

    /// The sanity buffer of the xxHash distribution; the values of lengths 1, 4, 14 and 222 are those of its own
    /// self-test, the others were made with its reference library.
    static let xxhVectors: [(length: Int, unseeded: UInt64, seeded: UInt64)] = [
        (0, 0xef46_db37_51d8_e999, 0xac75_fda2_929b_17ef), (1, 0xe934_a84a_db05_2768, 0x5014_6076_43a9_b4c3),
        (3, 0xff7e_1959_cb50_794a, 0xaa85_84e8_3660_f7d1), (4, 0x9136_a0dc_a574_57ee, 0xcaab_286b_d8e9_fdb5),
        (7, 0x6c83_909a_9f01_ed25, 0xf98d_03b1_ad6f_9293), (8, 0xcdbc_f538_e71d_1348, 0xfe0c_047a_5353_cdac),
        (14, 0x8282_dcc4_994e_35c8, 0xc3bd_6bf6_3deb_6df0), (15, 0x1807_1931_6d62_2d84, 0xd611_05c2_0e91_f99f),
        (31, 0x299b_39a2_90e6_d783, 0xda67_3d5f_eb5c_1d79), (32, 0x18b2_1649_2bb4_4b70, 0xb3f3_3bdf_93ad_e409),
        (33, 0x55c8_dc3e_578f_5b59, 0xe92c_292f_64bc_3071), (63, 0xa9ef_be0f_a0f3_f4e7, 0x6c91_1fad_b05b_6fc2),
        (64, 0xef55_8f8a_cac2_b5cd, 0xb5ee_ba99_264c_c44f), (101, 0xa51e_a210_1b2d_114c, 0x6b38_a5bb_ba1f_049c),
        (222, 0xb641_ae8c_b691_c174, 0x20cb_8ab7_ae10_c14a), (1000, 0x52bd_1358_f22e_9ef7, 0x7275_1a24_0801_7e26),
    ]

    @Test(arguments: xxhVectors)
    func `XXH64 gives the values of the reference`(length: Int, unseeded: UInt64, seeded: UInt64) {
        var generator: UInt64 = 2_654_435_761
        var buffer: [UInt8] = []
        for _ in 0..<length {
            buffer.append(UInt8(truncatingIfNeeded: generator >> 56))
            generator = generator &* 11_400_714_785_074_694_797
        }
        #expect(XXH64.hash(buffer) == unseeded)
        #expect(XXH64.hash(buffer, seed: 2_654_435_761) == seeded)
    }

    @Test func `XXH64 of text is that of its UTF-8`() {
        #expect(XXH64.hash(utf8: "") == 0xef46_db37_51d8_e999)
        #expect(XXH64.hash(utf8: "abc") == 0x44bc_2cf5_ad77_0999)
        #expect(XXH64.hash(utf8: #"["holdout:x","c1"]"#) == 0xe562_f7c9_469b_f8b1)
    }

    /// RFC 4648, section 10, in lowercase and without padding.
    @Test(arguments: [
        ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
        ("foobar", "mzxw6ytboi"),
    ])
    func `base32 writes and reads the examples of its RFC`(plain: String, coded: String) {
        #expect(Base32.encode(Array(plain.utf8)) == coded)
        #expect(Base32.decode(coded) == Array(plain.utf8))
    }

    @Test(arguments: ["MY", "my======", "m", "mzx", "mz", "m1", "my ", "mzxw6ytbo", "日本"])
    func `base32 refuses what it would not write`(text: String) {
        #expect(Base32.decode(text) == nil)
    }

    @Test(arguments: [UInt64](1...10))
    func `base32 and hexadecimal read back every byte string`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base32.decode(Base32.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
        }
    }

    @Test(arguments: ["0", "0g", "é", "0x", " 00"])
    func `hexadecimal refuses other text`(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test func `SplitMix64 gives the published sequence`() {
        var random = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect((0..<5).map { _ in random.next() } == expected)
    }
}
