/// Writes the compact binary form of rows and caches.
public struct ByteWriter: Sendable {
    /// What has been written.
    public var bytes: [UInt8]

    /// Nothing written yet, with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// One byte.
    public mutating func byte(_ value: UInt8) {
        bytes.append(value)
    }

    /// 0 or 1 in one byte.
    public mutating func bool(_ value: Bool) {
        bytes.append(value ? 1 : 0)
    }

    /// 1 to 10 bytes: seven bits each, the lowest first, the high bit set on all but the last.
    public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A count or index that is not negative, as ``varint(_:)``.
    public mutating func count(_ value: Int) {
        varint(UInt64(value))
    }

    /// A varint of the zigzag form: 0, -1, 1, -2 … are 0, 1, 2, 3 …
    public mutating func signed(_ value: Int64) {
        varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Eight bytes, little-endian.
    public mutating func fixed64(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// The bit pattern in eight bytes, little-endian.
    public mutating func double(_ value: Double) {
        fixed64(value.bitPattern)
    }

    /// The milliseconds, as ``signed(_:)``.
    public mutating func timestamp(_ value: Timestamp) {
        signed(value.milliseconds)
    }

    /// The units: one zigzag varint of up to 19 bytes.
    public mutating func decimal(_ value: FixedDecimal) {
        var rest = UInt128(truncatingIfNeeded: (value.units << 1) ^ (value.units >> 127))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// The length in UTF-8 bytes as a varint, then those bytes.
    public mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            varint(UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    /// The count as a varint, then the bytes.
    public mutating func bytes(_ value: [UInt8]) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }
}

/// Why stored bytes cannot be read: they end early or are not what was written.
public enum ByteDecodingError: Error, Sendable, Hashable {
    /// The bytes end inside a value.
    case truncated
    /// A value that the writer never writes: an overlong varint, text that is not UTF-8, a flag other than 0 and 1.
    case malformed
}

/// Reads what ``ByteWriter`` wrote, from memory that somebody else holds.
///
/// Safety: the reader keeps the pointer, so it must not outlive the memory; every read is checked against the count.
public struct ByteReader {
    private let source: UnsafeRawBufferPointer
    /// How many bytes have been read.
    public private(set) var offset = 0

    /// A reader at the first byte of `source`, which stays valid and unchanged while the reader is used.
    public init(_ source: UnsafeRawBufferPointer) {
        self.source = source
    }

    /// Whether every byte has been read.
    public var isAtEnd: Bool { offset == source.count }

    /// The bytes that have not been read; valid as long as those of the reader.
    public var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: source[offset...]) }

    /// How many bytes are left.
    public var remaining: Int { source.count - offset }

    /// One byte.
    public mutating func byte() throws(ByteDecodingError) -> UInt8 {
        guard offset < source.count else { throw .truncated }
        defer { offset += 1 }
        return source[offset]
    }

    /// One byte, 0 or 1.
    public mutating func bool() throws(ByteDecodingError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw .malformed
        }
    }

    /// What ``ByteWriter/varint(_:)`` wrote.
    public mutating func varint() throws(ByteDecodingError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw .malformed }
            result |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return result }
            shift += 7
        }
    }

    /// A count of things that take at least one byte each: more than there are bytes left is malformed, so that a
    /// damaged row cannot make its reader reserve memory.
    public mutating func count() throws(ByteDecodingError) -> Int {
        let value = try varint()
        guard value <= UInt64(remaining) else { throw .malformed }
        return Int(value)
    }

    /// An index or number that is not negative and fits an `Int`.
    public mutating func integer() throws(ByteDecodingError) -> Int {
        guard let value = Int(exactly: try varint()) else { throw .malformed }
        return value
    }

    /// What ``ByteWriter/signed(_:)`` wrote.
    public mutating func signed() throws(ByteDecodingError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Eight bytes, little-endian.
    public mutating func fixed64() throws(ByteDecodingError) -> UInt64 {
        guard remaining >= 8 else { throw .truncated }
        defer { offset += 8 }
        return UInt64(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// What ``ByteWriter/double(_:)`` wrote.
    public mutating func double() throws(ByteDecodingError) -> Double {
        Double(bitPattern: try fixed64())
    }

    /// What ``ByteWriter/timestamp(_:)`` wrote.
    public mutating func timestamp() throws(ByteDecodingError) -> Timestamp {
        Timestamp(milliseconds: try signed())
    }

    /// What ``ByteWriter/decimal(_:)`` wrote.
    public mutating func decimal() throws(ByteDecodingError) -> FixedDecimal {
        var result: UInt128 = 0
        var shift: UInt128 = 0
        while true {
            let next = try byte()
            guard shift < 126 || next <= 3 else { throw .malformed }
            result |= UInt128(next & 0x7F) << shift
            if next < 0x80 { break }
            shift += 7
        }
        return FixedDecimal(units: Int128(truncatingIfNeeded: result >> 1) ^ -Int128(truncatingIfNeeded: result & 1))
    }

    /// What ``ByteWriter/string(_:)`` wrote.
    public mutating func string() throws(ByteDecodingError) -> String {
        let length = try length()
        defer { offset += length }
        let part = UnsafeRawBufferPointer(rebasing: source[offset..<(offset + length)])
        // Most are of ASCII alone, which need not be validated.
        if part.allSatisfy({ $0 < 0x80 }) { return String(decoding: part, as: UTF8.self) }
        guard let text = String(validating: part.bindMemory(to: UInt8.self), as: UTF8.self) else { throw .malformed }
        return text
    }

    /// What ``ByteWriter/bytes(_:)`` wrote.
    public mutating func bytes() throws(ByteDecodingError) -> [UInt8] {
        let length = try length()
        defer { offset += length }
        return Array(source[offset..<(offset + length)])
    }

    private mutating func length() throws(ByteDecodingError) -> Int {
        let length = try varint()
        guard length <= UInt64(remaining) else { throw .truncated }
        return Int(length)
    }
}
