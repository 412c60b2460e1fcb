/// XXH64: the fast hash behind `bucket`, holdout and `spread`; not for secrets.
///
/// Source: xxHash fast digest algorithm, specification 0.1.1, "XXH64 algorithm description".
public enum XXH64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The hash of `bytes` under `seed`.
    public static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        hash(bytes.span, seed: seed)
    }

    /// The hash of the UTF-8 bytes of `text` under `seed`.
    public static func hash(utf8 text: String, seed: UInt64 = 0) -> UInt64 {
        hash(text.utf8.span, seed: seed)
    }

    static func hash(_ bytes: Span<UInt8>, seed: UInt64) -> UInt64 {
        let count = bytes.count
        var offset = 0
        var hash: UInt64
        if count >= 32 {
            var lane1 = seed &+ prime1 &+ prime2
            var lane2 = seed &+ prime2
            var lane3 = seed
            var lane4 = seed &- prime1
            while offset + 32 <= count {
                lane1 = round(lane1, word(bytes, offset, 8))
                lane2 = round(lane2, word(bytes, offset + 8, 8))
                lane3 = round(lane3, word(bytes, offset + 16, 8))
                lane4 = round(lane4, word(bytes, offset + 24, 8))
                offset += 32
            }
            hash = rotate(lane1, 1) &+ rotate(lane2, 7) &+ rotate(lane3, 12) &+ rotate(lane4, 18)
            hash = merge(hash, lane1)
            hash = merge(hash, lane2)
            hash = merge(hash, lane3)
            hash = merge(hash, lane4)
        } else {
            hash = seed &+ prime5
        }
        hash &+= UInt64(count)
        while offset + 8 <= count {
            hash = rotate(hash ^ round(0, word(bytes, offset, 8)), 27) &* prime1 &+ prime4
            offset += 8
        }
        if offset + 4 <= count {
            hash = rotate(hash ^ (word(bytes, offset, 4) &* prime1), 23) &* prime2 &+ prime3
            offset += 4
        }
        while offset < count {
            hash = rotate(hash ^ (UInt64(bytes[offset]) &* prime5), 11) &* prime1
            offset += 1
        }
        hash = (hash ^ (hash >> 33)) &* prime2
        hash = (hash ^ (hash >> 29)) &* prime3
        return hash ^ (hash >> 32)
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotate(lane &+ (input &* prime2), 31) &* prime1
    }

    @inline(__always)
    private static func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* prime1 &+ prime4
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ by: UInt64) -> UInt64 {
        word << by | word >> (64 - by)
    }

    /// The `length` (4 or 8) bytes at `offset`, little-endian.
    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, _ offset: Int, _ length: Int) -> UInt64 {
        var result: UInt64 = 0
        for index in 0..<length { result |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        return result
    }
}
