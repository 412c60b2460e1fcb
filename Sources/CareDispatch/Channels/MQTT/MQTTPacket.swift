import CareTransport

/// A packet that is being written.
///
/// Source: MQTT Version 5.0, sections 1.5 and 2.1.
struct MQTTPacket {
    private let first: UInt8
    /// What follows the length.
    var body: [UInt8] = []

    /// - Parameter first: type and flags.
    init(_ first: UInt8) { self.first = first }

    mutating func byte(_ value: UInt8) { body.append(value) }
    mutating func number(_ value: UInt16) { body += [UInt8(value >> 8), UInt8(value & 0xFF)] }
    mutating func text(_ value: String) { body += Self.bytes(of: value) }

    mutating func properties(_ bytes: [UInt8]) {
        body += Self.length(bytes.count)
        body += bytes
    }

    func append(to output: inout [UInt8]) {
        output.append(first)
        output += Self.length(body.count)
        output += body
    }

    /// A string with its length in front, which must be below 65,536.
    static func bytes(of text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return [UInt8(bytes.count >> 8 & 0xFF), UInt8(bytes.count & 0xFF)] + bytes
    }

    static func bytes(of value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }

    /// A Variable Byte Integer: seven bits a byte, the lowest first.
    private static func length(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = count
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }
}

/// Reads what a packet holds.
struct MQTTReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws(ConversationProblem) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .garbled }
        return byte
    }

    /// A number of so many bytes, the highest first.
    mutating func number(bytes count: Int) throws(ConversationProblem) -> Int {
        var value = 0
        for _ in 0..<count { value = value << 8 | Int(try byte()) }
        return value
    }

    private mutating func variable() throws(ConversationProblem) -> Int {
        var value = 0
        for shift in [0, 7, 14, 21] {
            let byte = try byte()
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .garbled
    }

    private mutating func skip(_ count: Int) throws(ConversationProblem) {
        guard count <= rest.count else { throw .garbled }
        rest = rest.dropFirst(count)
    }

    /// The properties with their numbers; a text counts as 0.
    ///
    /// Source: MQTT Version 5.0, table 2-4.
    mutating func properties() throws(ConversationProblem) -> [(name: UInt8, value: Int)] {
        let length = try variable()
        guard length <= rest.count else { throw .garbled }
        var inner = MQTTReader(rest.prefix(length))
        rest = rest.dropFirst(length)
        var properties: [(name: UInt8, value: Int)] = []
        while !inner.isAtEnd {
            let name = try inner.byte()
            var value = 0
            switch name {
            case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A: value = try inner.number(bytes: 1)
            case 0x13, 0x21, 0x22, 0x23: value = try inner.number(bytes: 2)
            case 0x02, 0x11, 0x18, 0x27: value = try inner.number(bytes: 4)
            case 0x0B: value = try inner.variable()
            case 0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F: try inner.skip(try inner.number(bytes: 2))
            case 0x26:
                try inner.skip(try inner.number(bytes: 2))
                try inner.skip(try inner.number(bytes: 2))
            default: throw .garbled
            }
            properties.append((name, value))
        }
        return properties
    }
}

/// What may be published to.
enum MQTTTopic {
    /// 1 … 65,535 bytes without wildcards and NUL.
    ///
    /// Source: MQTT Version 5.0, section 4.7.
    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        return !bytes.isEmpty && bytes.count <= 65_535
            && !bytes.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") || $0 == 0 }
    }
}
