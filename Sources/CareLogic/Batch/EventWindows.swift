import CareValues

/// Counts and sums over windows of events for a whole population, in one pass over the events in whatever order.
///
/// It fills those columns of a program that are counts and sums of events within a time, straight from events; what a
/// customer's state holds of them gives the same (``ColumnBuilder/append(stored:zone:)``).
public struct EventWindows: ~Copyable {
    /// One batch of events as columns of equal length.
    public struct Events {
        /// Positions of their customers, 0..<customers.
        public var customers: UnsafeBufferPointer<Int32>
        /// Their times, milliseconds since 1970-01-01T00:00Z.
        public var times: UnsafeBufferPointer<Int64>
        /// Their types, as positions in ``EventWindows/types``.
        public var types: UnsafeBufferPointer<UInt8>
        /// The property that is summed, in 10⁻⁹; `.min`: there is none.
        public var amounts: UnsafeBufferPointer<Int64>

        /// A batch of these columns.
        public init(
            customers: UnsafeBufferPointer<Int32>, times: UnsafeBufferPointer<Int64>,
            types: UnsafeBufferPointer<UInt8>, amounts: UnsafeBufferPointer<Int64>
        ) {
            self.customers = customers
            self.times = times
            self.types = types
            self.amounts = amounts
        }
    }

    /// One window over one type; trivial, so that the loop over events counts no references.
    private struct Window {
        /// An event counts when `after < time ≤ upTo`.
        var after: Int64
        var upTo: Int64
        /// Where its total lies in a customer's bytes.
        var offset: Int
        var isSum: Bool
    }

    /// The types of events that count, in the order of their codes.
    public let types: [String]
    private let now: Timestamp
    private let customers: Int
    /// The windows of each type, one after the other; `starts` has one place more than there are types.
    private var windows: [Window] = []
    private var starts: [Int] = [0]
    /// By column of the program: where its total lies, and whether it is a sum.
    private var places: [(offset: Int, isSum: Bool)] = []
    /// Each customer's totals: sums of eight bytes, then counts of two.
    private var totals: [UInt64]
    private let stride: Int
    /// Customers with more than a total can hold.
    private var isOver: [Bool]

    /// Totals for customers `0..<customers` as of `now`.
    ///
    /// nil: a column of the program is no count or sum of events within a time that events alone tell: an attribute, a
    /// trait with a `where`, over more than one property, or of calendar periods.
    public init?(for program: BatchProgram, customers: Int, now: Timestamp) {
        var byType: [String: [Window]] = [:]
        var sums = 0
        var counts = 0
        var property: String?
        var traits: [(selection: EventSelection, isSum: Bool, newer: Int64, older: Int64)] = []
        for column in program.columns {
            guard case .trait(let trait) = column.source, column.aspect == .number,
                case .aggregate(let aggregate, let selection) = program.schema.traits[trait].definition,
                aggregate == .count || aggregate == .sum, selection.filter == nil,
                case .ages(let newer, let older)? = selection.window
            else { return nil }
            if let name = selection.property {
                guard property == nil || property == name else { return nil }
                property = name
            }
            guard (aggregate == .sum) == (selection.property != nil) else { return nil }
            traits.append((selection, aggregate == .sum, newer, older))
            if aggregate == .sum { sums += 1 } else { counts += 1 }
        }
        stride = (sums * 8 + counts * 2 + 7) / 8 * 8
        var nextSum = 0
        var nextCount = sums * 8
        for trait in traits {
            let offset = trait.isSum ? nextSum : nextCount
            if trait.isSum { nextSum += 8 } else { nextCount += 2 }
            places.append((offset, trait.isSum))
            for type in trait.selection.types {
                byType[type, default: []].append(
                    Window(
                        after: now.advanced(byMilliseconds: -trait.older).milliseconds,
                        upTo: now.advanced(byMilliseconds: -trait.newer).milliseconds, offset: offset,
                        isSum: trait.isSum))
            }
        }
        types = byType.keys.sorted(by: textPrecedes)
        for type in types {
            windows += byType[type] ?? []
            starts.append(windows.count)
        }
        self.now = now
        self.customers = customers
        totals = Array(repeating: 0, count: customers * stride / 8)
        isOver = Array(repeating: false, count: customers)
    }

    /// Forgets what was added.
    public mutating func reset() {
        totals.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        isOver.withUnsafeMutableBufferPointer { $0.update(repeating: false) }
    }

    /// Adds events. A type code at or above the count of ``types`` counts nowhere.
    public mutating func add(_ events: Events) {
        precondition(
            events.times.count == events.customers.count && events.types.count == events.customers.count
                && events.amounts.count == events.customers.count, "columns of unequal length")
        let (known, last, stride) = (types.count, customers, stride)
        windows.withUnsafeBufferPointer { windows in
            starts.withUnsafeBufferPointer { starts in
                isOver.withUnsafeMutableBufferPointer { isOver in
                    totals.withUnsafeMutableBytes { totals in
                        for row in events.customers.indices {
                            let type = Int(events.types[row])
                            let customer = Int(events.customers[row])
                            guard type < known else { continue }
                            precondition(customer >= 0 && customer < last, "no such customer")
                            let time = events.times[row]
                            let base = customer &* stride
                            var index = starts[type]
                            let end = starts[type + 1]
                            while index < end {
                                let window = windows[index]
                                index += 1
                                guard time > window.after, time <= window.upTo else { continue }
                                let place = base &+ window.offset
                                if window.isSum {
                                    let amount = events.amounts[row]
                                    guard amount != .min else { continue }
                                    let (sum, overflow) = totals.load(fromByteOffset: place, as: Int64.self)
                                        .addingReportingOverflow(amount)
                                    totals.storeBytes(of: sum, toByteOffset: place, as: Int64.self)
                                    if overflow { isOver[customer] = true }
                                } else {
                                    let (count, overflow) = totals.load(fromByteOffset: place, as: UInt16.self)
                                        .addingReportingOverflow(1)
                                    totals.storeBytes(of: count, toByteOffset: place, as: UInt16.self)
                                    if overflow { isOver[customer] = true }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The totals of all customers as blocks, one after the other, each with the position of its first customer.
    public func blocks(
        of program: BatchProgram, zone: Zone, _ body: (_ first: Int, _ block: ColumnBlock) throws -> Void
    ) rethrows {
        precondition(program.columns.count == places.count, "windows of another program")
        var builder = ColumnBuilder(for: program, now: now)
        var first = 0
        for customer in 0..<customers {
            builder.begin(zone)
            totals.withUnsafeBytes { totals in
                for (column, place) in places.enumerated() {
                    let offset = customer * stride + place.offset
                    let value =
                        place.isSum
                        ? FixedDecimal(units: Int128(totals.load(fromByteOffset: offset, as: Int64.self))).doubleValue
                        : Double(totals.load(fromByteOffset: offset, as: UInt16.self))
                    builder.set(column, number: value)
                }
            }
            if isOver[customer] { builder.markIrregular() }
            builder.end()
            if builder.isFull {
                try body(first, builder.block())
                first = customer + 1
            }
        }
        if builder.count > 0 { try body(first, builder.block()) }
    }
}
