import CareValues

/// One operator of an evaluated expression: what it is, what it saw, what it said.
public struct ExplanationNode: Sendable, Hashable {
    /// The operator as the rule file writes it, `>=`, or `segment vip`, or the name that is read.
    public var label: String
    /// Its simple operands with their values, `tier "gold", "gold"`; empty where ``children`` tell it.
    public var detail: String
    /// The result; missing where there is none.
    public var value: LogicValue
    /// Why it has no result; nil when it has.
    public var error: String?
    /// Operands that are operators themselves, in order.
    public var children: [ExplanationNode]
}

extension Expression {
    /// The tree of this expression's operators with operands and results, for one customer at one instant.
    ///
    /// Everything is evaluated, also what a short circuit would pass over.
    /// - Parameter showsPII: whether values of attributes marked `pii` are shown; else they are `•••`.
    public func explain(_ context: EvaluationContext, showsPII: Bool = false) -> ExplanationNode {
        let evaluator = Evaluator(program: program, context: context)
        return evaluator.explain(program.root, source: program.source, showsPII: showsPII)
    }
}

extension Evaluator {
    fileprivate func explain(_ index: Int, source: JSONValue, showsPII: Bool) -> ExplanationNode {
        let instruction = program.instructions[index]
        var node = ExplanationNode(label: "", detail: "", value: .missing, error: nil, children: [])
        do {
            node.value = try evaluate(index).value
        } catch {
            node.error = error.message
        }
        if !showsPII { node.value = masked(node.value, instruction) }
        guard case .object(let object) = source, let member = object.members.first else {
            node.label = source.canonicalText
            return node
        }
        node.label = member.name
        switch instruction.code {
        case .segment:
            let segment = context.schema.segments[Int(instruction.a)]
            node.label = "segment " + segment.name
            node.children = [segment.condition.explain(context.withoutFactsAtHand, showsPII: showsPII)]
            return node
        case .attribute, .trait, .customerID, .eventID, .eventType, .eventSource, .eventTime, .eventProperty, .entry,
            .element:
            node.label = member.name == "var" ? name(member.value) : source.canonicalText
            node.detail = shown(instruction, node.value, showsPII)
            return node
        default: break
        }
        let operands: [JSONValue] = if case .array(let list) = member.value { list } else { [member.value] }
        var details: [String] = []
        let isOverList = [.map, .filter, .reduce, .all, .some, .none].contains(instruction.code)
        for (position, operand) in operands.enumerated() where position < Int(instruction.b) {
            // The body over a list has no one value.
            if isOverList, position > 0 { break }
            let place = program.operand(instruction, position)
            let part = program.instructions[place]
            switch part.code {
            case .constant: details.append(operand.canonicalText)
            case .attribute, .trait, .customerID, .eventID, .eventType, .eventSource, .eventTime, .eventProperty,
                .entry, .element:
                let value = (try? evaluate(place).value) ?? .missing
                let text = readText(operand)
                details.append(text + " " + shown(part, value, showsPII))
            default:
                node.children.append(explain(place, source: operand, showsPII: showsPII))
            }
        }
        node.detail = details.joined(separator: ", ")
        return node
    }

    /// The name that a reading operand reads; an aggregate that stands inline is its own name.
    private func readText(_ operand: JSONValue) -> String {
        guard case .object(let read) = operand, let member = read.members.first else { return "" }
        return member.name == "var" ? name(member.value) : operand.canonicalText
    }

    /// A value without what is personal: of an expression that reads a personal attribute only truth and numbers are
    /// shown, of such an attribute itself nothing.
    private func masked(_ value: LogicValue, _ instruction: Instruction) -> LogicValue {
        let schema = context.schema
        let readsPersonal =
            program.uses.attributes.contains { schema.attributes[$0].isPII }
            || program.uses.traits.contains(where: schema.isPersonal)
        guard readsPersonal else { return value }
        switch value {
        case .missing, .bool: return value
        case .number:
            return isPersonal(instruction) ? .string(PersonalText.mark) : value
        case .string(let text): return .string(PersonalText.masked(text))
        case .date, .instant, .birthday, .list, .object: return .string(PersonalText.mark)
        }
    }

    /// Whether an instruction reads what is personal: such an attribute, or a trait that comes from one.
    private func isPersonal(_ instruction: Instruction) -> Bool {
        switch instruction.code {
        case .attribute: context.schema.attributes[Int(instruction.a)].isPII
        case .trait: context.schema.isPersonal(trait: Int(instruction.a))
        default: false
        }
    }

    private func name(_ value: JSONValue) -> String {
        switch value {
        case .string(let name): name
        case .array(let parts): parts.first.map { name($0) } ?? ""
        default: value.canonicalText
        }
    }

    private func shown(_ instruction: Instruction, _ value: LogicValue, _ showsPII: Bool) -> String {
        if value.isMissing { return "missing" }
        if !showsPII, isPersonal(instruction) { return PersonalText.masked(value.text ?? "") }
        return value.jsonValue.canonicalText
    }
}
