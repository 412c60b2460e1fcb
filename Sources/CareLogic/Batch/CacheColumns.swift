import CareValues

/// How a stored cache fills the columns of a program: for each of its parts, in their order, the columns it is for.
struct CacheColumns: Sendable {
    let schema: Schema
    /// By attribute, then by place of a moment: its columns.
    private(set) var states: [State] = []
    /// The columns of all states.
    private(set) var targets: [Target] = []
    /// Attributes with a default and a column.
    var defaults: [(column: Int, value: LogicValue)] = []
    private var attributes: [[Int]]
    private var moments: [[Int]]
    /// By place of a count, a sum, an open or a distinct: the columns of the traits there.
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
    private(set) var endsWithLists = true

    /// A value with its time, as it is stored: where its columns lie among the targets.
    struct State: Sendable {
        var first: Int
        var end: Int
    }

    /// A column that a state fills.
    struct Target: Sendable {
        var column: Int
        var aspect: BatchColumn.Aspect
    }

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
        for columns in attributes + moments {
            let first = targets.count
            targets += columns.map { Target(column: $0, aspect: program.columns[$0].aspect) }
            states.append(State(first: first, end: targets.count))
        }
        attributes = []
        moments = []
        endsWithLists = distincts.allSatisfy(\.isEmpty) && opens.allSatisfy(\.isEmpty)
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
