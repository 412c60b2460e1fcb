import CareValues

extension Schema {
    /// A trait that has no place in the cache: computed from others each time it is asked for.
    func computed(_ index: Int, _ context: EvaluationContext) throws(LogicError) -> Evaluation {
        let context = context.withoutFactsAtHand
        switch traits[index].definition {
        case .value(let value):
            return try value.expression.evaluate(context)
        case .lifecycle(let stages):
            // As long as no earlier stage turns, and the one found holds.
            var validUntil = Timestamp.distantFuture
            for stage in stages {
                let (isTrue, until) = try stage.condition.isTrue(context)
                validUntil = min(validUntil, until)
                if isTrue { return Evaluation(value: .string(stage.name), validUntil: validUntil) }
            }
            return Evaluation(value: .missing, validUntil: validUntil)
        default:
            preconditionFailure("every other trait has its place")
        }
    }
}
