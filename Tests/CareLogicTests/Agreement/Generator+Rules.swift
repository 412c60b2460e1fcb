import CareLogic
import CareValues

/// Rules whose types mostly fit, so that few are refused; each kind of value has its operators.
extension Generator {
    mutating func rule() -> RuleWorld.Rule {
        let types: [[String]] = [[], ["buy"], ["buy"], ["buy", "refund"], ["visit"]]
        let allowsEvent = chance(60)
        var drawing = Drawing(allowsEvent: allowsEvent)
        let depth = pick([1, 2, 2, 3, 3, 4, 5])
        let json: JSONValue
        switch Int.random(in: 0..<10, using: &random) {
        case 0: json = numeric(depth, &drawing)
        case 1: json = text(depth, &drawing)
        case 2: json = list(depth, &drawing)
        case 3: json = moment(depth, &drawing)
        default: json = truth(depth, &drawing)
        }
        return RuleWorld.Rule(json: json, allowsEvent: allowsEvent, eventTypes: allowsEvent ? pick(types) : [])
    }

    struct Drawing {
        var allowsEvent: Bool
        var isInElement = false
    }

    func call(_ name: String, _ operands: [JSONValue]) -> JSONValue { [name: .array(operands)] }
    func read(_ name: String) -> JSONValue { ["var": .string(name)] }

    mutating func read(_ names: [String], _ drawing: Drawing, orSelf other: JSONValue) -> JSONValue {
        if drawing.isInElement {
            return chance(20) ? other : read(pick(["", "x", "y", "0", "1", "x.y", "current", "accumulator"]))
        }
        let name = pick(names)
        if name.hasPrefix("event."), !drawing.allowsEvent { return read("entry." + name.dropFirst(6)) }
        return chance(15) ? ["var": [.string(name), other]] : read(name)
    }

    // MARK: Truth

    mutating func truth(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        guard depth > 0 else {
            return chance(12)
                ? .bool(chance(50)) : read(["flag", "opted", "lively"], drawing, orSelf: .bool(chance(50)))
        }
        switch Int.random(in: 0..<24, using: &random) {
        case 0, 1: return call("and", some(1...4) { $0.truth(depth - 1, &$1) }(&self, &drawing))
        case 2, 3: return call("or", some(1...4) { $0.truth(depth - 1, &$1) }(&self, &drawing))
        case 4: return call(pick(["!", "!!"]), [any(depth - 1, &drawing)])
        case 5: return choice(depth, &drawing) { $0.truth(depth - 1, &$1) }
        case 6, 7, 8, 9, 10:
            let name = pick(["<", "<=", ">", ">=", "==", "!=", "===", "!=="])
            return compared(name, depth, &drawing)
        case 11, 12: return contained(depth, &drawing)
        case 13: return call(pick(["startsWith", "endsWith"]), [text(depth - 1, &drawing), text(depth - 1, &drawing)])
        case 14, 15:
            let body = element(&drawing) { $0.truth(depth - 1, &$1) }
            return call(pick(["all", "some", "none"]), [list(depth - 1, &drawing), body])
        case 16: return ["segment": .string(pick(["vip", "quiet", "both", "both", "staged", "fails"]))]
        case 17, 18:
            return call(
                "within", [moment(depth - 1, &drawing), .string(pick(["P1D", "P7D", "P30D", "PT36H", "P400D"]))])
        case 19, 20:
            let days = call(pick(["days_since", "days_until"]), [moment(depth - 1, &drawing)])
            let limit = chance(80) ? JSONValue.number(number()) : numeric(depth - 1, &drawing)
            let pair = chance(80) ? [days, limit] : [limit, days]
            return call(pick(["<", "<=", ">", ">=", "==", "!="]), chance(15) ? pair + [numeric(0, &drawing)] : pair)
        case 21:
            let days = call(pick(["age", "days_until_birthday"]), [birthday(&drawing)])
            return call(pick(["<", "<=", ">", ">=", "==", "!="]), [days, .number(number())])
        case 22:
            let clock: JSONValue = chance(50) ? ["now": []] : ["today": []]
            return call(pick(["<", "<=", ">", ">=", "==", "!="]), [clock, moment(depth - 1, &drawing)])
        default: return any(depth - 1, &drawing)
        }
    }

    mutating func compared(_ name: String, _ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        let count = ["==", "!=", "===", "!=="].contains(name) || chance(85) ? 2 : 3
        let kind = Int.random(in: 0..<8, using: &random)
        var operands: [JSONValue] = []
        for _ in 0..<count {
            switch kind {
            case 0, 1: operands.append(numeric(depth - 1, &drawing))
            case 2: operands.append(text(depth - 1, &drawing))
            case 3: operands.append(moment(depth - 1, &drawing))
            case 4, 5: operands.append(word(depth - 1, &drawing))
            case 6: operands.append(any(depth - 1, &drawing))
            default: operands.append(chance(20) ? .null : list(depth - 1, &drawing))
            }
        }
        // What is often equal, or nearly so.
        if chance(15) { operands[1] = twin(operands[0]) }
        if chance(5) { operands = operands.map { .array([$0]) } }
        return call(name, operands)
    }

    /// The same rule, its texts perhaps composed otherwise.
    mutating func twin(_ json: JSONValue) -> JSONValue {
        switch json {
        case .string("\u{E9}"): .string(chance(50) ? "e\u{301}" : "\u{E9}")
        case .array(let elements): .array(elements.map { twin($0) })
        case .object(let object): .object(JSONObject(uniqueMembers: object.members.map { ($0.name, twin($0.value)) }))
        default: json
        }
    }

    mutating func contained(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return call("in", [text(depth - 1, &drawing), text(depth - 1, &drawing)])
        case 1:
            let list = JSONValue.array(
                some(0...3) { drawer, _ in .string(drawer.pick(["gold", "silver", "bronze"])) }(&self, &drawing))
            return call("in", [read(["tier", "rank"], drawing, orSelf: "gold"), list])
        case 2:
            return call(
                "in", [moment(0, &drawing), .array([.string(pick(Self.dates)), .string(pick(Self.dates)), .null])])
        case 3: return call("in", [any(depth - 1, &drawing), list(depth - 1, &drawing)])
        default:
            return call("in", [numeric(depth - 1, &drawing), .array([.number(number()), .number(number()), .null])])
        }
    }

    // MARK: Values

    mutating func numeric(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        guard depth > 0 else {
            if chance(35) { return .number(number()) }
            if chance(8) { return pick(RuleWorld.inline) }
            return read(
                [
                    "n", "m", "buys", "recent", "big", "spent", "spentLately", "open", "event.amount", "entry.amount",
                    "avgSpent", "notes", "thisMonth", "ratio", "luck", "breaks", "rfm.r", "rfm.m", "ever.f",
                ], drawing,
                orSelf: .number(number()))
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1:
            return call(pick(["+", "*", "min", "max"]), some(1...3) { $0.numeric(depth - 1, &$1) }(&self, &drawing))
        case 2: return call("-", some(1...2) { $0.numeric(depth - 1, &$1) }(&self, &drawing))
        case 3: return call(pick(["/", "%"]), [numeric(depth - 1, &drawing), numeric(depth - 1, &drawing)])
        case 4: return call(pick(["days_since", "days_until"]), [moment(depth - 1, &drawing)])
        case 5: return call(pick(["age", "days_until_birthday"]), [birthday(&drawing)])
        case 6:
            return call("bucket", [.string(pick(Self.texts))] + some(0...2) { $0.any(depth - 1, &$1) }(&self, &drawing))
        case 7: return choice(depth, &drawing) { $0.numeric(depth - 1, &$1) }
        case 8:
            let sum = element(&drawing) { drawer, inner in
                drawer.chance(70)
                    ? ["+": [["var": "accumulator"], ["var": "current"]]] : drawer.numeric(depth - 1, &inner)
            }
            return call("reduce", [list(depth - 1, &drawing), sum, .number(number())])
        default: return numeric(0, &drawing)
        }
    }

    mutating func text(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        guard depth > 0 else {
            if chance(35) { return .string(pick(Self.texts)) }
            return read(
                [
                    "s", "t", "customer.id", "firstLately", "firstNote", "event.note", "event.type", "event.id",
                    "entry.x", "city", "stage", "rfm.group", "rfm.code", "ever.group",
                ],
                drawing, orSelf: "abc")
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: return call("cat", some(0...3) { $0.any(depth - 1, &$1) }(&self, &drawing))
        case 2, 3:
            let places: [Double] = [0, 1, 2, -1, -2, 5, -9, 0.5, -0.5, 1e300, -1e300, 1.9, -1.9]
            let rest = chance(50) ? [JSONValue.number(pick(places))] : []
            return call("substr", [text(depth - 1, &drawing), .number(pick(places))] + rest)
        case 4: return choice(depth, &drawing) { $0.text(depth - 1, &$1) }
        default: return text(0, &drawing)
        }
    }

    /// An ordinal, or a word to compare one with.
    mutating func word(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        let names = ["bronze", "silver", "gold", "platinum"]
        if depth > 0, chance(30) { return choice(depth, &drawing) { $0.word(depth - 1, &$1) } }
        if depth > 0, chance(15) { return call(pick(["and", "or"]), [word(depth - 1, &drawing), word(0, &drawing)]) }
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: return .string(pick(names))
        case 2: return read(["lastKind", "mostKind", "event.kind"], drawing, orSelf: "mid")
        case 3: return read(["mail", "city"], drawing, orSelf: "granted")
        case 4: return .null
        case 5: return read(["entry.x", "anything"], drawing, orSelf: "gold")
        default: return read(["tier", "rank"], drawing, orSelf: .string(pick(names)))
        }
    }

    mutating func moment(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        if depth > 0, chance(25) { return choice(depth, &drawing) { $0.moment(depth - 1, &$1) } }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return ["now": []]
        case 1: return ["today": []]
        case 2: return .string(pick(Self.dates))
        case 3: return .string(instant().iso8601)
        case 4: return read(["entry.x", "anything"], drawing, orSelf: "2026-01-01")
        case 5: return read(["event.when", "event.time", "lastWhen", "leastWhen"], drawing, orSelf: "2025-02-28")
        default:
            return read(
                ["on", "due", "at", "lastBuy", "firstBuy", "lastLately"], drawing, orSelf: .string(pick(Self.dates)))
        }
    }

    mutating func birthday(_ drawing: inout Drawing) -> JSONValue {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .string(pick(Self.dates + ["--02-29", "--12-31", "chinese:1958-12-30", "chinese:--06L-30"]))
        case 1: return read(["on", "due", "entry.x"], drawing, orSelf: "1990-05-17")
        default: return read(["born"], drawing, orSelf: "--02-29")
        }
    }

    mutating func list(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        guard depth > 0 else { return read(["tags", "entry.y", "entry.x"], drawing, orSelf: .array([1, 2, .null])) }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .array(some(0...4) { $0.any(depth - 1, &$1) }(&self, &drawing))
        case 1: return call("merge", some(0...3) { $0.any(depth - 1, &$1) }(&self, &drawing))
        case 2:
            let body = element(&drawing) { $0.any(depth - 1, &$1) }
            return call("map", [list(depth - 1, &drawing), body])
        case 3:
            let body = element(&drawing) { $0.truth(depth - 1, &$1) }
            return call("filter", [list(depth - 1, &drawing), body])
        case 4: return ["missing": .array(names(drawing))]
        case 5: return call("missing_some", [numeric(0, &drawing), .array(names(drawing))])
        default: return list(0, &drawing)
        }
    }

    private mutating func names(_ drawing: Drawing) -> [JSONValue] {
        if drawing.isInElement { return ["x", "y"] }
        return (0..<Int.random(in: 0...3, using: &random)).map { _ in
            .string(
                pick([
                    "n", "s", "tier", "buys", "lastBuy", "stage", "ratio", "rfm.group", "entry.x", "flag",
                    "customer.id",
                ]))
        }
    }

    mutating func any(_ depth: Int, _ drawing: inout Drawing) -> JSONValue {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return .null
        case 1: return numeric(depth, &drawing)
        case 2: return text(depth, &drawing)
        case 3: return truth(depth, &drawing)
        case 4: return list(depth, &drawing)
        case 5: return moment(depth, &drawing)
        case 6: return word(depth, &drawing)
        default:
            return read(
                ["entry.x", "entry.y", "anything", "event.x", "event.x.y", "city", "mail"], drawing, orSelf: "x")
        }
    }

    // MARK: Helpers

    private mutating func choice(
        _ depth: Int, _ drawing: inout Drawing, _ branch: (inout Self, inout Drawing) -> JSONValue
    ) -> JSONValue {
        var operands: [JSONValue] = []
        for _ in 0..<pick([1, 1, 2]) {
            operands.append(truth(depth - 1, &drawing))
            operands.append(branch(&self, &drawing))
        }
        if chance(80) { operands.append(branch(&self, &drawing)) }
        return call(pick(["if", "if", "?:"]), operands)
    }

    private func some(
        _ range: ClosedRange<Int>, _ draw: @escaping (inout Self, inout Drawing) -> JSONValue
    ) -> (inout Self, inout Drawing) -> [JSONValue] {
        { generator, drawing in
            var values: [JSONValue] = []
            for _ in 0..<Int.random(in: range, using: &generator.random) { values.append(draw(&generator, &drawing)) }
            return values
        }
    }

    private mutating func element(
        _ drawing: inout Drawing, _ body: (inout Self, inout Drawing) -> JSONValue
    ) -> JSONValue {
        var inner = drawing
        inner.isInElement = true
        return body(&self, &inner)
    }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByIntegerLiteral {
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
}
