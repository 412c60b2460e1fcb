import CareLogic
import CareRules
import CareValues

/// Conditions, in words.
extension RuleWords {
    /// A condition in words; what has no words is shown as it is written.
    func condition(_ condition: JSONValue, isInner: Bool = false) -> Markup {
        guard case .object(let object) = condition, let member = object.members.first, object.count == 1 else {
            return value(condition)
        }
        let operands: [JSONValue] = if case .array(let list) = member.value { list } else { [member.value] }
        switch member.name {
        case "and", "or":
            let parts = operands.map { self.condition($0, isInner: true) }
            if operands.count > 3 || parts.contains(where: { $0.html.contains("<ul") }) {
                return voice.markup(member.name == "and" ? Say.allOf : Say.anyOf)
                    + tag("ul", "conditions") { for part in parts { tag("li") { part } } }
            }
            let joined = Markup.joined(
                parts, separator: .text(" " + voice(member.name == "and" ? Say.and : Say.or) + " "))
            return isInner && parts.count > 1 ? .text("(") + joined + .text(")") : joined
        case "!": return negated(operands.first ?? .null)
        case "segment": return voice.markup(Say.inSegment, ["name": strong(operands.first)])
        case "!!" where operands.count == 1 && isVariable(operands[0]): return self.condition(operands[0])
        case "==", "===": return equal(Say.equals, ifNull: Say.isMissing, operands)
        case "!=", "!==": return equal(Say.equalsNot, ifNull: Say.isKnown, operands)
        case ">": return compared(Say.above, operands)
        case ">=": return compared(Say.atLeast, operands)
        case "<" where operands.count == 2: return compared(Say.below, operands)
        case "<=" where operands.count == 2: return compared(Say.atMost, operands)
        case "<" where operands.count == 3, "<=" where operands.count == 3:
            let sign = member.name == "<" ? " < " : " \u{2264} "
            return Markup.joined(operands.map(name), separator: .text(sign))
        case "in": return compared(Say.oneOf, operands)
        case "within": return compared(Say.within, operands)
        case "startsWith": return compared(Say.beginsWith, operands)
        case "endsWith": return compared(Say.endsWith, operands)
        case "var": return voice.markup(Say.isTrue, ["a": name(condition)])
        default: return value(condition)
        }
    }

    private func negated(_ operand: JSONValue) -> Markup {
        if case .object(let object) = operand, let member = object.members.first {
            if member.name == "segment" {
                let name: JSONValue =
                    if case .array(let list) = member.value { list.first ?? .null } else { member.value }
                return voice.markup(Say.notInSegment, ["name": strong(name)])
            }
            if member.name == "var" { return voice.markup(Say.isFalse, ["a": name(operand)]) }
        }
        return voice.markup(Say.not, ["a": condition(operand, isInner: true)])
    }

    private func isVariable(_ operand: JSONValue) -> Bool {
        if case .object(let object) = operand { object.members.first?.name == "var" } else { false }
    }

    /// An equality; with `null` it asks whether something is known.
    private func equal(_ phrase: Phrase, ifNull: Phrase, _ operands: [JSONValue]) -> Markup {
        guard operands.count == 2, let place = operands.firstIndex(of: .null) else { return compared(phrase, operands) }
        return voice.markup(ifNull, ["a": name(operands[1 - place])])
    }

    private func compared(_ phrase: Phrase, _ operands: [JSONValue]) -> Markup {
        voice.markup(phrase, ["a": name(operands.first ?? .null), "b": name(operands.dropFirst().first ?? .null)])
    }

    /// An operand: the name of what is read, a value, or a small computation.
    private func name(_ operand: JSONValue) -> Markup {
        guard case .object(let object) = operand, let member = object.members.first, object.count == 1 else {
            return value(operand)
        }
        let operands: [JSONValue] = if case .array(let list) = member.value { list } else { [member.value] }
        switch member.name {
        case "var":
            if case .string(let text)? = operands.first { return tag("strong") { text } }
            return value(operand)
        case "+", "-", "*", "/":
            guard operands.count > 1 else { return value(operand) }
            let sign = ["*": "\u{00D7}", "-": "\u{2212}", "/": "\u{00F7}"][member.name] ?? "+"
            return Markup.joined(operands.map(name), separator: .text(" \(sign) "))
        case "days_since": return voice.markup(Say.daysSince, ["a": name(operands.first ?? .null)])
        case "days_until": return voice.markup(Say.daysUntil, ["a": name(operands.first ?? .null)])
        case "days_until_birthday":
            return voice.markup(Say.daysUntilBirthday, ["a": name(operands.first ?? .null)])
        case "age": return voice.markup(Say.ageOf, ["a": name(operands.first ?? .null)])
        case "today": return .text(voice(Say.todayWord))
        case "now": return .text(voice(Say.now))
        case "bucket": return voice.markup(Say.bucketOf, ["a": value(operands.first ?? .null)])
        case "count", "sum", "avg", "min", "max", "distinct", "first", "last", "open":
            return aggregate(member, operands)
        default: return value(operand)
        }
    }

    /// What the words below tell of an aggregate; one that says more is shown as it is written.
    private static let selectionKeys: Set<String> = ["event", "property", "within", "calendar", "between", "where"]

    /// An aggregate where it stands: `count purchase (90 days)`.
    private func aggregate(_ member: (name: String, value: JSONValue), _ operands: [JSONValue]) -> Markup {
        guard case .object(let selection)? = operands.first, let phrase = Say.aggregates[member.name],
            selection.members.allSatisfy({ Self.selectionKeys.contains($0.name) }),
            let types = Self.texts(selection["event"])
        else { return value(.object(JSONObject(uniqueMembers: [member]))) }
        var selected = or(types)
        if case .string(let property)? = selection["property"] { selected += "." + property }
        var limits: [Markup] = []
        if case .string(let span)? = selection["within"], let duration = ISODuration(text: span) {
            limits.append(.text(voice.duration(duration)))
        }
        if case .string(let name)? = selection["calendar"], let period = CalendarPeriod(rawValue: name) {
            limits.append(.text(voice(Say.thisPeriod, ["period": voice(Say.period(period))])))
        }
        if let ages = Self.texts(selection["between"])?.compactMap(ISODuration.init(text:)), ages.count == 2 {
            limits.append(
                .text(voice(Say.betweenAges, ["from": voice.duration(ages[0]), "until": voice.duration(ages[1])])))
        }
        if let condition = selection["where"] {
            limits.append(voice.markup(Say.whereHolds, ["condition": self.condition(condition, isInner: true)]))
        }
        return tag("strong") {
            voice(phrase, ["a": selected])
            if !limits.isEmpty {
                Markup.text(" (") + Markup.joined(limits, separator: .text(voice(Say.comma))) + .text(")")
            }
        }
    }

    /// One text or a list of texts; nil: it is neither.
    private static func texts(_ value: JSONValue?) -> [String]? {
        switch value {
        case .string(let text)?: return [text]
        case .array(let values)?:
            let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
            return texts.count == values.count && !texts.isEmpty ? texts : nil
        default: return nil
        }
    }

    private func value(_ value: JSONValue) -> Markup {
        switch value {
        case .string(let text):
            if let duration = ISODuration(text: text), text.hasPrefix("P") { return .text(voice.duration(duration)) }
            return tag("strong") { text }
        case .bool(let isTrue): return tag("strong") { voice(isTrue ? Say.trueValue : Say.falseValue) }
        case .number, .null: return tag("strong") { value.canonicalText }
        case .array(let values): return Markup.joined(values.map(self.value), separator: .text(voice(Say.comma)))
        case .object: return tag("code") { value.canonicalText }
        }
    }

    private func strong(_ value: JSONValue?) -> Markup {
        if case .string(let text)? = value { return tag("strong") { text } }
        return tag("code") { (value ?? .null).canonicalText }
    }
}
