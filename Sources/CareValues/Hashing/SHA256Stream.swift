/// SHA-256 of bytes that come in parts, as of a file that is written line by line.
public struct SHA256Stream: Sendable {
    private var state: InlineArray<8, UInt32> = SHA256.beginning
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    /// The digest of nothing so far.
    public init() { rest.reserveCapacity(128) }

    /// Goes on with `bytes`.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        let before = rest.count
        rest.append(contentsOf: bytes)
        count &+= UInt64(rest.count - before)
        guard rest.count >= 64 else { return }
        var state = self.state
        var offset = 0
        while offset + 64 <= rest.count {
            SHA256.compress(&state, rest.span, at: offset)
            offset += 64
        }
        self.state = state
        rest.removeFirst(offset)
    }

    /// The digest of all there was: 64 lowercase hex digits.
    public func hexDigest() -> String {
        var state = state
        var tail = rest + [0x80]
        while tail.count % 64 != 56 { tail.append(0) }
        let bits = count &* 8
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            tail.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        for offset in stride(from: 0, to: tail.count, by: 64) { SHA256.compress(&state, tail.span, at: offset) }
        var digest: [UInt8] = []
        for index in 0..<8 {
            for shift in stride(from: UInt32(24), through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: state[index] >> shift))
            }
        }
        return Hex.encode(digest)
    }
}
