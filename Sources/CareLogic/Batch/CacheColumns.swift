import CareValues

/// How a stored cache fills the columns of a program: for each of its parts, in their order, the columns it is for.
struct CacheColumns: Sendable {
    let schema: Schema
    /// By attribute: its columns.
    var attributes: [[Int]]
    /// Attributes with a default and a column.
    var defaults: [(column: Int, value: LogicValue)] = []
    /// By place of a moment, a count, a sum, an open or a distinct: the columns of the traits there.
    var moments: [[Int]]
    var counts: [[Int]]
    var sums: [[Int]]
    var opens: [[Int]]
    var distincts: [[Int]]
    /// By list: what is added up over it.
    var windows: [[Window]]
    /// The zone of a customer who has none, by name.
    var defaultZone: String?
    /// Whether a column needs more than one walk over the bytes tells: then the cache is made.
    var needsCache = false
    /// Nothing after the lists is needed.
    var endsWithLists: Bool { distincts.allSatisfy(\.isEmpty) && opens.allSatisfy(\.isEmpty) }

    /// A count or a sum over a list of events.
    struct Window: Sendable {
        var column: Int
        var aggregate: Aggregate
        var window: EventWindow
        /// The list's column that is looked at; nil: the events themselves.
        var property: Int?
    }

    init(_ program: BatchProgram) {
        schema = program.schema
        let plan = program.schema.plan
        defaultZone = schema.zoneAttribute.flatMap { program.schema.attributes[$0].defaultValue?.text }
        attributes = Array(repeating: [], count: schema.attributes.count)
        moments = Array(repeating: [], count: plan.moments)
        counts = Array(repeating: [], count: plan.counts)
        sums = Array(repeating: [], count: plan.sums)
        opens = Array(repeating: [], count: plan.opens)
        distincts = Array(repeating: [], count: plan.distincts)
        windows = Array(repeating: [], count: plan.lists.count)
        for (column, read) in program.columns.enumerated() {
            switch read.source {
            case .attribute(let attribute):
                attributes[attribute].append(column)
                if let value = schema.attributes[attribute].defaultValue { defaults.append((column, value)) }
            case .trait(let trait): add(column, trait, plan)
            }
        }
    }

    private mutating func add(_ column: Int, _ trait: Int, _ plan: FactPlan) {
        switch plan.slots[trait] {
        case .moment(let place): moments[place].append(column)
        case .count(let place): counts[place].append(column)
        case .sum(let place): sums[place].append(column)
        case .distinct(let place): distincts[place].append(column)
        case .open(let place): opens[place].append(column)
        case .list(let place, let property):
            guard case .aggregate(let aggregate, let selection) = schema.traits[trait].definition,
                aggregate == .count || aggregate == .sum, let window = selection.window
            else {
                needsCache = true
                return
            }
            windows[place].append(
                Window(column: column, aggregate: aggregate, window: window, property: property))
        case .average, .measures, .listMeasures, nil: needsCache = true
        }
    }
}

extension ColumnBuilder {
    /// Adds a customer straight from the stored bytes of its cache, without making one.
    ///
    /// - Parameters:
    ///   - bytes: what ``FactCache/encode(into:schema:)`` wrote for the program's schema.
    ///   - zone: the zone of that name; of nil, of a customer who has none. Asked only where it is another than the last
    ///     row's.
    /// - Returns: whether the bytes are of this schema; else nothing was added.
    /// - Throws: `ByteDecodingError` when they are damaged; nothing was added then.
    /// - Precondition: the builder is not full.
    public mutating func append(
        stored bytes: UnsafeRawBufferPointer, zone: (String?) -> Zone
    ) throws -> Bool {
        guard var scanner = CacheScanner(bytes), scanner.fixed64() == schema.layoutHash else { return false }
        if stored.needsCache || scanner.byte() != 0 {
            // A trait over its limit, or one that is not a plain count or sum.
            var reader = ByteReader(bytes)
            let cache = try FactCache.decode(from: &reader, schema: schema)
            let name = schema.zoneAttribute.flatMap { cache.attribute($0, schema: schema).text }
            append(cache, zone: zone(name))
            // The next row's zone is asked for anew, so that who looks on hears of it.
            forgetZone()
            return true
        }
        if scanner.byte() == 1 { _ = scanner.signed() }
        var ownZone: UnsafeBufferPointer<UInt8>?
        instants.removeAll(keepingCapacity: true)
        beginRow()
        for (column, value) in stored.defaults { setDefault(column, value) }
        for attribute in stored.attributes.indices {
            let value = scanner.value()
            if case .absent = value { continue }
            let columns = stored.attributes[attribute]
            if !columns.isEmpty, !value.isMissing { set(columns, value) }
            if attribute == schema.zoneAttribute, case .text(let name) = value { ownZone = name }
            _ = scanner.signed()
            _ = scanner.signed()
        }
        let place = self.zone(ownZone, zone)
        begin(place)
        for (column, instant) in instants { set(column, instant: instant) }
        read(&scanner, place)
        guard !scanner.isDamaged else {
            forgetRow()
            throw ByteDecodingError.malformed
        }
        count += 1
        return true
    }

    /// The parts after the attributes.
    private mutating func read(_ scanner: inout CacheScanner, _ zone: Zone) {
        for columns in stored.moments {
            let value = scanner.value()
            if case .absent = value { continue }
            if !columns.isEmpty {
                instants.removeAll(keepingCapacity: true)
                set(columns, value)
                for (column, instant) in instants { set(column, instant: instant) }
            }
            _ = scanner.signed()
            _ = scanner.signed()
        }
        for columns in stored.counts {
            let value = scanner.signed()
            for column in columns { set(column, number: Double(value)) }
        }
        for columns in stored.sums {
            let sum = scanner.decimal()
            for column in columns { set(column, number: sum.doubleValue) }
        }
        for list in stored.windows.indices { readList(list, &scanner, zone) }
        if stored.endsWithLists { return }
        for columns in stored.distincts {
            let values = scanner.count()
            for _ in 0..<values { _ = scanner.text() }
            for column in columns { set(column, number: Double(values)) }
        }
        for columns in stored.opens {
            var open = 0
            for _ in 0..<scanner.count() {
                _ = scanner.text()
                _ = scanner.signed()
                _ = scanner.signed()
                if scanner.byte() == 1 { open += 1 }
            }
            for column in columns { set(column, number: Double(open)) }
        }
    }

    /// Adds a list up for every window over it, in one walk.
    private mutating func readList(_ list: Int, _ scanner: inout CacheScanner, _ zone: Zone) {
        let items = scanner.count()
        let windows = stored.windows[list]
        let properties = schema.plan.lists[list].columns.count
        if windows.isEmpty {
            for _ in 0..<items {
                _ = scanner.signed()
                _ = scanner.signed()
                for _ in 0..<properties { _ = scanner.value() }
            }
            return
        }
        var totals = windows.map { WindowTotal($0, now: now, zone: zone) }
        var time: Int64 = 0
        for _ in 0..<items {
            time &+= scanner.signed()
            _ = scanner.signed()
            if properties == 0 {
                for index in totals.indices { totals[index].add(time) }
                continue
            }
            for property in 0..<properties {
                let value = scanner.value()
                for index in totals.indices {
                    let wanted = windows[index].property
                    if wanted == property {
                        totals[index].add(time, value)
                    } else if wanted == nil, property == 0 {
                        totals[index].add(time)
                    }
                }
            }
        }
        for (window, total) in zip(windows, totals) {
            if let value = total.value { set(window.column, number: value) } else { markIrregular() }
        }
    }

    private mutating func set(_ columns: [Int], _ value: CacheScanner.Value) {
        for column in columns {
            switch (self.columns[column].aspect, value) {
            case (_, .missing), (_, .absent): clear(column)
            case (.number, .number(let number)): set(column, number: number)
            case (.flag, .flag(let flag)): set(column, number: flag ? 1 : 0)
            case (.word, .word(let position)): set(column, number: Double(position))
            case (.text, .text(let text)): set(column, text: text)
            case (.text, .word(let position)):
                guard case .attribute(let attribute) = self.columns[column].source,
                    let words = schema.attributes[attribute].type.words, words.indices.contains(position)
                else { return markIrregular() }
                var text = words[position]
                text.withUTF8 { set(column, text: $0) }
            case (_, .date(let date)): set(column, date: date)
            case (_, .instant(let instant)): instants.append((column, instant))
            case (_, .birthday(let text)):
                guard let birthday = Birthday(text: String(decoding: text, as: UTF8.self)) else {
                    return markIrregular()
                }
                clear(column)
                set(column, birthday: birthday)
            default: markIrregular()
            }
        }
    }

    private mutating func setDefault(_ column: Int, _ value: LogicValue) {
        if case .instant(let instant) = value {
            instants.append((column, instant))
        } else {
            set(column, value)
        }
    }
}

/// What one window over a list has added up so far.
private struct WindowTotal {
    let isSum: Bool
    /// An event counts when `after < time ≤ upTo`.
    let after: Int64
    let upTo: Int64
    /// Events inside, counted or not.
    var inside = 0
    var count = 0
    var sum = FixedDecimal.zero
    var isOver = false

    init(_ window: CacheColumns.Window, now: Timestamp, zone: Zone) {
        isSum = window.aggregate == .sum
        switch window.window {
        case .ages(let newer, let older):
            after = now.advanced(byMilliseconds: -older).milliseconds
            upTo = now.advanced(byMilliseconds: -newer).milliseconds
        case .calendar(let period):
            after = period.bounds(around: now, in: zone).from.milliseconds - 1
            upTo = now.milliseconds
        }
    }

    @inline(__always)
    mutating func add(_ time: Int64) {
        if time > after, time <= upTo {
            inside += 1
            count += 1
        }
    }

    mutating func add(_ time: Int64, _ value: CacheScanner.Value) {
        guard time > after, time <= upTo else { return }
        inside += 1
        guard isSum else {
            if !value.isMissing { count += 1 }
            return
        }
        guard case .number(let number) = value, let decimal = FixedDecimal(number) else { return }
        guard let next = sum.adding(decimal) else {
            isOver = true
            return
        }
        sum = next
    }

    /// nil: over the limit.
    var value: Double? {
        guard !isOver, inside <= LogicLimits.windowedEvents else { return nil }
        return isSum ? sum.doubleValue : Double(count)
    }
}

extension CacheScanner.Value {
    /// Whether it is nothing or stored as missing.
    var isMissing: Bool {
        switch self {
        case .absent, .missing: true
        default: false
        }
    }
}
