import CareValues

/// Where each trait's state lies in a ``FactCache``, and which events change it.
///
/// Traits over the same events and the same `where` share one source (its `where` is asked once per event), and those
/// of them that have windows share one list. Traits that ask the same share one place.
struct FactPlan: Sendable {
    /// The place of one trait's state.
    enum Slot: Sendable {
        /// The newest, oldest, least or greatest.
        case moment(Int)
        case count(Int)
        case sum(Int)
        /// A sum, and how many numbers it is of.
        case average(sum: Int, count: Int)
        case distinct(Int)
        /// A list, and the column that holds the property; nil: the events themselves.
        case list(Int, column: Int?)
        case open(Int)
        /// What an RFM trait measures: of all events their newest, number and sum.
        case measures(newest: Int, count: Int, sum: Int)
        /// The same of the events of a list inside the trait's window.
        case listMeasures(Int, column: Int)
    }

    /// What an event of a source does.
    enum Consumer: Sendable {
        case last(Int, Property?)
        case first(Int, Property?)
        case least(Int, Property)
        case greatest(Int, Property)
        case count(Int, Property?)
        case sum(Int, Property)
        case average(sum: Int, count: Int, Property)
        case distinct(Int, Property)
        case list(Int)
        case opens(Int, Property)
        case closes(Int, Property)
    }

    /// A property that a trait reads.
    struct Property: Sendable, Hashable {
        var path: [String]
        /// Values of another type are not looked at; nil: any are.
        var type: AttributeType?
        /// Whether only numbers are looked at that exact sums can hold.
        var isAddable = false
    }

    /// Events of some types that match one filter.
    struct Source: Sendable {
        var filter: Expression?
        var consumers: [Consumer] = []
    }

    /// One shared list of events.
    struct List: Sendable {
        /// Milliseconds: how long after its time an event may count in any window over the list.
        var longest: Int64
        var columns: [Property] = []
    }

    /// One slot for each trait, by index; nil: it is computed from other traits.
    var slots: [Slot?] = []
    var sources: [Source] = []
    var sourcesByType: [String: [Int]] = [:]
    var lists: [List] = []
    var moments = 0
    var counts = 0
    var sums = 0
    var distincts = 0
    var opens = 0

    private struct SourceKey: Hashable {
        var types: [String]
        var filter: String
    }

    /// What makes two traits without a window the same.
    private struct PlaceKey: Hashable {
        var aggregate: Aggregate
        var source: Int
        var property: Property?
    }

    private var sourceIndexes: [SourceKey: Int] = [:]
    private var listBySource: [Int: Int] = [:]
    private var slotByPlace: [PlaceKey: Slot] = [:]

    init(traits: [TraitDeclaration]) {
        for trait in traits { slots.append(slot(for: trait.definition)) }
    }

    private mutating func slot(for definition: TraitDefinition) -> Slot? {
        switch definition {
        case .aggregate(let aggregate, let selection):
            let source = source(types: selection.types, filter: selection.filter)
            let isNumber = aggregate.adds || aggregate.orders
            let property = selection.property.map {
                Property(path: pathParts($0), type: selection.propertyType ?? (isNumber ? .number : nil))
            }
            if let window = selection.window {
                return listSlot(source: source, longest: window.longestMilliseconds, property: property)
            }
            return shared(aggregate, source: source, property: property)
        case .open(let selection):
            let property = Property(path: pathParts(selection.idProperty), type: nil)
            sources[source(types: selection.opened, filter: nil)].consumers.append(.opens(opens, property))
            sources[source(types: selection.closed, filter: nil)].consumers.append(.closes(opens, property))
            opens += 1
            return .open(opens - 1)
        case .rfm(let definition, _):
            return measures(definition)
        case .value, .lifecycle:
            return nil
        }
    }

    /// What the parts of one RFM trait share, and all RFM traits that measure the same.
    private mutating func measures(_ definition: RFMDefinition) -> Slot {
        let source = source(types: definition.types, filter: nil)
        let property = Property(path: pathParts(definition.property), type: .number)
        if let window = definition.windowMilliseconds {
            guard case .list(let list, let column?) = listSlot(source: source, longest: window, property: property)
            else { preconditionFailure("a list has a column for the property it is asked for") }
            return .listMeasures(list, column: column)
        }
        var addable = property
        addable.isAddable = true
        guard case .moment(let newest) = shared(.last, source: source, property: addable),
            case .average(let sum, let count) = shared(.average, source: source, property: property)
        else { preconditionFailure("each aggregate has its kind of place") }
        return .measures(newest: newest, count: count, sum: sum)
    }

    /// The place of an aggregate over all time; the same for all who ask the same.
    private mutating func shared(_ aggregate: Aggregate, source: Int, property: Property?) -> Slot {
        let key = PlaceKey(aggregate: aggregate, source: source, property: property)
        if let known = slotByPlace[key] { return known }
        let slot = place(aggregate, source: source, property: property)
        slotByPlace[key] = slot
        return slot
    }

    /// A new place for an aggregate over all time, and what fills it.
    private mutating func place(_ aggregate: Aggregate, source: Int, property: Property?) -> Slot {
        func next(_ counter: inout Int) -> Int {
            counter += 1
            return counter - 1
        }
        let slot: Slot
        let consumer: Consumer
        switch (aggregate, property) {
        case (.count, _):
            let place = next(&counts)
            (slot, consumer) = (.count(place), .count(place, property))
        case (.first, _):
            let place = next(&moments)
            (slot, consumer) = (.moment(place), .first(place, property))
        case (.last, _):
            let place = next(&moments)
            (slot, consumer) = (.moment(place), .last(place, property))
        case (.minimum, let property?):
            let place = next(&moments)
            (slot, consumer) = (.moment(place), .least(place, property))
        case (.maximum, let property?):
            let place = next(&moments)
            (slot, consumer) = (.moment(place), .greatest(place, property))
        case (.sum, let property?):
            let place = next(&sums)
            (slot, consumer) = (.sum(place), .sum(place, property))
        case (.average, let property?):
            let (sum, count) = (next(&sums), next(&counts))
            (slot, consumer) = (.average(sum: sum, count: count), .average(sum: sum, count: count, property))
        case (.distinct, let property?):
            let place = next(&distincts)
            (slot, consumer) = (.distinct(place), .distinct(place, property))
        default: preconditionFailure("the reader asks for the property")
        }
        sources[source].consumers.append(consumer)
        return slot
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

    private mutating func listSlot(source: Int, longest: Int64, property: Property?) -> Slot {
        let list: Int
        if let known = listBySource[source] {
            list = known
            lists[list].longest = max(lists[list].longest, longest)
        } else {
            list = lists.count
            listBySource[source] = list
            lists.append(List(longest: longest))
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
