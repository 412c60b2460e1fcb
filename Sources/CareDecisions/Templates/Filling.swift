import CareLogic
import CareRules
import CareValues

/// Why a template could not be filled.
enum FillingFailure: Error {
    /// A `{{path}}` has no value; the path is the author's text, not a customer's.
    case missing(path: String)
    /// A `$value` could not be evaluated.
    case logic(LogicError)
}

extension DataTemplate {
    /// The template with its places filled and its expressions evaluated in `context`.
    func filled(in context: EvaluationContext) throws(FillingFailure) -> JSONValue {
        switch self {
        case .literal(let value):
            return value
        case .text(let parts):
            var text = ""
            for part in parts {
                switch part {
                case .literal(let piece):
                    text += piece
                case .place(let path, let expression):
                    guard let value = try evaluate(expression, context).text else { throw .missing(path: path) }
                    text += value
                }
            }
            return .string(text)
        case .value(let expression):
            return try evaluate(expression, context).jsonValue
        case .array(let elements):
            var values: [JSONValue] = []
            for element in elements { values.append(try element.filled(in: context)) }
            return .array(values)
        case .object(let members):
            var values: [(name: String, value: JSONValue)] = []
            for member in members { values.append((member.name, try member.value.filled(in: context))) }
            return .object(JSONObject(uniqueMembers: values))
        }
    }

    /// Fails where ``filled(in:)`` does, and makes nothing.
    func check(in context: EvaluationContext) throws(FillingFailure) {
        switch self {
        case .literal:
            return
        case .text(let parts):
            for case .place(let path, let expression) in parts {
                if try evaluate(expression, context).text == nil { throw .missing(path: path) }
            }
        case .value(let expression):
            _ = try evaluate(expression, context)
        case .array(let elements):
            for element in elements { try element.check(in: context) }
        case .object(let members):
            for member in members { try member.value.check(in: context) }
        }
    }

    private func evaluate(
        _ expression: Expression, _ context: EvaluationContext
    ) throws(FillingFailure)
        -> LogicValue
    {
        do {
            return try expression.evaluate(context).value
        } catch {
            throw .logic(error)
        }
    }
}
