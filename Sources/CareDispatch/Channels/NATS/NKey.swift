import Crypto

/// An Ed25519 key as NATS writes it: base32 of a prefix, the key and a CRC-16.
///
/// Source: nats-io/nkeys, README; CRC-16/XMODEM.
struct NKey: Sendable, Hashable {
    /// What is wrong with a seed; never the seed.
    enum Problem: Error, Hashable {
        /// Not base32, the wrong length, or a wrong checksum.
        case malformed
        /// A key of something other than a user.
        case notUser
    }

    /// `U…`.
    let publicKey: String
    private let seed: [UInt8]

    private static let user: UInt8 = 20 << 3
    private static let seedPrefix: UInt8 = 18 << 3

    /// Reads a user's seed, `SU…`.
    init(seed text: String) throws(Problem) {
        guard let bytes = Base32.bytes(text), bytes.count == 36 else { throw .malformed }
        let sum = UInt16(bytes[34]) | UInt16(bytes[35]) << 8
        guard Self.checksum(bytes[..<34]) == sum, bytes[0] & 0xF8 == Self.seedPrefix else { throw .malformed }
        guard (bytes[0] & 7) << 5 | bytes[1] >> 3 == Self.user else { throw .notUser }
        seed = Array(bytes[2..<34])
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .malformed }
        var body = [Self.user] + key.publicKey.rawRepresentation
        let own = Self.checksum(body[...])
        body += [UInt8(own & 0xFF), UInt8(own >> 8)]
        publicKey = Base32.text(body)
    }

    /// Base64 for URLs of the signature, without padding.
    func signature(of nonce: String) -> String {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let signature = try? key.signature(for: Array(nonce.utf8))
        else { return "" }
        let text = Base64.text(Array(signature)).utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// CRC-16 with the polynomial 0x1021, beginning at 0.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var sum: UInt16 = 0
        for byte in bytes {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
        }
        return sum
    }
}

/// Base32 of RFC 4648, section 6, without padding.
enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (pending, bits): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            pending = (pending << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(pending >> bits & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(pending << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil: another character.
    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (pending, bits): (UInt32, UInt32) = (0, 0)
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            pending = (pending << 5 | UInt32(value)) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(pending >> bits & 0xFF))
            }
        }
        return bytes
    }
}
