import CareStore
import CareValues

/// Which template a destination fills: `"template": "news"`, or one for each message type,
/// `"template": { "care.birthday": "birthday", "*": "note" }`.
package struct TemplateChoice: Sendable, Hashable {
    /// What stands for every type that is not named.
    static let anyType = "*"

    /// A template's name, and the finding that it is not there, except for its help.
    struct Entry: Sendable, Hashable {
        var name: String
        var unknown: Diagnostic
    }

    /// By message type.
    private(set) var entries: [String: Entry] = [:]
    /// The finding that a message type has no template.
    private(set) var incomplete: Diagnostic

    /// Reads the key `template` of a destination; nil: it is missing or wrong, and the latter noted.
    package init?(_ reader: inout DestinationReader) {
        guard let node = reader.node["template"] else { return nil }
        incomplete = reader.document.diagnostic(at: node, code: "template.unknown-template", message: "")
        guard node.kind == .object else {
            guard let name = reader.string(node) else { return nil }
            entries[Self.anyType] = Self.entry(name, node, reader)
            return
        }
        for (key, value) in node.members {
            guard let type = key.string, let name = reader.string(value) else { continue }
            entries[type] = Self.entry(name, value, reader)
        }
        if entries.isEmpty {
            reader.fail(
                node, "config.bad-value", "template names no template",
                #"write "template": "news", or { "care.birthday": "birthday", "*": "note" }"#)
            return nil
        }
    }

    private static func entry(_ name: String, _ node: JSONNode, _ reader: DestinationReader) -> Entry {
        let message = "destination '\(reader.name)' names a template '\(name)' that is not there"
        return Entry(
            name: name,
            unknown: reader.document.diagnostic(at: node, code: "template.unknown-template", message: message))
    }

    /// The template's name for a message type; nil: it has none.
    func name(for type: String) -> String? { (entries[type] ?? entries[Self.anyType])?.name }
}

/// What a channel needs of a template.
package struct TemplateNeeds: Sendable, Hashable {
    /// One of these must be there, the first is preferred.
    package var oneOf: [TemplateKind]
    /// Whether there must be a `Subject:`.
    package var subject: Bool
    /// Names that the channel adds.
    package var names: [String] = []

    /// What a channel needs.
    package init(oneOf: [TemplateKind], subject: Bool, names: [String] = []) {
        self.oneOf = oneOf
        self.subject = subject
        self.names = names
    }
}

/// The templates of one destination, ready to be filled.
package struct ChosenTemplates: Sendable {
    private let byType: [String: MessageTemplate]

    /// The templates that `choice` names.
    ///
    /// - Throws: ``DestinationError``: one of them is not there, or lacks what the channel needs.
    init(_ choice: TemplateChoice, _ needs: TemplateNeeds, _ parts: ChannelParts) throws(DestinationError) {
        var byType: [String: MessageTemplate] = [:]
        for (type, entry) in choice.entries.sorted(by: { $0.key < $1.key }) {
            guard let template = parts.templates.template(entry.name) else {
                throw parts.error(
                    "there is no template '\(entry.name)'", help: "care check says what is wrong with it")
            }
            if let lack = needs.lack(in: template) { throw parts.error(lack.message, help: lack.help) }
            byType[type] = template
        }
        self.byType = byType
    }

    /// Fills the template of the order's type. - Throws: ``Unsendable``.
    package func render(
        _ order: NewDelivery, channel: [(name: String, value: JSONValue)] = []
    ) throws(Unsendable) -> RenderedMessage {
        guard let template = byType[order.type] ?? byType[TemplateChoice.anyType] else {
            throw Unsendable("template: none for the type \(order.type)")
        }
        return try template.render(order, channel: channel)
    }
}

extension TemplateNeeds {
    /// What a template lacks, in any of its languages; nil: nothing.
    func lack(in template: MessageTemplate) -> (message: String, help: String)? {
        let endings = oneOf.map(\.rawValue).joined(separator: " or ")
        guard template.parts[""] != nil else {
            return (
                "template '\(template.name)' has no file without a language",
                "add \(template.name).\(oneOf[0].rawValue), for customers whose language has none"
            )
        }
        for (language, parts) in template.parts.sorted(by: { $0.key < $1.key }) {
            let file = language.isEmpty ? template.name : "\(template.name).\(language)"
            guard let part = oneOf.lazy.compactMap({ parts[$0] }).first else {
                return ("template '\(file)' has no .\(endings)", "add \(file).\(oneOf[0].rawValue)")
            }
            if subject, part.subject == nil {
                return (
                    "\(part.file) has no subject",
                    "begin it with a line 'Subject: …' and an empty one"
                )
            }
        }
        return nil
    }
}
