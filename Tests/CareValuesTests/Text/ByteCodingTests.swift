import Testing

@testable import CareValues

@Suite struct ByteCodingTests {
    static func read<Value>(_ bytes: [UInt8], _ body: (inout ByteReader) throws -> Value) throws -> Value {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            let value = try body(&reader)
            #expect(reader.isAtEnd)
            return value
        }
    }

    @Test(
        arguments: [
            (0, [0]), (1, [1]), (127, [127]), (128, [0x80, 1]), (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 1]),
            (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ] as [(UInt64, [UInt8])])
    func `a varint takes as few bytes as it can`(value: UInt64, bytes: [UInt8]) throws {
        var writer = ByteWriter()
        writer.varint(value)
        #expect(writer.bytes == bytes)
        #expect(try Self.read(bytes) { try $0.varint() } == value)
    }

    @Test(arguments: [0, -1, 1, -64, 64, Int64.min, Int64.max])
    func `small negative numbers are short too`(value: Int64) throws {
        var writer = ByteWriter()
        writer.signed(value)
        #expect(writer.bytes.count <= (value.magnitude <= 64 ? 2 : 10))
        #expect(try Self.read(writer.bytes) { try $0.signed() } == value)
    }

    @Test(arguments: [Int128.min, .max, 0, -1, 1, 123_456_789_012_345_678_901_234_567_890])
    func `decimals keep every digit`(units: Int128) throws {
        var writer = ByteWriter()
        writer.decimal(FixedDecimal(units: units))
        #expect(try Self.read(writer.bytes) { try $0.decimal() }.units == units)
    }

    @Test func `what is written in a row is read in a row, and every shorter text is truncated`() throws {
        var writer = ByteWriter(capacity: 100)
        writer.byte(7)
        writer.bool(true)
        writer.count(300)
        writer.string("客户 c1")
        writer.string("")
        writer.bytes([1, 2, 3])
        writer.double(-0.1)
        writer.timestamp(Timestamp(milliseconds: -1))
        writer.fixed64(0x0102_0304_0506_0708)
        writer.decimal(FixedDecimal(units: -5))
        func readAll(_ reader: inout ByteReader) throws {
            #expect(try reader.byte() == 7)
            #expect(try reader.bool())
            #expect(try reader.integer() == 300)
            #expect(try reader.string() == "客户 c1")
            #expect(try reader.string().isEmpty)
            #expect(try reader.bytes() == [1, 2, 3])
            #expect(try reader.double() == -0.1)
            #expect(try reader.timestamp() == Timestamp(milliseconds: -1))
            #expect(try reader.fixed64() == 0x0102_0304_0506_0708)
            #expect(try reader.decimal().units == -5)
        }
        try Self.read(writer.bytes, readAll)
        for length in 0..<writer.bytes.count {
            #expect(throws: ByteDecodingError.truncated) { try Self.read(Array(writer.bytes[..<length]), readAll) }
        }
    }

    @Test func `what is never written is malformed`() {
        #expect(throws: ByteDecodingError.malformed) { try Self.read([2]) { try $0.bool() } }
        #expect(throws: ByteDecodingError.malformed) { try Self.read([1, 0xFF]) { try $0.string() } }
        #expect(throws: ByteDecodingError.malformed) { try Self.read([5, 0]) { try $0.count() } }
        #expect(throws: ByteDecodingError.malformed) {
            try Self.read([UInt8](repeating: 0xFF, count: 9) + [2]) { try $0.varint() }
        }
        #expect(throws: ByteDecodingError.malformed) {
            try Self.read([UInt8](repeating: 0xFF, count: 18) + [4]) { try $0.decimal() }
        }
        #expect(throws: ByteDecodingError.truncated) {
            try Self.read([UInt8](repeating: 0xFF, count: 9) + [1]) { try $0.string() }
        }
        #expect(throws: ByteDecodingError.malformed) {
            try Self.read([UInt8](repeating: 0xFF, count: 9) + [1]) { try $0.integer() }
        }
    }

    @Test(arguments: [UInt64](1...10))
    func `random bytes never crash a reader`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            bytes.withUnsafeBytes { raw in
                var reader = ByteReader(raw)
                do {
                    while !reader.isAtEnd {
                        switch Int.random(in: 0...5, using: &random) {
                        case 0: _ = try reader.varint()
                        case 1: _ = try reader.string()
                        case 2: _ = try reader.decimal()
                        case 3: _ = try reader.bytes()
                        case 4: _ = try reader.count()
                        default: _ = try reader.fixed64()
                        }
                    }
                } catch {
                    #expect(error is ByteDecodingError)
                }
                #expect(reader.offset <= bytes.count)
            }
        }
    }
}
