import CareLogic
import CareValues
import Testing

/// Columns filled straight from stored bytes hold what the customer's cache does.
@Suite struct StoredColumnsTests {
    static let declarations = #"""
        { "attributes": {
            "number": { "type": "number" }, "at": { "type": "instant" }, "day": { "type": "date" },
            "born": { "type": "birthday" }, "city": { "type": "string" }, "is": { "type": "boolean" },
            "since": { "type": "instant", "default": "2020-02-03T04:05:06Z" },
            "tier": { "type": "ordinal", "values": ["low", "high"] }, "zone": { "type": "zone" } } }
        """#
    static let now = Timestamp(iso8601: "2026-03-10T09:00:00Z") ?? .distantPast

    static func program(_ schema: Schema, _ conditions: [String]) throws -> BatchProgram {
        try EventWindowsTests.program(schema, conditions)
    }

    static func cache(_ values: JSONObject, _ schema: Schema) -> FactCache {
        var cache = FactCache(schema: schema)
        _ = cache.apply(
            AttributeFact(values: values, time: now, receivedAt: now, hasOwnTime: true), schema: schema)
        return cache
    }

    static func bytes(_ cache: FactCache, _ schema: Schema) -> [UInt8] {
        var writer = ByteWriter()
        cache.encode(into: &writer, schema: schema)
        return writer.bytes
    }

    /// Whether each condition is true of each customer, read from stored bytes, all in one block.
    static func answers(_ customers: [JSONObject], _ conditions: [String]) throws -> [[Bool]] {
        let schema = try schema(declarations)
        let program = try program(schema, conditions)
        var builder = ColumnBuilder(for: program, now: now)
        var scratch = BatchScratch(for: program)
        for values in customers {
            let isOfSchema = try bytes(cache(values, schema), schema).withUnsafeBytes { bytes in
                try builder.append(stored: bytes) { zones[$0 ?? "UTC"] ?? .utc }
            }
            #expect(isOfSchema)
        }
        // Nothing is left to the form for one customer: it would hide what the columns hold.
        program.evaluate(builder.block(), &scratch) { _ in nil }
        #expect(scratch.scalarEvaluations == 0)
        return conditions.indices.map { index in
            customers.indices.map { program.answer(index, at: $0, scratch) }
        }
    }

    static let zones = [
        "UTC": Zone.utc, "East": Zone(name: "East", transitions: [], offsets: [8 * 3600], rule: nil),
        "Summer": Zone(
            name: "Summer", transitions: [1_774_746_000, 1_792_890_000], offsets: [3600, 7200, 3600], rule: nil),
    ]

    /// Numbers around every length that they may be stored in, and those that are stored as doubles.
    static let numbers: [Double] = {
        var numbers: [Double] = [0, 0.5, -0.25, 0.1, 19.99, 1e15, 1e16, -1e300, 5e-324, 4_503_599_627_370_497]
        for bits in stride(from: 6, through: 48, by: 7) {
            let edge = Double(sign: .plus, exponent: bits, significand: 1)
            numbers += [edge - 1, edge, edge + 1, -edge - 1, -edge, 1 - edge]
        }
        return numbers
    }()

    @Test(arguments: [1, 3, 64]) func `a number is itself whatever stands beside it`(together: Int) throws {
        for start in stride(from: 0, to: Self.numbers.count, by: together) {
            let numbers = Self.numbers[start..<min(start + together, Self.numbers.count)]
            let answers = try Self.answers(
                numbers.map { ["number": .number($0)] },
                numbers.map { #"{ "==": [{ "var": "number" }, \#(JSONValue.number($0).canonicalText)] }"# })
            for (index, row) in answers.enumerated() {
                let expected = numbers.map { $0 == numbers[numbers.startIndex + index] }
                #expect(row == expected, "\(numbers[numbers.startIndex + index])")
            }
        }
    }

    @Test func `texts of every length are told apart`() throws {
        let texts = (0...40).flatMap { length -> [String] in
            let text = String(repeating: "x", count: length)
            return [text + "a", text + "b", "a" + text, "é" + text]
        }
        let distinct = texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let answers = try Self.answers(
            distinct.map { ["city": .string($0)] }, distinct.map { #"{ "==": [{ "var": "city" }, "\#($0)"] }"# })
        for (index, row) in answers.enumerated() {
            #expect(row == distinct.indices.map { $0 == index }, "\(distinct[index])")
        }
    }

    @Test func `an instant's date is that of the customer's own zone`() throws {
        // Before and after midnight in the zones, and around the hours at which one of them changes.
        let customers: [(zone: String?, at: String, days: Int)] = [
            (nil, "2026-03-09T23:59:59Z", 1), (nil, "2026-03-10T00:00:00Z", 0), ("East", "2026-03-09T15:59:59Z", 1),
            ("East", "2026-03-09T16:00:00Z", 0), ("Summer", "2026-03-28T22:59:59Z", -18),
            ("Summer", "2026-03-28T23:00:00Z", -19), ("Summer", "2026-03-29T21:59:59Z", -19),
            ("Summer", "2026-03-29T22:00:00Z", -20), ("Summer", "2026-10-25T22:59:59Z", -229),
            ("Summer", "2026-10-25T23:00:00Z", -230), (nil, "1969-12-31T23:59:59Z", 20_523),
            ("East", "1969-12-31T16:00:00Z", 20_522), (nil, "0001-01-01T00:00:00Z", 739_684),
        ]
        let answers = try Self.answers(
            customers.map { customer in
                var values: JSONObject = ["at": .string(customer.at)]
                if let zone = customer.zone { values["zone"] = .string(zone) }
                return values
            }, customers.map { #"{ "==": [{ "days_since": [{ "var": "at" }] }, \#($0.days)] }"# })
        for (index, row) in answers.enumerated() {
            #expect(row == customers.map { $0.days == customers[index].days }, "\(customers[index])")
        }
    }

    @Test func `birthdays of every form return on their day`() throws {
        let births = [
            "1990-02-28", "1992-02-29", "--02-29", "1990-03-01", "1990-12-31", "--01-01", "chinese:1958-06-15",
        ]
        let until = try Self.answers(
            births.map { ["born": .string($0)] }, [#"{ "<=": [{ "days_until_birthday": [{ "var": "born" }] }, 300] }"#])
        // From 10 March: to 28 February 355 days, to 1 March 356, to 31 December 296, to 1 January 297.
        #expect(until == [[false, false, false, false, true, true, true]])
        let ages = try Self.answers(
            births.map { ["born": .string($0)] }, [#"{ ">=": [{ "age": [{ "var": "born" }] }, 35] }"#])
        #expect(ages == [[true, false, false, true, true, false, true]])
    }

    @Test func `an attribute's default stands where there is no value, and only there`() throws {
        let given = #"{ "==": [{ "var": "since" }, "2021-01-01T00:00:00Z"] }"#
        let standing = #"{ "==": [{ "var": "since" }, "2020-02-03T04:05:06Z"] }"#
        let answers = try Self.answers(
            [[:], ["since": "2021-01-01T00:00:00Z"], ["since": "2020-02-03T04:05:06Z"], ["since": .null]],
            [given, standing])
        #expect(answers[0] == [false, true, false, false])
        #expect(answers[1][..<3] == [true, false, true])
    }

    @Test func `cut bytes are refused wherever the cut is, and the customers beside them stay`() throws {
        let schema = try schema(Self.declarations)
        let program = try Self.program(schema, [#"{ "==": [{ "var": "city" }, "Köln"] }"#])
        let values: JSONObject = [
            "number": .number(1e15), "at": "2026-01-01T00:00:00Z", "day": "2026-01-01", "born": "1990-01-01",
            "city": "Köln",
            "is": .bool(true), "tier": "high", "zone": "East",
        ]
        let whole = Self.bytes(Self.cache(values, schema), schema)
        var builder = ColumnBuilder(for: program, now: Self.now)
        var scratch = BatchScratch(for: program)
        for end in 0..<whole.count {
            let isTaken = whole[..<end].withUnsafeBytes { bytes in
                (try? builder.append(stored: bytes) { Self.zones[$0 ?? "UTC"] ?? .utc }) ?? false
            }
            #expect(!isTaken, "\(end) of \(whole.count) bytes")
            _ = try whole.withUnsafeBytes { try builder.append(stored: $0) { Self.zones[$0 ?? "UTC"] ?? .utc } }
        }
        #expect(builder.count == whole.count)
        program.evaluate(builder.block(), &scratch) { _ in nil }
        #expect(scratch.hits == [whole.count])
    }
}
