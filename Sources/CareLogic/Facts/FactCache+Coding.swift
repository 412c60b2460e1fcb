import CareValues

extension FactCache {
    /// Why bytes are no cache of a schema.
    public enum DecodingFailure: Error, Sendable, Hashable {
        /// They belong to other attributes or traits: rebuild from the facts.
        case otherLayout
    }

    /// Appends the cache: the layout's hash, then every part by position.
    public func encode(into writer: inout ByteWriter, schema: Schema) {
        parts.encode(into: &writer, schema: schema)
    }

    /// Reads what ``encode(into:schema:)`` wrote.
    ///
    /// - Throws: ``DecodingFailure/otherLayout``; `ByteDecodingError` when the bytes are damaged.
    public static func decode(from reader: inout ByteReader, schema: Schema) throws -> FactCache {
        FactCache(try Parts(from: &reader, schema: schema))
    }

    // MARK: Values

    /// The byte before a stored value: of what kind it is.
    enum Tag {
        static let absent: UInt8 = 0
        static let missing: UInt8 = 1
        static let no: UInt8 = 2
        static let yes: UInt8 = 3
        static let number: UInt8 = 4
        static let integer: UInt8 = 5
        static let string: UInt8 = 6
        static let word: UInt8 = 7
        static let date: UInt8 = 8
        static let instant: UInt8 = 9
        static let birthday: UInt8 = 10
        static let json: UInt8 = 11
    }

    fileprivate static func encode(_ value: LogicValue, words: [String]?, into writer: inout ByteWriter) {
        switch value {
        case .missing: writer.bytes.append(Tag.missing)
        case .bool(let value): writer.bytes.append(value ? Tag.yes : Tag.no)
        case .number(let value):
            // Most numbers are small and whole: one or two bytes instead of eight.
            if value == value.rounded(), abs(value) < 1e15, !(value == 0 && value.sign == .minus) {
                writer.bytes.append(Tag.integer)
                writer.signed(Int64(value))
            } else {
                writer.bytes.append(Tag.number)
                writer.double(value)
            }
        case .string(let text):
            if let words, let index = words.firstIndex(where: { sameText($0, text) }) {
                writer.bytes.append(Tag.word)
                writer.varint(UInt64(index))
            } else {
                writer.bytes.append(Tag.string)
                writer.string(text)
            }
        case .date(let date):
            writer.bytes.append(Tag.date)
            writer.signed(Int64(date.dayNumber))
        case .instant(let instant):
            writer.bytes.append(Tag.instant)
            writer.signed(instant.milliseconds)
        case .birthday(let birthday):
            writer.bytes.append(Tag.birthday)
            writer.string(birthday.text)
        case .list, .object:
            writer.bytes.append(Tag.json)
            writer.string(value.jsonValue.canonicalText)
        }
    }

    /// A value, or nil where there is none at all.
    fileprivate static func decodeValue(from reader: inout ByteReader, words: [String]?) throws -> LogicValue? {
        switch try reader.byte() {
        case Tag.absent: return nil
        case Tag.missing: return .missing
        case Tag.no: return .bool(false)
        case Tag.yes: return .bool(true)
        case Tag.number: return .number(try reader.double())
        case Tag.integer: return .number(Double(try reader.signed()))
        case Tag.string: return .string(try reader.string())
        case Tag.word:
            let index = try reader.varint()
            guard let words, index < UInt64(words.count) else { throw ByteDecodingError.malformed }
            return .string(words[Int(index)])
        case Tag.date: return .date(CivilDate(dayNumber: Int32(truncatingIfNeeded: try reader.signed())))
        case Tag.instant: return .instant(Timestamp(milliseconds: try reader.signed()))
        case Tag.birthday:
            guard let birthday = Birthday(text: try reader.string()) else { throw ByteDecodingError.malformed }
            return .birthday(birthday)
        case Tag.json:
            guard let json = JSONValue(storedText: try reader.string()) else { throw ByteDecodingError.malformed }
            return LogicValue(json)
        default: throw ByteDecodingError.malformed
        }
    }
}

extension FactCache.Parts {
    private typealias Tag = FactCache.Tag

    fileprivate func encode(into writer: inout ByteWriter, schema: Schema) {
        writer.fixed64(schema.layoutHash)
        writer.bytes.append(overflows.isEmpty ? 0 : 1)
        optional(newestEventTime, into: &writer)
        for (index, state) in attributes.enumerated() {
            guard let state else {
                writer.bytes.append(Tag.absent)
                continue
            }
            FactCache.encode(state.value, words: schema.attributes[index].type.words, into: &writer)
            writer.signed(state.time.milliseconds)
            writer.signed(state.receivedAt.milliseconds &- state.time.milliseconds)
        }
        for moment in moments {
            guard let moment else {
                writer.bytes.append(Tag.absent)
                continue
            }
            FactCache.encode(moment.value, words: nil, into: &writer)
            writer.signed(moment.time.milliseconds)
            writer.signed(moment.receivedAt.milliseconds &- moment.time.milliseconds)
        }
        for count in counts { writer.signed(count) }
        for sum in sums { writer.decimal(sum) }
        for list in lists {
            writer.count(list.count)
            var previous: Int64 = 0
            for item in list {
                writer.signed(item.time.milliseconds &- previous)
                previous = item.time.milliseconds
                writer.signed(item.receivedAt.milliseconds &- item.time.milliseconds)
                for value in item.values { FactCache.encode(value, words: nil, into: &writer) }
            }
        }
        for distinct in distincts {
            writer.count(distinct.count)
            for value in distinct { writer.string(value) }
        }
        for open in opens {
            writer.count(open.count)
            for id in open {
                writer.string(id.id)
                writer.signed(id.time.milliseconds)
                writer.signed(id.receivedAt.milliseconds &- id.time.milliseconds)
                writer.bool(id.isOpen)
            }
        }
        if !overflows.isEmpty { encodeOverflows(into: &writer) }
    }

    fileprivate init(from reader: inout ByteReader, schema: Schema) throws {
        guard try reader.fixed64() == schema.layoutHash else { throw FactCache.DecodingFailure.otherLayout }
        self.init(schema: schema)
        let hasOverflows = try reader.byte() == 1
        newestEventTime = try Self.optional(from: &reader)
        for index in attributes.indices {
            guard let value = try FactCache.decodeValue(from: &reader, words: schema.attributes[index].type.words)
            else {
                continue
            }
            let time = Timestamp(milliseconds: try reader.signed())
            attributes[index] = AttributeState(
                value: value, time: time,
                receivedAt: Timestamp(milliseconds: time.milliseconds &+ (try reader.signed())))
        }
        for index in moments.indices {
            guard let value = try FactCache.decodeValue(from: &reader, words: nil) else { continue }
            let time = Timestamp(milliseconds: try reader.signed())
            moments[index] = Moment(
                time: time, receivedAt: Timestamp(milliseconds: time.milliseconds &+ (try reader.signed())),
                value: value)
        }
        for index in counts.indices { counts[index] = try reader.signed() }
        for index in sums.indices { sums[index] = try reader.decimal() }
        for index in lists.indices {
            let count = try reader.count()
            guard count > 0 else { continue }
            guard count <= reader.remaining else { throw ByteDecodingError.malformed }
            let columns = schema.plan.lists[index].columns.count
            var items: [Item] = []
            items.reserveCapacity(count)
            var previous: Int64 = 0
            for _ in 0..<count {
                previous &+= try reader.signed()
                let received = previous &+ (try reader.signed())
                var values: [LogicValue] = []
                for _ in 0..<columns { values.append(try FactCache.decodeValue(from: &reader, words: nil) ?? .missing) }
                items.append(
                    Item(
                        time: Timestamp(milliseconds: previous), receivedAt: Timestamp(milliseconds: received),
                        values: values))
            }
            lists[index] = items
        }
        for index in distincts.indices {
            let count = try reader.count()
            guard count <= reader.remaining else { throw ByteDecodingError.malformed }
            for _ in 0..<count { distincts[index].append(try reader.string()) }
        }
        for index in opens.indices {
            let count = try reader.count()
            guard count <= reader.remaining else { throw ByteDecodingError.malformed }
            for _ in 0..<count {
                let id = try reader.string()
                let time = Timestamp(milliseconds: try reader.signed())
                let received = Timestamp(milliseconds: time.milliseconds &+ (try reader.signed()))
                opens[index].append(
                    OpenID(id: id, time: time, receivedAt: received, isOpen: try reader.bool()))
            }
        }
        if hasOverflows { try decodeOverflows(from: &reader) }
    }

    private func optional(_ instant: Timestamp?, into writer: inout ByteWriter) {
        writer.bool(instant != nil)
        if let instant { writer.signed(instant.milliseconds) }
    }

    private static func optional(from reader: inout ByteReader) throws -> Timestamp? {
        try reader.bool() ? Timestamp(milliseconds: try reader.signed()) : nil
    }

    private func encodeOverflows(into writer: inout ByteWriter) {
        let numbers = overflows.map { overflow -> (UInt8, Int) in
            switch overflow {
            case .sum(let place): (0, place)
            case .list(let place): (1, place)
            case .open(let place): (2, place)
            case .distinct(let place): (3, place)
            }
        }.sorted { $0 < $1 }
        writer.count(numbers.count)
        for (kind, place) in numbers {
            writer.bytes.append(kind)
            writer.count(place)
        }
    }

    private mutating func decodeOverflows(from reader: inout ByteReader) throws {
        for _ in 0..<(try reader.count()) {
            let kind = try reader.byte()
            let place = try reader.integer()
            switch kind {
            case 0: overflows.insert(.sum(place))
            case 1: overflows.insert(.list(place))
            case 2: overflows.insert(.open(place))
            case 3: overflows.insert(.distinct(place))
            default: throw ByteDecodingError.malformed
            }
        }
    }
}

extension LogicValue {
    /// Appends the value by itself, as a row's memory keeps it.
    public func encode(into writer: inout ByteWriter) {
        FactCache.encode(self, words: nil, into: &writer)
    }

    /// Reads what ``encode(into:)`` wrote; lists and objects come back as their JSON values.
    ///
    /// - Throws: `ByteDecodingError` when the bytes are damaged.
    public static func decode(from reader: inout ByteReader) throws -> LogicValue {
        guard let value = try FactCache.decodeValue(from: &reader, words: nil) else {
            throw ByteDecodingError.malformed
        }
        return value
    }
}
