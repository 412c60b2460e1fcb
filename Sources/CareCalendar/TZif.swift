import CareValues

/// Why bytes are not a zone.
public enum TZifError: Error, Hashable, CustomStringConvertible {
    /// The bytes end before the block that the header announces, or a count is out of its bounds.
    case truncated
    /// The bytes do not begin as a TZif file does.
    case notTZif
    /// A rule of the format is broken; what.
    case invalid(String)
    /// The file counts leap seconds, which instants here do not.
    case leapSeconds

    /// One sentence for a person.
    public var description: String {
        switch self {
        case .truncated: "the zone file ends too early"
        case .notTZif: "not a zone file"
        case .invalid(let what): "broken zone file: \(what)"
        case .leapSeconds: "the zone file counts leap seconds"
        }
    }
}

/// Reads compiled time zones: TZif versions 1 to 4.
///
/// Source: RFC 9636. Checks everything it uses, so that no byte sequence can make it trap or read past the end.
public enum TZif {
    /// The largest file read; the largest of tzdata 2026 has 3.6 kB.
    public static let maximumBytes = 1 << 20

    /// The zone that `bytes` describe.
    ///
    /// - Parameters:
    ///   - name: what the zone is to be called.
    ///   - bytes: the whole file.
    /// - Throws: ``TZifError``.
    public static func zone(name: String, bytes: [UInt8]) throws(TZifError) -> Zone {
        guard bytes.count <= maximumBytes else { throw .invalid("larger than \(maximumBytes) bytes") }
        var reader = TZifReader(bytes: bytes)
        var header = try reader.header()
        var timeSize = 4
        if header.version > 1 {
            // Version 2 and later repeat everything in 64 bits; the first block is for readers of version 1.
            try reader.skip(header.blockSize(timeSize: 4))
            header = try reader.header()
            timeSize = 8
        }
        let block = try reader.block(header, timeSize: timeSize)
        let rule = header.version > 1 ? try reader.footer() : nil
        return Zone(name: name, transitions: block.transitions, offsets: block.offsets, rule: rule)
    }
}

/// The counts at the head of a block.
struct TZifHeader {
    /// 1 for a zero byte, else the digit.
    var version: Int
    var universalIndicators: Int
    var standardIndicators: Int
    var leapSeconds: Int
    var transitions: Int
    var types: Int
    var characters: Int

    /// The bytes of the block that follows, with times of `timeSize` bytes.
    func blockSize(timeSize: Int) -> Int {
        transitions * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4) + standardIndicators
            + universalIndicators
    }
}

/// Reads the parts of a TZif file from the front.
struct TZifReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func skip(_ count: Int) throws(TZifError) {
        guard count >= 0, count <= bytes.count - position else { throw .truncated }
        position += count
    }

    private mutating func integer(size: Int) throws(TZifError) -> Int64 {
        guard size <= bytes.count - position else { throw .truncated }
        var value = Int64(Int8(bitPattern: bytes[position]))
        for index in 1..<size { value = value << 8 | Int64(bytes[position + index]) }
        position += size
        return value
    }

    private mutating func byte() throws(TZifError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func header() throws(TZifError) -> TZifHeader {
        guard bytes.count - position >= 44 else { throw position == 0 ? .notTZif : .truncated }
        guard bytes[position..<position + 4].elementsEqual("TZif".utf8) else { throw .notTZif }
        let version: Int
        switch bytes[position + 4] {
        case 0: version = 1
        // RFC 9636: a later version is read as the latest that is known.
        case 0x32...0x39: version = Int(bytes[position + 4] - 0x30)
        default: throw .invalid("unknown version")
        }
        position += 20
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = try integer(size: 4)
            // A negative count is one above 2^31; no count can exceed the bytes there are.
            guard count >= 0, count <= bytes.count else { throw .truncated }
            counts.append(Int(count))
        }
        let header = TZifHeader(
            version: version, universalIndicators: counts[0], standardIndicators: counts[1], leapSeconds: counts[2],
            transitions: counts[3], types: counts[4], characters: counts[5])
        guard (1...256).contains(header.types) else { throw .invalid("number of local time types") }
        guard header.characters >= 1 else { throw .invalid("no abbreviations") }
        guard header.universalIndicators == 0 || header.universalIndicators == header.types,
            header.standardIndicators == 0 || header.standardIndicators == header.types
        else { throw .invalid("number of indicators") }
        return header
    }

    mutating func block(
        _ header: TZifHeader, timeSize: Int
    ) throws(TZifError) -> (transitions: [Int64], offsets: [Int32]) {
        guard header.blockSize(timeSize: timeSize) <= bytes.count - position else { throw .truncated }
        var transitions: [Int64] = []
        transitions.reserveCapacity(header.transitions)
        for _ in 0..<header.transitions {
            let instant = try integer(size: timeSize)
            guard instant.magnitude <= 1 << 59 else { throw .invalid("transition time out of bounds") }
            if let last = transitions.last, instant <= last { throw .invalid("transition times do not ascend") }
            transitions.append(instant)
        }
        var types: [Int] = []
        types.reserveCapacity(header.transitions)
        for _ in 0..<header.transitions {
            let type = Int(try byte())
            guard type < header.types else { throw .invalid("unknown local time type") }
            types.append(type)
        }
        var offsetOfType: [Int32] = []
        var abbreviations: [Int] = []
        for _ in 0..<header.types {
            let offset = try integer(size: 4)
            // RFC 9636 section 3.2: more than -25 hours and less than 26.
            guard offset > -25 * 3600, offset < 26 * 3600 else { throw .invalid("offset out of bounds") }
            guard try byte() <= 1 else { throw .invalid("daylight flag") }
            let abbreviation = Int(try byte())
            guard abbreviation < header.characters else { throw .invalid("abbreviation index") }
            offsetOfType.append(Int32(offset))
            abbreviations.append(abbreviation)
        }
        let characters = bytes[position..<position + header.characters]
        guard characters.last == 0, abbreviations.allSatisfy({ characters.startIndex + $0 < characters.endIndex })
        else { throw .invalid("abbreviation without an end") }
        try skip(header.characters)
        guard header.leapSeconds == 0 else { throw .leapSeconds }
        for _ in 0..<header.standardIndicators + header.universalIndicators {
            guard try byte() <= 1 else { throw .invalid("indicator") }
        }
        // Type 0 holds before the first transition.
        return (transitions, [offsetOfType[0]] + types.map { offsetOfType[$0] })
    }

    /// The `TZ` string between two line feeds; nil when it is empty.
    mutating func footer() throws(TZifError) -> ZoneRule? {
        guard try byte() == 0x0A else { throw .invalid("no footer") }
        guard let end = bytes[position...].firstIndex(of: 0x0A) else { throw .truncated }
        let text = bytes[position..<end]
        position = end + 1
        if text.isEmpty { return nil }
        guard let rule = ZoneRule(posix: text) else { throw .invalid("footer") }
        return rule
    }
}
