import CareLogic
import CareValues

extension RuleFuzz {
    /// Tries `{"rule": …, "data": …}` as `care eval` would, in both dialects; false: it is no such object.
    ///
    /// - Throws: ``Failure`` when two forms of one dialect differ.
    mutating func tryExpression(_ bytes: [UInt8]) throws -> Bool {
        guard let document = try? JSONDocument(file: "e.json", bytes: bytes), let rule = document.root["rule"] else {
            return false
        }
        tally.expressions += 1
        let data = document.root["data"]?.value ?? .null
        let text = String(decoding: bytes, as: UTF8.self)
        let interpreted = Result { () throws(PlainLogicError) in
            try ReferenceInterpreter.evaluate(rule.value, data: data)
        }
        let compiled = Result { () throws(PlainLogicError) in try PlainProgram(rule.value).evaluate(data) }
        guard interpreted == compiled else {
            throw Failure(what: "plain: \(interpreted) interpreted, \(compiled) compiled", text: text)
        }
        let facts: JSONObject = if case .object(let object) = data { object } else { JSONObject() }
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        guard let expression = try? DataExpression(rule) else { return true }
        let value = try? expression.evaluate(facts, now: now, zone: zone, customer: "c1")
        let tree = expression.explain(facts, now: now, zone: zone, customer: "c1")
        if let value, value != .null, tree.value.jsonValue != value {
            throw Failure(what: "\(value) evaluated, \(tree.value) explained", text: text)
        }
        return true
    }
}
