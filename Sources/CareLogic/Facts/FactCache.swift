import CareValues

/// The attributes and traits of one customer: a cache of its facts, which can be rebuilt from them at any time.
///
/// Every trait is exact and independent of the order in which facts arrive: applying a late event gives the cache that
/// applying all of them by time would have given.
public struct FactCache: Sendable, Hashable {
    /// A current attribute and the fact it is from.
    struct AttributeState: Sendable, Hashable {
        var value: LogicValue
        var time: Timestamp
        var receivedAt: Timestamp
    }

    /// The event that a `last`, `first`, `min` or `max` takes its value from.
    struct Moment: Sendable, Hashable {
        var time: Timestamp
        var receivedAt: Timestamp
        var value: LogicValue
    }

    /// An event inside the longest window over its list.
    struct Item: Sendable, Hashable {
        var time: Timestamp
        var receivedAt: Timestamp
        /// One value for each column of the list; missing: the property is not there or of another type.
        var values: [LogicValue]
    }

    /// What the newest event by time says of one id.
    struct OpenID: Sendable, Hashable {
        var id: String
        var time: Timestamp
        var receivedAt: Timestamp
        var isOpen: Bool
    }

    /// Something that holds more than its limit, by place.
    enum Overflow: Sendable, Hashable {
        case sum(Int)
        case list(Int)
        case open(Int)
        case distinct(Int)
    }

    /// Everything, behind one reference: contexts and rows pass caches on often, and each list would be counted.
    ///
    /// Safety: `parts` are changed only while one cache alone holds the box, as an array's storage is.
    private final class Box: @unchecked Sendable {
        var parts: Parts

        init(_ parts: Parts) { self.parts = parts }
    }

    /// What is known.
    struct Parts: Sendable, Hashable {
        var attributes: [AttributeState?]
        var moments: [Moment?]
        var counts: [Int64]
        var sums: [FixedDecimal]
        var lists: [[Item]]
        /// The canonical JSON of each different value, ascending.
        var distincts: [[String]]
        var opens: [[OpenID]]
        /// What went beyond a limit: evaluating a trait over it is an error until the row is rebuilt.
        var overflows: Set<Overflow> = []
        /// The time of the newest event applied; nil: none. A fact before it is late.
        var newestEventTime: Timestamp?

        init(schema: Schema) {
            attributes = Array(repeating: nil, count: schema.attributes.count)
            moments = Array(repeating: nil, count: schema.plan.moments)
            counts = Array(repeating: 0, count: schema.plan.counts)
            sums = Array(repeating: FixedDecimal.zero, count: schema.plan.sums)
            lists = Array(repeating: [], count: schema.plan.lists.count)
            distincts = Array(repeating: [], count: schema.plan.distincts)
            opens = Array(repeating: [], count: schema.plan.opens)
        }
    }

    private var box: Box

    /// What is known; a change of it concerns this cache alone.
    var parts: Parts {
        _read { yield box.parts }
        _modify {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.parts) }
            yield &box.parts
        }
    }

    var attributes: [AttributeState?] {
        _read { yield box.parts.attributes }
        _modify { yield &parts.attributes }
    }
    var moments: [Moment?] {
        _read { yield box.parts.moments }
        _modify { yield &parts.moments }
    }
    var counts: [Int64] {
        _read { yield box.parts.counts }
        _modify { yield &parts.counts }
    }
    var sums: [FixedDecimal] {
        _read { yield box.parts.sums }
        _modify { yield &parts.sums }
    }
    var lists: [[Item]] {
        _read { yield box.parts.lists }
    }
    var distincts: [[String]] {
        _read { yield box.parts.distincts }
        _modify { yield &parts.distincts }
    }
    var opens: [[OpenID]] {
        _read { yield box.parts.opens }
        _modify { yield &parts.opens }
    }
    var overflows: Set<Overflow> {
        _read { yield box.parts.overflows }
    }
    /// The time of the newest event applied; nil: none. A fact before it is late.
    public internal(set) var newestEventTime: Timestamp? {
        get { box.parts.newestEventTime }
        set { parts.newestEventTime = newValue }
    }

    /// Nothing known.
    public init(schema: Schema) {
        self.init(Parts(schema: schema))
    }

    init(_ parts: Parts) {
        box = Box(parts)
    }

    public static func == (left: FactCache, right: FactCache) -> Bool {
        left.box === right.box || left.box.parts == right.box.parts
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(box.parts)
    }

    /// The cache of these facts, in the order of their time, then of their place in the array; a base among them, which
    /// stands for facts that are gone, goes before all.
    public static func rebuilt(from facts: [Fact], schema: Schema) -> FactCache {
        var cache = FactCache(schema: schema)
        if let base = facts.lazy.compactMap(FactBase.init).first { cache.adopt(base, schema: schema) }
        let ordered = facts.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        for (_, fact) in ordered {
            switch fact {
            case .event(let event) where event.type.isEmpty: continue
            case .event(let event): cache.apply(event, schema: schema)
            case .attributes(let fact): _ = cache.apply(fact, schema: schema)
            }
        }
        return cache
    }

    /// The current value of an attribute, its default, or missing.
    public func attribute(_ index: Int, schema: Schema) -> LogicValue {
        if let state = attributes[index], !state.value.isMissing { return state.value }
        return schema.attributes[index].defaultValue ?? .missing
    }

    /// Forgets windowed events that no window will count again at or after `now`.
    public mutating func prune(now: Timestamp, schema: Schema) {
        // Where nothing is to be forgotten nothing is copied.
        for index in schema.plan.lists.indices
        where parts.hasOldItems(list: index, longest: schema.plan.lists[index].longest, now: now) {
            parts.prune(list: index, longest: schema.plan.lists[index].longest, now: now)
        }
    }
}

extension FactCache.Parts {
    func hasOldItems(list index: Int, longest: Int64, now: Timestamp) -> Bool {
        // Items are by time: the first that is young enough ends the search.
        lists[index].first.map { $0.time <= now.advanced(byMilliseconds: -longest) } ?? false
    }

    mutating func prune(list index: Int, longest: Int64, now: Timestamp) {
        guard hasOldItems(list: index, longest: longest, now: now) else { return }
        let horizon = now.advanced(byMilliseconds: -longest)
        let keep = lists[index].firstIndex { $0.time > horizon } ?? lists[index].endIndex
        lists[index].removeFirst(keep)
    }
}

/// An attribute that a fact has given another current value.
public struct AttributeChange: Sendable, Hashable {
    /// The attribute's index in the schema.
    public var index: Int
    /// The value before; missing: none was known.
    public var from: LogicValue
    /// The value now; missing: it was taken away.
    public var to: LogicValue

    /// A change of the attribute at `index`.
    public init(index: Int, from: LogicValue, to: LogicValue) {
        self.index = index
        self.from = from
        self.to = to
    }
}
