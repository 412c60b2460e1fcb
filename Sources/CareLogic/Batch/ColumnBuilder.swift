import CareValues

/// Fills ``ColumnBlock``s with customers, one after the other.
///
/// One builder belongs to one thread; its dictionaries grow from block to block, which is why it is not copied.
public struct ColumnBuilder: ~Copyable {
    let schema: Schema
    let columns: [BatchColumn]
    /// The instant that the blocks are as of.
    public let now: Timestamp

    /// The values of the block that is being filled, column after column, ``stride`` apart; missing is NaN.
    // Safety: allocated by init for every column, freed by deinit, reached only through the one builder that there is.
    let values: UnsafeMutablePointer<Double>
    /// A line of the cache more than a block: the columns of one customer would share a place in it otherwise.
    static let stride = ColumnBlock.capacity + 8
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
    /// Whether the block's last zone is that one.
    private var isAtLastZone = false
    /// Between which instants the block's last zone is how far from UTC; in milliseconds.
    private var shift = Shift()

    private struct Shift {
        var from = Int64.max
        var until = Int64.min
        var milliseconds: Int64 = 0
    }

    /// A builder of the blocks that `program` needs.
    public init(for program: BatchProgram, now: Timestamp) {
        schema = program.schema
        columns = program.columns
        self.now = now
        values = .allocate(capacity: max(1, program.columns.count) * Self.stride)
        values.initialize(repeating: .nan, count: program.columns.count * Self.stride)
        dictionaries = program.columns.map { $0.aspect == .text ? TextDictionary() : nil }
        zoneCodes.reserveCapacity(ColumnBlock.capacity)
        stored = CacheColumns(program)
    }

    deinit { values.deallocate() }

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

    /// Takes back the customer that was added last.
    ///
    /// - Precondition: the block has one.
    public mutating func removeLast() {
        precondition(count > 0, "there is nobody to take back")
        count -= 1
        forgetRow()
    }

    mutating func begin(_ zone: Zone) {
        precondition(!isFull, "take the block first")
        isAtLastZone = false
        if zones.isEmpty || zones[self.zone] !== zone {
            shift = Shift()
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

    /// Takes back what was set of the row that is being read.
    mutating func forgetRow() {
        for column in columns.indices { clear(column) }
        if irregular.last == count { irregular.removeLast() }
        if zoneCodes.count > count { zoneCodes.removeLast() }
    }

    @inline(__always)
    mutating func clear(_ column: Int) { values[column &* Self.stride &+ count] = .nan }

    /// Begins a stored row of a customer of the zone of that name; `make` is asked when it is another than the last row's.
    mutating func begin(zone name: UnsafeBufferPointer<UInt8>?, _ make: (String?) -> Zone) {
        if isAtLastZone, isLastZone(name) {
            zoneCodes.append(UInt8(truncatingIfNeeded: zone))
        } else {
            let zone = self.zone(name, make)
            begin(zone)
            isAtLastZone = zones[self.zone] === zone
        }
    }

    private func isLastZone(_ name: UnsafeBufferPointer<UInt8>?) -> Bool {
        guard let known = lastZone?.name else { return name == nil && lastZone != nil }
        guard let name, known.count == name.count else { return false }
        return name.elementsEqual(known)
    }

    private mutating func zone(_ name: UnsafeBufferPointer<UInt8>?, _ make: (String?) -> Zone) -> Zone {
        if let lastZone, isLastZone(name) { return lastZone.zone }
        let zone = make(name.map { String(decoding: $0, as: UTF8.self) } ?? stored.defaultZone)
        lastZone = (name.map { Array($0) }, zone)
        return zone
    }

    mutating func forgetZone() { lastZone = nil }

    /// The zone of the row that was begun last.
    var currentZone: Zone { zones[zone] }

    /// The local date of the row that was begun last.
    private mutating func date(at instant: Timestamp) -> CivilDate {
        let milliseconds = instant.milliseconds
        if milliseconds < shift.from || milliseconds >= shift.until {
            let span = zones[zone].offset(around: instant)
            shift = Shift(
                from: span.from.milliseconds, until: span.until.milliseconds,
                milliseconds: Int64(span.seconds) * 1000)
            if milliseconds < shift.from || milliseconds >= shift.until { return zones[zone].date(at: instant) }
        }
        let local = milliseconds + shift.milliseconds
        let day = local / 86_400_000
        return CivilDate(dayNumber: Int32(truncatingIfNeeded: local % 86_400_000 < 0 ? day - 1 : day))
    }

    mutating func markIrregular() {
        if irregular.last != count { irregular.append(count) }
    }

    @inline(__always)
    mutating func set(_ column: Int, number: Double) {
        values[column &* Self.stride &+ count] = number
    }

    mutating func set(_ column: Int, text: UnsafeBufferPointer<UInt8>) {
        guard let position = dictionaries[column]?.position(of: text) else { return markIrregular() }
        set(column, number: Double(position))
    }

    mutating func set(_ column: Int, instant: Timestamp) {
        switch columns[column].aspect {
        case .instant: set(column, number: Double(instant.milliseconds))
        case .day: set(column, number: Double(date(at: instant).dayNumber))
        case .yearDay: set(column, date: date(at: instant))
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
            var form = Self.form(filled(column))
            form.offset = size
            size += lanes * form.form.size
            forms.append(form)
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for (column, form) in forms.enumerated() {
                let bytes = target[form.offset..<(form.offset + lanes * form.form.size)]
                form.store(filled(column), lanes: lanes, in: UnsafeMutableRawBufferPointer(rebasing: bytes))
            }
            initialized = size
        }
        let block = ColumnBlock(
            count: count, now: now, columns: forms, bytes: bytes, lanes: lanes, zones: zones,
            zoneCodes: zones.count > 1 ? zoneCodes : [], irregular: irregular, dictionaries: dictionaries)
        reset()
        return block
    }

    private func filled(_ column: Int) -> UnsafeBufferPointer<Double> {
        UnsafeBufferPointer(start: values + column * Self.stride, count: count)
    }

    private mutating func reset() {
        for column in columns.indices { (values + column * Self.stride).update(repeating: .nan, count: count) }
        count = 0
        irregular.removeAll(keepingCapacity: true)
        zoneCodes.removeAll(keepingCapacity: true)
        // The zone of the next customer is likely the last one.
        if zones.count > 1 {
            zones = []
            isAtLastZone = false
        }
        zone = 0
    }
}
