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
        let first = byte()
        if first < 0x80 { return UInt64(first) }
        return longVarint(UInt64(first & 0x7F))
    }

    private mutating func longVarint(_ low: UInt64) -> UInt64 {
        var result = low
        var shift: UInt64 = 7
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
    mutating func signed() -> Int64 {
        let value = varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func fixed64() -> UInt64 {
        guard end - next >= 8 else {
            isDamaged = true
            return 0
        }
        defer { next += 8 }
        return UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
    }

    /// A count of things of at least one byte.
    mutating func count() -> Int {
        let value = varint()
        guard value <= UInt64(end - next) else {
            isDamaged = true
            return 0
        }
        return Int(value)
    }

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
