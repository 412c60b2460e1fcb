import CareValues

/// The facts that a trait is computed from, directly or through others.
public struct TraitInputs: Sendable, Hashable {
    /// The types of events.
    public var eventTypes: Set<String> = []
    /// Attributes by index.
    public var attributes: Set<Int> = []
    /// Whether wall times are read, so that the customer's zone matters.
    public var zone = false
    /// Whether the customer's id is read, as by `bucket`.
    public var customerID = false

    /// Nothing at all.
    public init() {}
}

extension Schema {
    /// What facts can move a trait's value.
    public func inputs(ofTrait index: Int) -> TraitInputs {
        var inputs = TraitInputs()
        var walk = InputWalk(schema: self)
        walk.trait(index, &inputs)
        return inputs
    }

    /// Whether a trait's value comes from a personal attribute, directly or through others.
    public func isPersonal(trait index: Int) -> Bool {
        inputs(ofTrait: index).attributes.contains { attributes[$0].isPII }
    }

    /// What facts can move the value of an expression, whatever it reads through traits and segments.
    public func inputs(of expression: Expression) -> TraitInputs {
        var inputs = TraitInputs()
        var walk = InputWalk(schema: self)
        walk.expression(expression, &inputs)
        return inputs
    }

    /// Whether a customer may have no value of a trait.
    public func mayBeMissing(trait index: Int) -> Bool {
        switch traits[index].definition {
        case .open: false
        case .rfm: true
        case .aggregate(let aggregate, _): !aggregate.isZeroOfNothing
        case .value(let value): mayBeMissing(value.expression.program, value.expression.program.root)
        // A last stage that says `true` takes everyone.
        case .lifecycle(let stages): !stages.contains { $0.condition.source == .bool(true) }
        }
    }

    private func mayBeMissing(_ program: Program, _ index: Int) -> Bool {
        let instruction = program.instructions[index]
        func part(_ position: Int) -> Bool { mayBeMissing(program, program.operand(instruction, position)) }
        func any() -> Bool { (0..<Int(instruction.b)).contains { part($0) } }
        switch instruction.code {
        case .constant: return program.constants[Int(instruction.a)].isMissing
        case .attribute: return attributes[Int(instruction.a)].defaultValue == nil
        case .trait: return mayBeMissing(trait: Int(instruction.a))
        case .segment, .customerID, .list, .contains, .map, .filter, .all, .some, .none, .missing, .missingSome, .merge,
            .now, .today, .bucket, .concatenate:
            return false
        case .coalesce: return part(0) && part(1)
        case .compare: return instruction.comparison.isOrdered && any()
        case .conditional:
            let count = Int(instruction.b)
            if count % 2 == 0 { return true }
            return (0..<count).contains { ($0 % 2 == 1 || $0 == count - 1) && part($0) }
        case .divide, .modulo, .reduce, .element, .eventType, .eventID, .eventSource, .eventTime, .eventProperty,
            .entry:
            return true
        case .not, .truth, .and, .or, .add, .subtract, .multiply, .minimum, .maximum, .substring, .startsWith,
            .endsWith, .daysSince, .daysUntil, .age, .daysUntilBirthday, .within:
            return any()
        }
    }
}

/// Walks what is read, each segment and trait once.
private struct InputWalk {
    let schema: Schema
    var seenTraits: Set<Int> = []
    var seenSegments: Set<Int> = []

    mutating func trait(_ index: Int, _ inputs: inout TraitInputs) {
        guard seenTraits.insert(index).inserted else { return }
        switch schema.traits[index].definition {
        case .aggregate(_, let selection):
            inputs.eventTypes.formUnion(selection.types)
            if case .calendar? = selection.window { inputs.zone = true }
        case .open(let selection):
            inputs.eventTypes.formUnion(selection.opened + selection.closed)
        case .rfm(let definition, _):
            inputs.eventTypes.formUnion(definition.types)
            inputs.zone = true
        case .value(let value):
            expression(value.expression, &inputs)
        case .lifecycle(let stages):
            for stage in stages { expression(stage.condition, &inputs) }
        }
    }

    mutating func expression(_ expression: Expression, _ inputs: inout TraitInputs) {
        let uses = expression.uses
        inputs.attributes.formUnion(uses.attributes)
        if uses.time { inputs.zone = true }
        if expression.program.instructions.contains(where: { $0.code == .bucket || $0.code == .customerID }) {
            inputs.customerID = true
        }
        for index in uses.traits { trait(index, &inputs) }
        for index in uses.segments where seenSegments.insert(index).inserted && schema.segments.indices.contains(index)
        {
            self.expression(schema.segments[index].condition, &inputs)
        }
    }
}
