import CareValues

/// A column of a delimited file or a member of a JSON record that is wanted, or a constant.
struct WantedField {
    /// Where it is found.
    enum Place {
        /// The field of that 0-based position.
        case index(Int)
        /// Nowhere: always this.
        case constant(JSONValue)
    }
    /// How messages call it.
    var label: String
    var place: Place
    /// What it becomes; nil: what is declared, else text.
    var type: FieldType?
    var values: [String: JSONValue]?
}

/// Which column is what: a mapping laid over the columns a file really has.
struct ColumnPlan {
    var customer: WantedField
    var type: WantedField?
    var time: WantedField?
    var id: WantedField?
    /// Whether a record without an id is refused.
    var requiresID: Bool
    var source: WantedField?
    /// Attributes or properties, in the file's order; `type` is nil where the event's type decides.
    var members: [(name: String, field: WantedField)]
    /// Columns that nothing asks for.
    var ignored: [String]

    /// Lays `mapping` over `columns`; `--id` columns are in the mapping already.
    init(
        mapping: IntakeMapping, columns: [String], kind: IntakeKind, declared: DeclaredTypes
    ) throws(IntakeProblem) {
        var finder = ColumnFinder(columns: columns)
        requiresID = mapping.id != nil
        // A column that the mapping gives a role has no other one by convention.
        for source in [mapping.customer, mapping.type, mapping.time, mapping.id, mapping.source] {
            _ = try source.map { source throws(IntakeProblem) in try finder.find(source, else: []) }
        }
        let customerNames = kind == .customers ? ["customer", "id"] : ["customer"]
        guard let customer = try finder.find(mapping.customer, else: customerNames) else {
            throw IntakeProblem.noColumn(
                wanted: kind == .customers ? "'customer' or 'id'" : "'customer'", role: "customer", columns: columns)
        }
        self.customer = customer
        time = try finder.find(mapping.time, else: ["time"])
        source = try finder.find(mapping.source, else: kind == .events ? ["source"] : [])
        if kind == .events {
            type = try finder.find(mapping.type, else: ["type"])
            id = try finder.find(mapping.id, else: ["id"])
            if type == nil { throw IntakeProblem.noColumn(wanted: "'type'", role: "type", columns: columns) }
            if time == nil { throw IntakeProblem.noColumn(wanted: "'time'", role: "time", columns: columns) }
        }
        members = []
        ignored = []
        if let wanted = mapping.members {
            for member in wanted {
                guard var field = try finder.find(member.source, else: []) else { continue }
                if kind == .customers, field.type == nil { field.type = declared.attribute(member.name) ?? .text }
                members.append((member.name, field))
            }
            // What the mapping does not name was left out on purpose.
            return
        }
        for (index, name) in finder.unused {
            var field = WantedField(label: name, place: .index(index), type: nil, values: nil)
            if kind == .customers {
                guard let type = declared.attribute(name) else {
                    ignored.append(name)
                    continue
                }
                field.type = type
            }
            members.append((name, field))
        }
    }
}

/// Finds columns by name or position and remembers which were asked for.
struct ColumnFinder {
    let columns: [String]
    private var used: Set<Int> = []

    init(columns: [String]) {
        self.columns = columns
    }

    /// The columns nobody asked for, in order.
    var unused: [(index: Int, name: String)] {
        columns.enumerated().filter { !used.contains($0.offset) }.map { ($0.offset, $0.element) }
    }

    /// The field of `source`; without one, of the first of `names` that exists; nil: none does.
    mutating func find(_ source: FieldSource?, else names: [String]) throws(IntakeProblem) -> WantedField? {
        guard let source else {
            for name in names {
                guard let index = columns.firstIndex(of: name), !used.contains(index) else { continue }
                used.insert(index)
                return WantedField(label: name, place: .index(index), type: nil, values: nil)
            }
            return nil
        }
        switch source.column {
        case .constant(let value):
            return WantedField(label: "", place: .constant(value), type: source.type, values: nil)
        case .position(let position):
            guard columns.indices.contains(position - 1) else {
                throw IntakeProblem(
                    code: "import.no-column",
                    message: "the mapping asks for column \(position), the file has \(columns.count)")
            }
            used.insert(position - 1)
            return WantedField(
                label: columns[position - 1], place: .index(position - 1), type: source.type, values: source.values)
        case .name(let name):
            guard let index = columns.firstIndex(of: name) else {
                throw IntakeProblem.noColumn(wanted: "'\(name)'", role: nil, columns: columns)
            }
            used.insert(index)
            return WantedField(label: name, place: .index(index), type: source.type, values: source.values)
        }
    }
}

/// Why a file as a whole cannot be read.
public struct IntakeProblem: Error, Sendable, Hashable {
    /// The stable name of the reason.
    public var code: String
    /// What is wrong, a sentence without a full stop.
    public var message: String
    /// What to do, or nil.
    public var help: String?

    /// A problem with all its parts.
    public init(code: String, message: String, help: String? = nil) {
        self.code = code
        self.message = message
        self.help = help
    }

    static func noColumn(wanted: String, role: String?, columns: [String]) -> IntakeProblem {
        // What is called a header may be anything: a line of a megabyte is not shown whole.
        let names = columns.prefix(12).map { $0.count > 40 ? "'\($0.prefix(40))…'" : "'\($0)'" }
        let listed = names.joined(separator: ", ") + (columns.count > 12 ? " …" : "")
        let bare = wanted.split(separator: "'").first.map(String.init) ?? wanted
        let similar = nearest(bare, in: columns).map { "did you mean '\($0)'?" }
        let naming = role.map { "name it in a mapping: --map FILE with \"\($0)\"" }
        return IntakeProblem(
            code: "import.no-column", message: "the file has no column \(wanted); it has \(listed)",
            help: similar ?? naming)
    }
}
