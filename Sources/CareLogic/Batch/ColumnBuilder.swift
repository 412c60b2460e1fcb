import CareValues

/// Fills ``ColumnBlock``s with customers, one after the other.
///
/// One builder belongs to one thread; its dictionaries grow from block to block, which is why it is not copied.
public struct ColumnBuilder: ~Copyable {
    let schema: Schema
    let columns: [BatchColumn]
    /// The instant that the blocks are as of.
    public let now: Timestamp

    /// The values of the block that is being filled, column after column; missing is NaN.
    private(set) var values: [Double]
    /// How many customers are in it.
    public internal(set) var count = 0
    private var dictionaries: [TextDictionary?]
    private var zones: [Zone] = []
    private var zoneCodes: [UInt8] = []
    private var irregular: [Int] = []
    private var zone = 0
    /// How stored caches fill the columns.
    let stored: CacheColumns
    /// Instants of the row being read whose local date waits for the customer's zone.
    var instants: [(column: Int, instant: Timestamp)] = []
    /// The zone of the last stored row, by the bytes of its name.
    private var lastZone: (name: [UInt8]?, zone: Zone)?

    /// A builder of the blocks that `program` needs.
    public init(for program: BatchProgram, now: Timestamp) {
        schema = program.schema
        columns = program.columns
        self.now = now
        values = Array(repeating: .nan, count: program.columns.count * ColumnBlock.capacity)
        dictionaries = program.columns.map { $0.aspect == .text ? TextDictionary() : nil }
        zoneCodes.reserveCapacity(ColumnBlock.capacity)
        stored = CacheColumns(program)
    }

    /// Whether ``block()`` must be called before another customer is added.
    public var isFull: Bool { count == ColumnBlock.capacity }

    /// Adds a customer.
    ///
    /// - Precondition: the builder is not full.
    public mutating func append(_ cache: FactCache, zone: Zone) {
        begin(zone)
        for index in columns.indices {
            let value: LogicValue
            switch columns[index].source {
            case .attribute(let attribute): value = cache.attribute(attribute, schema: schema)
            case .trait(let trait):
                // No column holds a trait that reads the customer's id.
                guard let evaluation = try? schema.trait(trait, in: cache, customer: "", now: now, zone: zone) else {
                    markIrregular()
                    continue
                }
                value = evaluation.value
            }
            set(index, value)
        }
        count += 1
    }

    /// Adds a customer of whom the columns tell nothing: every condition is asked of the scalar form.
    ///
    /// - Precondition: the builder is not full.
    public mutating func appendIrregular(zone: Zone) {
        begin(zone)
        markIrregular()
        count += 1
    }

    mutating func begin(_ zone: Zone) {
        precondition(!isFull, "take the block first")
        if zones.isEmpty || zones[self.zone] !== zone {
            if let known = zones.firstIndex(where: { $0 === zone || $0 == zone }) {
                self.zone = known
            } else if zones.count < 255 {
                zones.append(zone)
                self.zone = zones.count - 1
            } else {
                markIrregular()
            }
        }
        zoneCodes.append(UInt8(self.zone))
    }

    mutating func end() { count += 1 }

    /// Makes sure that there is room for a row.
    func beginRow() {
        precondition(!isFull, "take the block first")
    }

    /// Takes back what was set of the row that is being read.
    mutating func forgetRow() {
        for column in columns.indices { clear(column) }
        if irregular.last == count { irregular.removeLast() }
        if zoneCodes.count > count { zoneCodes.removeLast() }
    }

    @inline(__always)
    mutating func clear(_ column: Int) { values[column * ColumnBlock.capacity + count] = .nan }

    /// The zone of a stored row; `make` is asked when its name is another than the last row's.
    mutating func zone(_ name: UnsafeBufferPointer<UInt8>?, _ make: (String?) -> Zone) -> Zone {
        if let lastZone {
            switch (lastZone.name, name) {
            case (nil, nil): return lastZone.zone
            case (let known?, let name?) where known.count == name.count && name.elementsEqual(known):
                return lastZone.zone
            default: break
            }
        }
        let zone = make(name.map { String(decoding: $0, as: UTF8.self) } ?? stored.defaultZone)
        lastZone = (name.map { Array($0) }, zone)
        return zone
    }

    mutating func forgetZone() { lastZone = nil }

    mutating func markIrregular() {
        if irregular.last != count { irregular.append(count) }
    }

    @inline(__always)
    mutating func set(_ column: Int, number: Double) {
        values[column * ColumnBlock.capacity + count] = number
    }

    mutating func set(_ column: Int, text: UnsafeBufferPointer<UInt8>) {
        guard let position = dictionaries[column]?.position(of: text) else { return markIrregular() }
        set(column, number: Double(position))
    }

    mutating func set(_ column: Int, instant: Timestamp) {
        switch columns[column].aspect {
        case .instant: set(column, number: Double(instant.milliseconds))
        case .day: set(column, number: Double(zones[zone].date(at: instant).dayNumber))
        case .yearDay: set(column, date: zones[zone].date(at: instant))
        default: markIrregular()
        }
    }

    mutating func set(_ column: Int, date: CivilDate) {
        switch columns[column].aspect {
        case .day, .birthDay: set(column, number: Double(date.dayNumber))
        case .yearDay:
            let parts = date.components
            set(column, number: Double(YearDay.number(month: parts.month, day: parts.day)))
        default: markIrregular()
        }
    }

    mutating func set(_ column: Int, birthday: Birthday) {
        switch columns[column].aspect {
        case .birthDay: if let date = birthday.date { set(column, number: Double(date.dayNumber)) }
        case .yearDay: set(column, number: Double(YearDay.number(of: birthday)))
        default: markIrregular()
        }
    }

    mutating func set(_ column: Int, _ value: LogicValue) {
        switch (columns[column].aspect, value) {
        case (_, .missing): break
        case (.number, .number(let number)): set(column, number: number)
        case (.flag, .bool(let flag)): set(column, number: flag ? 1 : 0)
        case (_, .date(let date)): set(column, date: date)
        case (_, .instant(let instant)): set(column, instant: instant)
        case (_, .birthday(let birthday)): set(column, birthday: birthday)
        case (.word, .string(let text)):
            guard case .attribute(let attribute) = columns[column].source,
                let position = schema.attributes[attribute].type.words?.firstIndex(where: { sameText($0, text) })
            else { return markIrregular() }
            set(column, number: Double(position))
        case (.text, .string(var text)):
            text.withUTF8 { set(column, text: $0) }
        default: markIrregular()
        }
    }

    /// The block of the customers added since the last one.
    public mutating func block() -> ColumnBlock {
        let lanes = (count + 63) / 64 * 64
        var forms: [ColumnBlock.Column] = []
        var size = 0
        for column in columns.indices {
            var form = values.withUnsafeBufferPointer { all in
                Self.form(UnsafeBufferPointer(rebasing: all[(column * ColumnBlock.capacity)...].prefix(count)))
            }
            form.offset = size
            size += lanes * form.form.size
            forms.append(form)
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(buffer)
            values.withUnsafeBufferPointer { all in
                for (column, form) in forms.enumerated() {
                    let source = all[(column * ColumnBlock.capacity)...].prefix(count)
                    form.store(
                        UnsafeBufferPointer(rebasing: source), lanes: lanes,
                        in: UnsafeMutableRawBufferPointer(
                            rebasing: target[form.offset..<(form.offset + lanes * form.form.size)]))
                }
            }
            initialized = size
        }
        let block = ColumnBlock(
            count: count, now: now, columns: forms, bytes: bytes, lanes: lanes, zones: zones,
            zoneCodes: zones.count > 1 ? zoneCodes : [], irregular: irregular, dictionaries: dictionaries)
        reset()
        return block
    }

    private mutating func reset() {
        for column in columns.indices {
            let start = column * ColumnBlock.capacity
            for row in start..<(start + count) { values[row] = .nan }
        }
        count = 0
        irregular.removeAll(keepingCapacity: true)
        zoneCodes.removeAll(keepingCapacity: true)
        // The zone of the next customer is likely the last one.
        if zones.count > 1 { zones = [] }
        zone = 0
    }
}
