import CareValues
import Crypto
import CryptoExtras
import Foundation

/// Random secrets, and what is kept of them.
enum Secrets {
    /// So many random bytes of the system's generator, as URL-safe base64 without padding.
    static func random(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// What is kept of a random secret: its SHA-256, 64 hex digits. It has 256 bits, so that no slow hash is needed.
    static func digest(_ secret: String) -> String {
        Crypto.SHA256.hash(data: Data(secret.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Whether two texts are equal, in a time that tells nothing but their lengths.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

/// A password's hash: scrypt, with its cost, its salt and its result in one text.
///
/// Source: RFC 7914. The cost, N = 2¹⁵, r = 8, p = 1, takes 32 MiB and about a tenth of a second.
struct PasswordHash: Sendable, Hashable {
    /// `scrypt$15$8$1$SALT$HASH`, both in base64.
    var text: String

    /// The exponent of N that new hashes are made with.
    static let cost = 15

    /// The hash of a new password.
    static func make(of password: String, cost: Int = Self.cost) throws -> PasswordHash {
        let salt = Secrets.random(bytes: 16)
        let derived = try derive(password, salt: salt, cost: cost, blockSize: 8, parallelism: 1)
        return PasswordHash(text: "scrypt$\(cost)$8$1$\(salt)$\(derived)")
    }

    /// Whether this is the hash of `password`; false also for a text that is no such hash.
    func matches(_ password: String) -> Bool {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let cost = Int(parts[1]), (1...20).contains(cost),
            let blockSize = Int(parts[2]), (1...32).contains(blockSize), let parallelism = Int(parts[3]),
            (1...16).contains(parallelism),
            let derived = try? Self.derive(
                password, salt: parts[4], cost: cost, blockSize: blockSize, parallelism: parallelism)
        else { return false }
        return Secrets.areEqual(derived, parts[5])
    }

    private static func derive(
        _ password: String, salt: String, cost: Int, blockSize: Int, parallelism: Int
    ) throws -> String {
        let key = try KDF.Scrypt.deriveKey(
            from: Data(password.utf8), salt: Data(salt.utf8), outputByteCount: 32, rounds: 1 << cost,
            blockSize: blockSize, parallelism: parallelism)
        return key.withUnsafeBytes { Data($0).base64EncodedString() }
    }
}
