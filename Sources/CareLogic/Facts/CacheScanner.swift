import CareValues

/// Walks over a stored ``FactCache`` without making one; what ``FactCache/encode(into:schema:)`` wrote.
///
/// Damaged bytes end the walk: every read gives zero then, and ``isDamaged`` says so.
struct CacheScanner {
    // Safety: lives only while the bytes do; every read is held against `end`.
    private var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private(set) var isDamaged = false

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return nil }
        next = start.assumingMemoryBound(to: UInt8.self)
        end = next + bytes.count
    }

    @inline(__always)
    mutating func byte() -> UInt8 {
        guard next < end else {
            isDamaged = true
            return 0
        }
        defer { next += 1 }
        return next.pointee
    }

    @inline(__always)
    mutating func varint() -> UInt64 {
        guard end - next >= 8 else { return longVarint() }
        // Seven bits in each byte, the lowest first; the top bit says that there is another one.
        let word = UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
        if word & 0x80 == 0 {
            next += 1
            return word & 0x7F
        }
        let ends = ~word & 0x8080_8080_8080_8080
        guard ends != 0 else { return longVarint() }
        let bits = ends.trailingZeroBitCount
        next += (bits + 1) >> 3
        var value = word & (~0 >> UInt64(63 - bits)) & 0x7F7F_7F7F_7F7F_7F7F
        value = ((value & 0x7F00_7F00_7F00_7F00) >> 1) | (value & 0x007F_007F_007F_007F)
        value = ((value & 0x3FFF_0000_3FFF_0000) >> 2) | (value & 0x0000_3FFF_0000_3FFF)
        return ((value & 0x0FFF_FFFF_0000_0000) >> 4) | (value & 0x0000_0000_0FFF_FFFF)
    }

    /// The same byte by byte: near the end, and for more than 56 bits.
    private mutating func longVarint() -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = byte()
            result |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return result }
            shift += 7
        }
        isDamaged = true
        return 0
    }

    @inline(__always)
    mutating func skipVarint() {
        guard end - next >= 8 else {
            _ = longVarint()
            return
        }
        let word = UnsafeRawPointer(next).loadUnaligned(as: UInt64.self)
        let ends = ~UInt64(littleEndian: word) & 0x8080_8080_8080_8080
        if ends != 0 { next += (ends.trailingZeroBitCount + 1) >> 3 } else { _ = longVarint() }
    }

    @inline(__always)
    mutating func signed() -> Int64 {
        let value = varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    @inline(__always)
    mutating func fixed64() -> UInt64 {
        guard end - next >= 8 else {
            isDamaged = true
            return 0
        }
        defer { next += 8 }
        return UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
    }

    /// A count of things of at least one byte.
    @inline(__always)
    mutating func count() -> Int {
        let value = varint()
        guard value <= UInt64(end - next) else {
            isDamaged = true
            return 0
        }
        return Int(value)
    }

    @inline(__always)
    mutating func text() -> UnsafeBufferPointer<UInt8> {
        let length = count()
        defer { next += length }
        return UnsafeBufferPointer(start: next, count: length)
    }

    mutating func decimal() -> FixedDecimal {
        var result: UInt128 = 0
        var shift: UInt128 = 0
        while shift < 128 {
            let next = byte()
            result |= UInt128(next & 0x7F) << shift
            if next < 0x80 { break }
            shift += 7
        }
        return FixedDecimal(units: Int128(truncatingIfNeeded: result >> 1) ^ -Int128(truncatingIfNeeded: result & 1))
    }

    /// A value as it is stored.
    enum Value {
        /// There is none, and nothing is stored of its time.
        case absent
        case missing
        case flag(Bool)
        case number(Double)
        case text(UnsafeBufferPointer<UInt8>)
        case word(Int)
        case date(CivilDate)
        case instant(Timestamp)
        /// A birthday as it is written.
        case birthday(UnsafeBufferPointer<UInt8>)
        /// A list or an object.
        case json
    }

    @inline(__always)
    mutating func value() -> Value {
        switch byte() {
        case FactCache.Tag.absent: return .absent
        case FactCache.Tag.missing: return .missing
        case FactCache.Tag.no: return .flag(false)
        case FactCache.Tag.yes: return .flag(true)
        case FactCache.Tag.number: return .number(Double(bitPattern: fixed64()))
        case FactCache.Tag.integer: return .number(Double(signed()))
        case FactCache.Tag.string: return .text(text())
        case FactCache.Tag.word: return .word(Int(truncatingIfNeeded: varint() & 0xFFFF))
        case FactCache.Tag.date: return .date(CivilDate(dayNumber: Int32(truncatingIfNeeded: signed())))
        case FactCache.Tag.instant: return .instant(Timestamp(milliseconds: signed()))
        case FactCache.Tag.birthday: return .birthday(text())
        case FactCache.Tag.json:
            _ = text()
            return .json
        default:
            isDamaged = true
            return .absent
        }
    }
}
