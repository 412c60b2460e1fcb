import CareDecisions
import CareLogic
import CareValues

/// What the core says, in the reader's language.
///
/// The core speaks English, in the store and in JSON too, and keeps to it; only here is it said otherwise. What is not
/// known, such as a reason that somebody has typed, is shown as it is.
extension Voice {
    /// A text of the core by the phrases that it can have been made from.
    func core(_ text: String, _ phrases: [Phrase]) -> String {
        guard language != .english else { return text }
        for phrase in phrases {
            guard var places = phrase.places(in: text) else { continue }
            if let rest = places["rest"] { places["rest"] = core(rest, phrases) }
            if let known = places["known"] {
                let said = core(known, phrases)
                if said == known { continue }
                places["known"] = said
            }
            return self(phrase, places)
        }
        return text
    }

    /// Why a delivery stands where it does, what an attempt came to, why a destination is disabled.
    func deliveryReason(_ text: String) -> String { core(text, Say.deliveryReasons) }

    /// A reason of the ledger: its code, in Chinese its label.
    func reason(_ code: String) -> String {
        guard language == .chinese, let label = Say.reasons[code] else { return code }
        return self(label)
    }

    /// What somebody or something may do: its name, in Chinese behind its label.
    func scope(_ name: String) -> String {
        guard language == .chinese, let label = Say.scopeNames[name] else { return name }
        return self(label) + " " + name
    }

    /// What of the policies stopped a decision: `cap weekly`.
    func cause(_ text: String) -> String { core(text, Say.causes) }

    // MARK: Gates

    /// A gate by the core's name of it.
    func gate(_ name: String) -> String { Say.gates[name].map { self($0) } ?? name }

    /// A gate, and which of several.
    func gate(_ look: GateLook) -> String {
        look.name.isEmpty ? gate(look.gate) : gate(look.gate) + " " + look.name
    }

    /// What a gate saw: `2 of 3 taken in P7D`.
    func detail(_ look: GateLook) -> String {
        guard language != .english, var filled = Say.capTaken.places(in: look.detail), let span = filled["period"]
        else { return core(look.detail, Say.gateDetails) }
        if let duration = ISODuration(text: span) {
            filled["period"] = self.duration(duration)
        } else if let name = Say.thisPeriod.places(in: span)?["period"], let period = CalendarPeriod(rawValue: name) {
            filled["period"] = self(Say.thisPeriod, ["period": self(Say.period(period))])
        }
        return self(Say.capTaken, filled)
    }

    // MARK: Explanations

    /// What a node asks: an operator, a segment, the name of what is read.
    func label(_ node: ExplanationNode) -> String {
        guard language != .english, !isRead(node) else { return node.label }
        if let places = Say.segmentNamed.places(in: node.label) { return self(Say.segmentNamed, places) }
        return Say.operators[node.label].map { self($0) } ?? node.label
    }

    /// Whether a node is something that is read, so that an attribute named `or` keeps its name: it has nothing below it,
    /// and saw one value, where an operator saw its operands.
    private func isRead(_ node: ExplanationNode) -> Bool {
        guard node.children.isEmpty else { return false }
        return node.detail.isEmpty || node.detail == "missing" || JSONValue(jsonText: node.detail) != nil
    }

    /// The operands that a node saw: `tier "gold", nickname missing`.
    func detail(_ node: ExplanationNode) -> String {
        guard language != .english else { return node.detail }
        var (text, word) = ("", "")
        var isQuoted = false
        var isEscaped = false
        // A value that is text stands in quotes; the bare word at the end of an operand is the core's.
        func endWord(isValue: Bool) {
            text += isValue && word == "missing" ? self(Say.missing) : word
            word = ""
        }
        for character in node.detail {
            if isQuoted {
                text.append(character)
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isQuoted = false
                }
            } else if character == " " || character == "," || character == "\"" {
                endWord(isValue: character == ",")
                text.append(character)
                isQuoted = character == "\""
            } else {
                word.append(character)
            }
        }
        endWord(isValue: true)
        return text
    }

    /// What a node came to.
    func result(_ node: ExplanationNode) -> String {
        if let error = node.error { return self(Say.error).lowercased() + self(Say.colon) + evaluationError(error) }
        if node.value.isMissing { return self(Say.missing) }
        if case .bool(let isTrue) = node.value { return self(isTrue ? Say.trueValue : Say.falseValue) }
        return node.value.text ?? node.value.jsonValue.canonicalText
    }

    /// Why an expression has no value.
    func evaluationError(_ message: String) -> String { core(message, Say.evaluationErrors) }
}

extension Phrase {
    /// What stands in the places of the English where `text` was made from it; nil: it was not.
    func places(in text: String) -> [String: String]? {
        let parts = english.split(separator: "{", omittingEmptySubsequences: false)
        guard let first = parts.first, text.hasPrefix(first) else { return nil }
        var rest = text.dropFirst(first.count)
        var found: [String: String] = [:]
        for index in parts.indices.dropFirst() {
            let part = parts[index]
            guard let end = part.firstIndex(of: "}") else { return nil }
            let literal = part[part.index(after: end)...]
            let value: Substring
            if index == parts.count - 1 {
                guard rest.hasSuffix(literal) else { return nil }
                value = rest.dropLast(literal.count)
                rest = ""
            } else {
                guard let range = rest.firstRange(of: literal) else { return nil }
                value = rest[..<range.lowerBound]
                rest = rest[range.upperBound...]
            }
            guard !value.isEmpty else { return nil }
            found[String(part[..<end])] = String(value)
        }
        return rest.isEmpty ? found : nil
    }
}
