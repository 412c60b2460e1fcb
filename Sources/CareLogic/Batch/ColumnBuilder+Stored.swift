import CareValues

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
        precondition(!isFull, "take the block first")
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
        if scanner.byte() == 1 { scanner.skipVarint() }
        for (column, value) in stored.defaults { setDefault(column, value) }
        let states = stored.states
        let attributes = schema.attributes.count
        let zoneAttribute = schema.zoneAttribute ?? -1
        let ownZone = read(states[..<attributes], from: &scanner, zoneAttribute)
        begin(zone: ownZone, zone)
        setInstants()
        _ = read(states[attributes...], from: &scanner, -1)
        setInstants()
        readTotals(&scanner)
        guard !scanner.isDamaged else {
            forgetRow()
            throw ByteDecodingError.malformed
        }
        count += 1
        return true
    }

    /// Fills the columns of states; instants whose local date is wanted wait for ``setInstants()``.
    ///
    /// - Returns: the text of the state at `zoneAttribute`.
    @inline(__always)
    private mutating func read(
        _ states: ArraySlice<CacheColumns.State>, from scanner: inout CacheScanner, _ zoneAttribute: Int
    ) -> UnsafeBufferPointer<UInt8>? {
        var ownZone: UnsafeBufferPointer<UInt8>?
        let targets = stored.targets
        for index in states.indices {
            let state = states[index]
            let value = scanner.value()
            switch value {
            case .absent: continue
            case .missing: break
            case .text(let text) where index == zoneAttribute:
                ownZone = text
                fallthrough
            default:
                for target in state.first..<state.end { set(targets[target], value) }
            }
            scanner.skipVarint()
            scanner.skipVarint()
        }
        return ownZone
    }

    private mutating func setInstants() {
        guard !instants.isEmpty else { return }
        for (column, instant) in instants { set(column, instant: instant) }
        instants.removeAll(keepingCapacity: true)
    }

    /// The parts after the states.
    private mutating func readTotals(_ scanner: inout CacheScanner) {
        for columns in stored.counts {
            let value = scanner.signed()
            for column in columns { set(column, number: Double(value)) }
        }
        for columns in stored.sums {
            let sum = scanner.decimal()
            for column in columns { set(column, number: sum.doubleValue) }
        }
        for list in stored.windows.indices { readList(list, &scanner) }
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
    private mutating func readList(_ list: Int, _ scanner: inout CacheScanner) {
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
        let zone = currentZone
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

    @inline(__always)
    private mutating func set(_ target: CacheColumns.Target, _ value: CacheScanner.Value) {
        let column = target.column
        switch (target.aspect, value) {
        case (.number, .number(let number)): set(column, number: number)
        case (.flag, .flag(let flag)): set(column, number: flag ? 1 : 0)
        case (.word, .word(let position)): set(column, number: Double(position))
        case (.text, .text(let text)): set(column, text: text)
        case (_, .instant(let instant)): instants.append((column, instant))
        case (_, .birthday(let text)): set(target, birthday: text)
        default: setUnusual(target, value)
        }
    }

    private mutating func setUnusual(_ target: CacheColumns.Target, _ value: CacheScanner.Value) {
        let column = target.column
        switch (target.aspect, value) {
        case (.text, .word(let position)):
            guard case .attribute(let attribute) = columns[column].source,
                let words = schema.attributes[attribute].type.words, words.indices.contains(position)
            else { return markIrregular() }
            var text = words[position]
            text.withUTF8 { set(column, text: $0) }
        case (_, .date(let date)): set(column, date: date)
        default: markIrregular()
        }
    }

    private mutating func set(_ target: CacheColumns.Target, birthday text: UnsafeBufferPointer<UInt8>) {
        // Most are written in full, `1990-05-17`.
        if let date = CivilDate(iso8601: UnsafeRawBufferPointer(text)) {
            switch target.aspect {
            case .birthDay: set(target.column, number: Double(date.dayNumber))
            case .yearDay:
                let month = Int(text[5] &* 10 &+ text[6] &- 16)
                let day = Int(text[8] &* 10 &+ text[9] &- 16)
                set(target.column, number: Double(YearDay.number(month: month, day: day)))
            default: markIrregular()
            }
        } else if let birthday = Birthday(text: String(decoding: text, as: UTF8.self)) {
            clear(target.column)
            set(target.column, birthday: birthday)
        } else {
            markIrregular()
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
    fileprivate var isMissing: Bool {
        switch self {
        case .absent, .missing: true
        default: false
        }
    }
}
