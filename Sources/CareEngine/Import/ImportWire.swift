import CareDecisions
import CareIntake
import CareStore
import CareValues

/// How an import and the service that holds the store speak: one JSON text each way, of the same version of Care.
enum ImportWire {
    /// Beside a service a transaction is short, so that what else is written waits little: rows of history it holds.
    static let historyBatch = 5_000
    /// The same of rows that fire.
    static let firingBatch = 1_000
    /// A message ends once it has so many bytes of rows.
    static let messageBytes = 8 << 20
    /// Rows hold what files hold: as deep as the deepest of them, inside a message.
    static let limits = JSONLimits(maximumDepth: 80, maximumBytes: 1 << 26, allowsDuplicateKeys: true)

    static func value(_ message: [UInt8]) -> JSONObject? {
        guard let document = JSONDocument.read(file: "", bytes: message, limits: limits).document,
            case .object(let object) = document.root.value
        else { return nil }
        return object
    }
}

extension ImportOrders {
    /// As a message.
    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("kind", .string(kind.rawValue)), ("allowsNew", .bool(allowsNew)),
        ]
        switch mode {
        case .history(let until): members.append(("until", .number(Double(until.milliseconds))))
        case .fire: members.append(("fires", "now"))
        case .fireAtRows: members.append(("fires", "rows"))
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    init?(_ object: JSONObject) {
        guard case .string(let name)? = object["kind"], let kind = IntakeKind(rawValue: name) else { return nil }
        self.kind = kind
        allowsNew = object["allowsNew"] == .bool(true)
        switch (object["until"], object["fires"]) {
        case (let until?, nil):
            guard let milliseconds = until.whole else { return nil }
            mode = .history(until: Timestamp(milliseconds: milliseconds))
        case (nil, "now"?): mode = .fire
        case (nil, "rows"?): mode = .fireAtRows
        default: return nil
        }
    }
}

extension ImportRow {
    /// As a message: whom, where it stands, when, and what. What is odd about it stays with who has read it.
    var json: JSONValue {
        var parts: [JSONValue] = [
            .string(customer), .number(Double(extent.line)), .number(Double(extent.offset)),
            .number(Double(extent.length)), time.map { .number(Double($0.milliseconds)) } ?? .null,
        ]
        switch fact {
        case .attributes(let attributes): parts.append(.object(attributes.values))
        case .event(let event):
            parts += [
                .object(event.properties), .string(event.type), .string(event.source),
                identity == nil ? .string(event.id) : .null,
            ]
        }
        return .array(parts)
    }

    init?(_ json: JSONValue) {
        guard case .array(let parts) = json, [6, 9].contains(parts.count), case .string(let customer) = parts[0],
            let extent = RowExtent(parts[1], parts[2], parts[3]), case .object(let values) = parts[5],
            parts[4] == .null || parts[4].whole != nil
        else { return nil }
        let time = parts[4].whole.map { Timestamp(milliseconds: $0) }
        self.customer = customer
        self.extent = extent
        guard parts.count == 9 else {
            fact = .attributes(
                AttributeFact(
                    values: values, time: time ?? .distantPast, receivedAt: time ?? .distantPast,
                    hasOwnTime: time != nil))
            return
        }
        guard case .string(let type) = parts[6], case .string(let source) = parts[7], let time else { return nil }
        var id = ""
        if case .string(let own) = parts[8] {
            id = own
        } else {
            identity = EventIdentity(customer: customer, type: type, time: time, properties: values)
        }
        fact = .event(
            Event(type: type, source: source, id: id, time: time, receivedAt: time, properties: values))
    }
}

/// What one message of rows came to.
struct ImportAnswer {
    var new = 0
    var alreadyStored = 0
    var erased = 0
    var notTaken = 0
    var refusals: [Refusal] = []
    var decisions: [Outcome: Int] = [:]

    init(_ summary: ImportSummary, _ refusals: [Refusal], _ decisions: [Outcome: Int]) {
        (new, alreadyStored) = (summary.new, summary.alreadyStored)
        (erased, notTaken) = (summary.erased, summary.notTaken)
        self.refusals = refusals
        self.decisions = decisions
    }

    var json: JSONValue {
        let counts = [("new", new), ("alreadyStored", alreadyStored), ("erased", erased), ("notTaken", notTaken)]
        let refused = refusals.map { refusal in
            JSONValue.array([
                .number(Double(refusal.extent.line)), .number(Double(refusal.extent.offset)),
                .number(Double(refusal.extent.length)), .string(refusal.field), .string(refusal.code.rawValue),
                .string(refusal.reason),
            ])
        }
        let decided = decisions.map { (name: $0.key.rawValue, value: JSONValue.number(Double($0.value))) }
        return .object(
            JSONObject(
                uniqueMembers: counts.map { (name: $0.0, value: JSONValue.number(Double($0.1))) } + [
                    ("refusals", .array(refused)), ("decisions", .object(JSONObject(uniqueMembers: decided))),
                ]))
    }

    init?(_ object: JSONObject) {
        func count(_ name: String) -> Int? { object[name]?.whole.map { Int($0) } }
        guard let new = count("new"), let alreadyStored = count("alreadyStored"), let erased = count("erased"),
            let notTaken = count("notTaken"), case .array(let refused)? = object["refusals"],
            case .object(let decided)? = object["decisions"]
        else { return nil }
        (self.new, self.alreadyStored, self.erased, self.notTaken) = (new, alreadyStored, erased, notTaken)
        for case .array(let parts) in refused {
            guard parts.count == 6, let extent = RowExtent(parts[0], parts[1], parts[2]),
                case .string(let field) = parts[3], case .string(let name) = parts[4],
                let code = RefusalCode(rawValue: name), case .string(let reason) = parts[5]
            else { return nil }
            refusals.append(Refusal(extent: extent, field: field, code: code, reason: reason))
        }
        for (name, value) in decided.members {
            guard let outcome = Outcome(rawValue: name), let number = value.whole else { return nil }
            decisions[outcome] = Int(number)
        }
    }
}

extension RowExtent {
    fileprivate init?(_ line: JSONValue, _ offset: JSONValue, _ length: JSONValue) {
        guard let line = line.whole, let offset = offset.whole, let length = length.whole else { return nil }
        self.init(line: Int(line), offset: Int(offset), length: Int(length))
    }
}

extension JSONValue {
    /// A whole number; nil: it is none.
    fileprivate var whole: Int64? {
        if case .number(let number) = self { Int64(exactly: number) } else { nil }
    }
}
