import CareValues

extension Evaluator {
    /// Operators that first evaluate all their operands: arithmetic, text, membership, lists of operands, `bucket`.
    func compute(_ instruction: Instruction) throws(LogicError) -> Evaluation {
        switch instruction.code {
        case .add, .subtract, .multiply, .divide, .modulo, .minimum, .maximum: return try arithmetic(instruction)
        case .contains, .startsWith, .endsWith:
            let one = try operand(instruction, 0)
            let two = try operand(instruction, 1)
            let value =
                switch instruction.code {
                case .contains: try contains(one.value, in: two.value)
                default: try affix(instruction.code, two.value, of: one.value)
                }
            return Evaluation(value: value, validUntil: min(one.validUntil, two.validUntil))
        default: break
        }
        var values: [LogicValue] = []
        values.reserveCapacity(Int(instruction.b))
        var validUntil = Self.forever
        for position in 0..<Int(instruction.b) {
            let part = try operand(instruction, position)
            values.append(part.value)
            validUntil = min(validUntil, part.validUntil)
        }
        return Evaluation(value: try compute(instruction, values), validUntil: validUntil)
    }

    private func compute(_ instruction: Instruction, _ values: [LogicValue]) throws(LogicError) -> LogicValue {
        switch instruction.code {
        case .list: return .list(values)
        case .merge: return .list(values.flatMap { if case .list(let list) = $0 { list } else { [$0] } })
        case .concatenate:
            var text = ""
            for value in values {
                guard let piece = value.text else { return .missing }
                text += piece
            }
            return .string(text)
        case .substring: return try substring(values)
        case .missing: return missing(instruction, values[...], atLeast: nil)
        case .missingSome:
            if values[0].isMissing { return .missing }
            guard case .number(let least) = values[0] else { throw .typeMismatch(operator: "missing_some") }
            return missing(instruction, values.dropFirst(), atLeast: least)
        case .bucket: return .number(bucket(values))
        default: preconditionFailure("every other operator has its own way")
        }
    }

    // MARK: Numbers

    /// With a missing operand the result is missing; division by zero and results that are not finite are missing too.
    private func arithmetic(_ instruction: Instruction) throws(LogicError) -> Evaluation {
        let code = instruction.code
        var result = code == .add ? 0.0 : 1.0
        var validUntil = Self.forever
        var isMissing = false
        var isMismatch = false
        for position in 0..<Int(instruction.b) {
            let part = try operand(instruction, position)
            validUntil = min(validUntil, part.validUntil)
            // What comes first, a missing operand or one of another kind, decides.
            guard case .number(let number) = part.value else {
                if part.value.isMissing {
                    isMissing = isMissing || !isMismatch
                } else {
                    isMismatch = isMismatch || !isMissing
                }
                continue
            }
            switch (code, position) {
            case (.add, _): result += number
            case (.multiply, _): result *= number
            case (_, 0): result = number
            case (.subtract, _): result -= number
            case (.divide, _): result /= number
            case (.modulo, _): result = result.truncatingRemainder(dividingBy: number)
            case (.minimum, _): result = Swift.min(result, number)
            default: result = Swift.max(result, number)
            }
        }
        if isMismatch { throw .typeMismatch(operator: code.name) }
        if code == .subtract, instruction.b == 1 { result = -result }
        // -0 and 0 are one number to rule authors.
        let value: LogicValue = isMissing || !result.isFinite ? .missing : .number(result == 0 ? 0 : result)
        return Evaluation(value: value, validUntil: validUntil)
    }

    // MARK: Text

    /// `startsWith`, `endsWith`: by bytes.
    private func affix(
        _ code: Instruction.Code, _ piece: LogicValue, of text: LogicValue
    ) throws(LogicError) -> LogicValue {
        if text.isMissing || piece.isMissing { return .missing }
        guard case .string(let text) = text, case .string(let piece) = piece else {
            throw .typeMismatch(operator: code.name)
        }
        guard code == .endsWith else { return .bool(text.utf8.starts(with: piece.utf8)) }
        return .bool(text.utf8.reversed().starts(with: piece.utf8.reversed()))
    }

    /// By code points: a start from the front, or from the end when negative; a length, or where to stop before the
    /// end when negative.
    private func substring(_ values: [LogicValue]) throws(LogicError) -> LogicValue {
        if values.contains(where: \.isMissing) { return .missing }
        guard case .string(let text) = values[0], case .number(let start) = values[1] else {
            throw .typeMismatch(operator: "substr")
        }
        let scalars = Array(text.unicodeScalars)
        let from = Self.place(start, in: scalars.count)
        var end = scalars.count
        if values.count == 3 {
            guard case .number(let length) = values[2] else { throw .typeMismatch(operator: "substr") }
            let whole = Int(max(-1e9, min(1e9, length)))
            end = whole < 0 ? scalars.count + whole : from + whole
        }
        guard from < min(end, scalars.count) else { return .string("") }
        var piece = String.UnicodeScalarView()
        piece.append(contentsOf: scalars[from..<min(end, scalars.count)])
        return .string(String(piece))
    }

    private static func place(_ number: Double, in count: Int) -> Int {
        let whole = Int(max(-1e9, min(1e9, number)))
        return whole < 0 ? max(0, count + whole) : min(whole, count)
    }

    /// Never missing: a missing needle is in a list that holds `null`, and in no text.
    private func contains(_ needle: LogicValue, in list: LogicValue) throws(LogicError) -> LogicValue {
        switch list {
        case .missing: return .bool(false)
        case .list(let values):
            return .bool(values.contains { $0.isMissing ? needle.isMissing : Self.areEqual(needle, $0) })
        case .string(let text):
            guard case .string(let piece) = needle else { return .bool(false) }
            return .bool(Self.contains(piece, in: text))
        default: throw .typeMismatch(operator: "in")
        }
    }

    /// Whether the bytes of `piece` stand somewhere in `text`, in time that grows with their lengths only.
    ///
    /// Source: Knuth, Morris, Pratt, "Fast Pattern Matching in Strings", 1977.
    static func contains(_ piece: String, in text: String) -> Bool {
        let needle = Array(piece.utf8)
        guard let first = needle.first else { return true }
        guard text.utf8.count >= needle.count else { return false }
        guard needle.count > 1 else { return text.utf8.contains(first) }
        // The length of the longest beginning that also ends at each place.
        var borders = [0]
        borders.reserveCapacity(needle.count)
        var matched = 0
        for byte in needle.dropFirst() {
            while matched > 0, needle[matched] != byte { matched = borders[matched - 1] }
            if needle[matched] == byte { matched += 1 }
            borders.append(matched)
        }
        matched = 0
        for byte in text.utf8 {
            while matched > 0, needle[matched] != byte { matched = borders[matched - 1] }
            if needle[matched] == byte { matched += 1 }
            if matched == needle.count { return true }
        }
        return false
    }

    // MARK: The rest

    private func missing(_ instruction: Instruction, _ values: ArraySlice<LogicValue>, atLeast: Double?) -> LogicValue {
        guard case .list(let names) = program.constants[Int(instruction.c)] else { return .list([]) }
        let absent = zip(names, values).filter { pair in
            if case .string(let text) = pair.1 { text.isEmpty } else { pair.1.isMissing }
        }.map(\.0)
        if let atLeast, Double(names.count - absent.count) >= atLeast { return .list([]) }
        return .list(absent)
    }

    /// A stable number in `[0, 1)`: XXH64 (seed 0) of the canonical JSON array `[salt, customer, …extra]`, its top 53
    /// bits over 2⁵³.
    private func bucket(_ values: [LogicValue]) -> Double {
        let key = [values[0].jsonValue, .string(context.customer)] + values.dropFirst().map(\.jsonValue)
        let hash = XXH64.hash(CanonicalJSON.bytes(.array(key)), seed: 0)
        return Double(hash >> 11) / 9_007_199_254_740_992
    }

    /// `map`, `filter`, `reduce`, `all`, `some`, `none` over a list; a missing list is an empty one.
    func overList(_ instruction: Instruction) throws(LogicError) -> Evaluation {
        let list = try operand(instruction, 0)
        var validUntil = list.validUntil
        let values: [LogicValue]
        switch list.value {
        case .list(let elements): values = elements
        case .missing: values = []
        default: throw .typeMismatch(operator: instruction.code.name)
        }
        var inner = self
        var results: [LogicValue] = []
        if instruction.code == .reduce {
            var accumulator = try operand(instruction, 2)
            for value in values {
                inner.element = .object([
                    "current": value.jsonValue, "accumulator": accumulator.value.jsonValue,
                ])
                accumulator = try inner.operand(instruction, 1)
                validUntil = min(validUntil, accumulator.validUntil)
            }
            return Evaluation(value: accumulator.value, validUntil: validUntil)
        }
        for value in values {
            inner.element = value
            let result = try inner.operand(instruction, 1)
            validUntil = min(validUntil, result.validUntil)
            results.append(result.value)
        }
        let value: LogicValue
        switch instruction.code {
        case .map: value = .list(results)
        case .filter: value = .list(zip(values, results).filter { $0.1.truth ?? false }.map(\.0))
        case .all: value = .bool(!values.isEmpty && results.allSatisfy { $0.truth ?? false })
        case .some: value = .bool(results.contains { $0.truth ?? false })
        default: value = .bool(!results.contains { $0.truth ?? false })
        }
        return Evaluation(value: value, validUntil: validUntil)
    }
}

extension Instruction.Code {
    /// The operator's name, for messages.
    var name: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .modulo: "%"
        case .minimum: "min"
        case .maximum: "max"
        case .not: "!"
        case .truth: "!!"
        case .conditional: "if"
        case .contains: "in"
        case .concatenate: "cat"
        case .substring: "substr"
        case .missingSome: "missing_some"
        case .daysSince: "days_since"
        case .daysUntil: "days_until"
        case .daysUntilBirthday: "days_until_birthday"
        default: "\(self)"
        }
    }
}
