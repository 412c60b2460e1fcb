import CareStore
import CareValues

/// A topic, subject or key that may depend on the delivery: `care/{{campaign}}/{{customer}}`.
package struct SubjectTemplate: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case literal(String)
        case field(Field)
    }

    /// What a delivery can be told apart by.
    package enum Field: String, Sendable, Hashable, CaseIterable {
        case campaign, customer, type
    }

    private var pieces: [Piece] = []

    /// Reads a text; nil: a `{{` without its end, or another name than ``Field``'s.
    package init?(_ text: String) {
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            if start.lowerBound > rest.startIndex { pieces.append(.literal(String(rest[..<start.lowerBound]))) }
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "}}") else { return nil }
            let name = rest[..<end.lowerBound].filter { $0 != " " }
            guard let field = Field(rawValue: String(name)) else { return nil }
            pieces.append(.field(field))
            rest = rest[end.upperBound...]
        }
        if !rest.isEmpty { pieces.append(.literal(String(rest))) }
    }

    /// The text for a delivery. A value's bytes for which `isKept` says no are percent-encoded, so that no customer's
    /// id makes a level or a wildcard; of the type, which rules choose, `separator` is kept. An empty value is `-`.
    func text(for order: NewDelivery, separator: UInt8? = nil, isKept: (UInt8) -> Bool) -> String {
        if pieces.count == 1, case .literal(let text) = pieces[0] { return text }
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .field(let field):
                let value =
                    switch field {
                    case .campaign: order.campaign
                    case .customer: order.customer
                    case .type: order.type
                    }
                text +=
                    value.isEmpty
                    ? "-" : PercentEncoding.encoded(value) { isKept($0) || (field == .type && $0 == separator) }
            }
        }
        return text
    }

    /// The text with `x` for each field: what a broker must accept.
    var sample: String {
        pieces.map { piece in
            if case .literal(let text) = piece { text } else { "x" }
        }.joined()
    }
}

extension DestinationReader {
    /// A template that must be there.
    ///
    /// - Parameter sample: whether a text may be used for what it is used for.
    mutating func template(_ key: String, sample: (String) -> Bool) -> SubjectTemplate? {
        guard let node = self.node[key] else {
            fail(self.node, "config.missing-key", "destination '\(name)' has no \(key)")
            return nil
        }
        guard let text = string(node) else { return nil }
        guard let template = SubjectTemplate(text) else {
            let fields = SubjectTemplate.Field.allCases.map { "{{\($0.rawValue)}}" }
            fail(
                node, "config.bad-value", "the \(key) of destination '\(name)' names what a delivery does not have",
                "it may hold \(list(fields))")
            return nil
        }
        guard sample(template.sample) else {
            fail(node, "config.bad-value", "the \(key) of destination '\(name)' cannot be published to")
            return nil
        }
        return template
    }
}
