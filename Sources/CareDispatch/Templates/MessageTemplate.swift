import CareStore
import CareValues
import Mustache

/// What a template made of one delivery.
public struct RenderedMessage: Sendable, Hashable {
    /// The first line's `Subject:`, on one line without line ends; nil: the template has none.
    public var subject: String?
    /// Plain text; nil: the template has no `.txt`.
    public var text: String?
    /// HTML; nil: the template has no `.html`.
    public var html: String?
    /// Markdown; nil: the template has no `.md`.
    public var markdown: String?
}

/// The files that make one message, in every language they are written in.
public struct MessageTemplate: Sendable {
    /// The largest part that is made, in bytes.
    static let largestPart = 1 << 20

    /// One file, ready to be filled.
    struct Part: Sendable {
        /// `birthday.zh-CN.txt`
        var file: String
        var body: MustacheTemplate
        var subject: MustacheTemplate?
        /// What it can include.
        var partials: MustacheLibrary
    }

    /// Its name: that of its files without language and ending.
    public let name: String
    /// By language in lower case, the empty one for everybody else.
    let parts: [String: [TemplateKind: Part]]

    /// Fills the template for `order`: in the customer's language where there are files for it (`zh-cn`, then `zh`), in
    /// the file without a language where not.
    ///
    /// - Parameter channel: what the channel adds to the names that every template knows.
    /// - Throws: ``Unsendable``: a name has no value, or there is no file for that language.
    package func render(
        _ order: NewDelivery, channel: [(name: String, value: JSONValue)] = []
    ) throws(Unsendable) -> RenderedMessage {
        let tags = LanguageTag.fallbacks(LanguageTag.read(order.language) ?? "")
        guard let parts = tags.lazy.compactMap({ self.parts[$0] }).first else {
            throw Unsendable("template \(name): no file without a language")
        }
        let members = JSONObject(uniqueMembers: TemplateNames.values(of: order) + channel)
        var message = RenderedMessage()
        for kind in TemplateKind.allCases {
            guard let part = parts[kind] else { continue }
            let body = try render(part, part.body, members)
            switch kind {
            case .text: message.text = body
            case .html: message.html = body
            case .markdown: message.markdown = body
            }
            guard message.subject == nil, let subject = part.subject else { continue }
            let line = try render(part, subject, members)
            message.subject = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return message
    }

    private func render(
        _ part: Part, _ template: MustacheTemplate, _ members: JSONObject
    ) throws(Unsendable) -> String {
        let missing = MissingName()
        let values = TemplateObject(members: members, path: "", missing: missing)
        var text = template.render(values, library: part.partials)
        if let path = missing.path {
            throw Unsendable("template \(part.file): no value for \(path)")
        }
        guard text.utf8.count <= Self.largestPart else {
            throw Unsendable("template \(part.file): more than \(Self.largestPart) bytes")
        }
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }
}

/// The names that every template knows.
enum TemplateNames {
    /// In the order of the manual.
    static let all = [
        "data", "customer", "campaign", "step", "action", "type", "address", "language", "id", "key", "time",
    ]

    /// Their values for one delivery.
    static func values(of order: NewDelivery) -> [(name: String, value: JSONValue)] {
        let key = JSONValue(storedText: order.key)
        func part(_ index: Int) -> JSONValue {
            guard case .array(let parts)? = key, parts.indices.contains(index) else { return .string("") }
            return parts[index]
        }
        return [
            ("data", order.data.isEmpty ? .object(JSONObject()) : JSONValue(storedText: order.data) ?? .null),
            ("customer", .object(["id": .string(order.customer)])),
            ("campaign", .string(order.campaign)), ("step", part(3)), ("action", part(4)),
            ("type", .string(order.type)), ("address", .string(order.address)), ("language", .string(order.language)),
            ("id", .string(order.id.text)), ("key", .string(order.key)), ("time", .string(order.decidedAt.iso8601)),
        ]
    }
}
