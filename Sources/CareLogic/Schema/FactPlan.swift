import CareValues

/// Where each trait's state lies in a ``FactCache``, and which events change it.
///
/// Traits over the same events and the same `where` share one source (its `where` is asked once per event), and those
/// of them that have windows share one list.
struct FactPlan: Sendable {
    /// The place of one trait's state.
    enum Slot: Sendable {
        case moment(Int)
        case count(Int)
        case sum(Int)
        /// A list, and the column that holds the property; nil: the events themselves.
        case list(Int, column: Int?)
        case open(Int)
    }

    /// What an event of a source does.
    enum Consumer: Sendable {
        case last(Int, Property?)
        case first(Int, Property?)
        case count(Int, Property?)
        case sum(Int, Property)
        case list(Int)
        case opens(Int, Property)
        case closes(Int, Property)
    }

    /// A property that a trait reads.
    struct Property: Sendable, Hashable {
        var path: [String]
        /// The declared type; nil: any.
        var type: AttributeType?
        /// Whether only numbers are looked at, as exact decimals.
        var isDecimal: Bool
    }

    /// Events of some types that match one filter.
    struct Source: Sendable {
        var filter: Expression?
        var consumers: [Consumer] = []
    }

    /// One shared list of events.
    struct List: Sendable {
        /// Milliseconds: the longest window over it.
        var window: Int64
        var columns: [Property] = []
    }

    var slots: [Slot] = []
    var sources: [Source] = []
    var sourcesByType: [String: [Int]] = [:]
    var lists: [List] = []
    var moments = 0
    var counts = 0
    var sums = 0
    var opens = 0

    private struct SourceKey: Hashable {
        var types: [String]
        var filter: String
    }

    private var sourceIndexes: [SourceKey: Int] = [:]
    private var listBySource: [Int: Int] = [:]

    init(traits: [TraitDeclaration]) {
        for trait in traits { add(trait.definition) }
    }

    private mutating func add(_ definition: TraitDefinition) {
        switch definition {
        case .last(let selection), .first(let selection), .count(let selection), .sum(let selection):
            let source = source(types: selection.types, filter: selection.filter)
            var isSum = false
            if case .sum = definition { isSum = true }
            let property = selection.property.map {
                Property(path: pathParts($0), type: selection.propertyType, isDecimal: isSum)
            }
            if let window = selection.window {
                slots.append(listSlot(source: source, window: window, property: property))
                return
            }
            switch definition {
            case .count:
                slots.append(.count(counts))
                sources[source].consumers.append(.count(counts, property))
                counts += 1
            case .sum:
                slots.append(.sum(sums))
                if let property { sources[source].consumers.append(.sum(sums, property)) }
                sums += 1
            case .first:
                slots.append(.moment(moments))
                sources[source].consumers.append(.first(moments, property))
                moments += 1
            case .last, .open:
                slots.append(.moment(moments))
                sources[source].consumers.append(.last(moments, property))
                moments += 1
            }
        case .open(let selection):
            let property = Property(path: pathParts(selection.idProperty), type: nil, isDecimal: false)
            slots.append(.open(opens))
            sources[source(types: selection.opened, filter: nil)].consumers.append(.opens(opens, property))
            sources[source(types: selection.closed, filter: nil)].consumers.append(.closes(opens, property))
            opens += 1
        }
    }

    private mutating func source(types: [String], filter: Expression?) -> Int {
        let key = SourceKey(types: types, filter: filter.map { CanonicalJSON.text($0.source) } ?? "")
        if let known = sourceIndexes[key] { return known }
        let index = sources.count
        sourceIndexes[key] = index
        sources.append(Source(filter: filter))
        for type in types { sourcesByType[type, default: []].append(index) }
        return index
    }

    private mutating func listSlot(source: Int, window: Int64, property: Property?) -> Slot {
        let list: Int
        if let known = listBySource[source] {
            list = known
            lists[list].window = max(lists[list].window, window)
        } else {
            list = lists.count
            listBySource[source] = list
            lists.append(List(window: window))
            sources[source].consumers.append(.list(list))
        }
        guard let property else { return .list(list, column: nil) }
        if let column = lists[list].columns.firstIndex(of: property) { return .list(list, column: column) }
        lists[list].columns.append(property)
        return .list(list, column: lists[list].columns.count - 1)
    }
}

/// The names between the dots of a path.
func pathParts(_ path: String) -> [String] {
    path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
}

/// The value at `path` inside an object; nil: there is none. A list is entered by position.
func lookUp(_ path: some Sequence<String>, in object: JSONObject) -> JSONValue? {
    var current = JSONValue.object(object)
    for name in path {
        switch current {
        case .object(let object):
            guard let next = object[name] else { return nil }
            current = next
        case .array(let values):
            guard let index = Int(name), values.indices.contains(index) else { return nil }
            current = values[index]
        default:
            return nil
        }
    }
    return current
}
