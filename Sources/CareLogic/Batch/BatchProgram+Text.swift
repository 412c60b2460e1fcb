import CareValues

extension BatchProgram {
    /// The program as text, one step a line: the columns it reads, the numbers and masks it makes, and for each
    /// condition, by its name, the mask that is its answer. docs/evaluation.md explains it.
    ///
    /// - Parameter names: one for each condition.
    public func text(names: [String]) -> String {
        let writer = ProgramText(self)
        var lines = ["columns"]
        lines += columns.indices.map { "  c\($0)  \(writer.name(ofColumn: $0)) as \(columns[$0].aspect)" }
        let used = schedule.steps.reduce(into: (masks: Set<Int>(), numbers: Set<Int>())) { used, step in
            switch step {
            case .mask(let mask): used.masks.insert(mask)
            case .number(let number): used.numbers.insert(number)
            case .answer: break
            }
        }
        if !used.numbers.isEmpty { lines.append("numbers") }
        lines += used.numbers.sorted().map { "  n\($0)  \(writer.text(numbers[$0]))" }
        lines.append("masks")
        lines += used.masks.sorted().map { "  m\($0)  \(writer.text(masks[$0]))" }
        lines.append("conditions")
        lines += zip(names, roots).map { "  \($0)  m\($1)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a mask asks, by its number in ``text(names:)``; nil: there is no such mask.
    public func stepText(_ mask: Int) -> String? {
        masks.indices.contains(mask) ? ProgramText(self).text(masks[mask]) : nil
    }
}

private struct ProgramText {
    let program: BatchProgram

    init(_ program: BatchProgram) {
        self.program = program
    }

    var schema: Schema { program.schema }

    func name(ofColumn column: Int) -> String { name(program.columns[column].source) }

    func name(_ source: BatchColumn.Source) -> String {
        switch source {
        case .attribute(let index): schema.attributes[index].name
        case .trait(let index): schema.traits[index].name
        }
    }

    // MARK: Masks

    func text(_ mask: MaskNode) -> String {
        switch mask {
        case .constant(let value): return value ? "always" : "never"
        case .set(let column, let set): return text(column, name(ofColumn: column), set)
        case .clock(let column, let test): return text(column, test)
        case .texts(let column, let texts, let holdsMissing, let outcome):
            let list = texts.map { JSONValue.string(String(decoding: $0, as: UTF8.self)).canonicalText }
            return name(ofColumn: column) + (outcome ? " in " : " not in ") + list.joined(separator: ", ")
                + (holdsMissing ? " or missing" : "")
        case .perText(let column, let scalar, let outcome):
            return "each \(name(ofColumn: column)): " + text(scalar, outcome)
        case .compare(let left, let comparison, let right, let outcome):
            return (outcome ? "" : "not ") + "n\(left) \(comparison.name) n\(right)"
        case .isMissing(let number, let outcome): return "n\(number) is \(outcome ? "missing" : "known")"
        case .truth(let number, let outcome): return "n\(number) is \(outcome ? "not 0" : "0")"
        case .scalar(let scalar, let outcome): return "each customer: " + text(scalar, outcome)
        case .not(let mask): return "not m\(mask)"
        case .and(let masks): return masks.map { "m\($0)" }.joined(separator: " and ")
        case .or(let masks): return masks.map { "m\($0)" }.joined(separator: " or ")
        }
    }

    private func text(_ scalar: Int, _ outcome: Bool) -> String {
        let part = program.scalars[scalar]
        return part.program.text(part.root, schema) + (outcome ? "" : " is false")
    }

    private func text(_ column: Int, _ test: ColumnTest) -> String {
        switch test {
        case .set(let set): return text(column, name(ofColumn: column), set)
        case .both(let tests): return tests.map { text(column, $0) }.joined(separator: " and ")
        case .either(let tests): return tests.map { text(column, $0) }.joined(separator: " or ")
        case .clock(let test):
            let counted = text(test.function, column)
            switch test.function {
            case .within(let window), .dateWithin(let window):
                return (test.outcome ? "" : "not ") + "within(\(counted), \(window) ms)"
            case .dateAgainstToday: return limited(counted, test, "today")
            case .instantAgainstNow: return limited(counted, test, "now")
            default: return limited(counted, test, CanonicalJSON.numberText(test.limit))
            }
        }
    }

    private func limited(_ counted: String, _ test: ClockTest, _ limit: String) -> String {
        (test.outcome ? "" : "not ") + "\(counted) \(test.comparison.name) \(limit)"
    }

    private func text(_ function: ClockTest.Function, _ column: Int) -> String {
        let name = name(ofColumn: column)
        return switch function {
        case .daysSince: "days_since(\(name))"
        case .daysUntil: "days_until(\(name))"
        case .age: "age(\(name))"
        case .daysUntilBirthday: "days_until_birthday(\(name))"
        case .dateAgainstToday, .instantAgainstNow, .within, .dateWithin: name
        }
    }

    // MARK: Sets

    private func text(_ column: Int, _ name: String, _ set: ValueSet) -> String {
        if set == .missing { return name + " is missing" }
        if set == .present { return name + " is known" }
        let parts = set.ranges.map { text(column, name, $0) }
        return (parts.isEmpty ? "\(name) never" : parts.joined(separator: " or "))
            + (set.holdsMissing ? " or missing" : "")
    }

    private func text(_ column: Int, _ name: String, _ range: ValueSet.Range) -> String {
        let low = end(column, range.low, outwards: range.low.nextDown)
        let high = end(column, range.high, outwards: range.high.nextUp)
        if range.low == range.high { return "\(name) = \(low.text)" }
        let below = high.isOutside ? " < \(high.text)" : " ≤ \(high.text)"
        let above = low.isOutside ? "\(low.text) < " : "\(low.text) ≤ "
        switch (range.low == -.infinity, range.high == .infinity) {
        case (true, true): return name + " is known"
        case (true, false): return name + below
        case (false, true): return name + (low.isOutside ? " > \(low.text)" : " ≥ \(low.text)")
        case (false, false): return above + name + below
        }
    }

    /// An end of a range as it is best said: by the value, or by its neighbour outside, which is then excluded.
    private func end(_ column: Int, _ value: Double, outwards: Double) -> (text: String, isOutside: Bool) {
        let (inside, outside) = (text(column, value), text(column, outwards))
        return outside.utf8.count < inside.utf8.count ? (outside, true) : (inside, false)
    }

    private func text(_ column: Int, _ value: Double) -> String {
        guard value.isFinite else { return value < 0 ? "-∞" : "∞" }
        let number = CanonicalJSON.numberText(value)
        guard value == value.rounded() else { return number }
        switch (program.columns[column].aspect, program.columns[column].source) {
        case (.flag, _): return value == 1 ? "true" : "false"
        case (.word, .attribute(let index)):
            let words = schema.attributes[index].type.words ?? []
            return words.indices.contains(Int(value)) ? words[Int(value)] : number
        case (.day, _), (.birthDay, _):
            guard abs(value) < 3_000_000 else { return number }
            return CivilDate(dayNumber: Int32(value)).text
        case (.instant, _): return abs(value) < 1e14 ? Timestamp(milliseconds: Int64(value)).iso8601 : number
        default: return number
        }
    }

    // MARK: Numbers

    func text(_ number: NumberNode) -> String {
        switch number {
        case .constant(let value): value.isNaN ? "missing" : CanonicalJSON.numberText(value)
        case .column(let column): name(ofColumn: column)
        case .today: "today"
        case .now: "now"
        case .clock(let column, let function): text(function, column)
        case .add(let left, let right): "n\(left) + n\(right)"
        case .subtract(let left, let right): "n\(left) - n\(right)"
        case .multiply(let left, let right): "n\(left) * n\(right)"
        case .divide(let left, let right): "n\(left) / n\(right)"
        case .modulo(let left, let right): "n\(left) % n\(right)"
        case .minimum(let left, let right): "min(n\(left), n\(right))"
        case .maximum(let left, let right): "max(n\(left), n\(right))"
        case .select(let mask, let left, let right): "n\(left) if m\(mask), else n\(right)"
        case .coalesce(let left, let right): "n\(left), or n\(right) where missing"
        }
    }
}

extension Program {
    /// A part as people read it: `startsWith(city, "A")`.
    func text(_ index: Int, _ schema: Schema) -> String {
        let instruction = instructions[index]
        let place = Int(instruction.a)
        switch instruction.code {
        case .constant: return constants[place].jsonValue.canonicalText
        case .attribute: return schema.attributes[place].name
        case .trait: return schema.traits[place].name
        case .segment: return "segment \(schema.segments[place].name)"
        case .customerID: return "customer.id"
        case .eventID: return "event.id"
        case .eventType: return "event.type"
        case .eventSource: return "event.source"
        case .eventTime: return "event.time"
        case .eventProperty: return (["event"] + paths[place]).joined(separator: ".")
        case .entry: return (["entry"] + paths[place]).joined(separator: ".")
        case .element: return (["element"] + paths[place]).joined(separator: ".")
        default: break
        }
        let parts = (0..<Int(instruction.b)).map { text(operand(instruction, $0), schema) }
        switch instruction.code {
        case .compare: return "(" + parts.joined(separator: " \(instruction.comparison.name) ") + ")"
        case .and, .or: return "(" + parts.joined(separator: " \(instruction.code.name) ") + ")"
        default: return instruction.code.name + "(" + parts.joined(separator: ", ") + ")"
        }
    }
}
