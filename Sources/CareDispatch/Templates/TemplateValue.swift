import CareValues
import Mustache

/// Notes the first name that a template asks for in vain.
final class MissingName {
    var path: String?

    func note(_ path: String) {
        if self.path == nil { self.path = path }
    }
}

/// A JSON value as swift-mustache sees it.
struct TemplateValue: MustacheCustomRepresentation {
    let value: JSONValue
    /// Where it was found: `data.items`.
    let path: String
    let missing: MissingName

    /// null is nothing: a section over it is passed over, as a variable it is empty.
    var representation: Any? {
        switch value {
        case .null: nil
        case .bool(let flag): flag
        case .number: TemplateText(text: value.canonicalText, path: path, missing: missing)
        case .string(let text): TemplateText(text: text, path: path, missing: missing)
        case .array(let elements):
            TemplateList(elements: elements.map { TemplateValue(value: $0, path: path, missing: missing) })
        case .object(let members): TemplateObject(members: members, path: path, missing: missing)
        }
    }
}

/// An object: its members by their names.
struct TemplateObject: MustacheParent, MustacheCustomRenderable {
    let members: JSONObject
    /// Empty: it is the outermost, where the search for a name ends.
    let path: String
    let missing: MissingName

    var renderText: String { JSONValue.object(members).canonicalText }
    var isNull: Bool { false }

    func child(named spelled: String) -> Any? {
        let (name, mark) = TemplateSpelling.read(spelled)
        if let value = members[name] {
            return TemplateValue(value: value, path: path.isEmpty ? name : "\(path).\(name)", missing: missing)
        }
        switch mark {
        case .first: if path.isEmpty { missing.note(name) }
        case .further: missing.note("\(path).\(name)")
        case .section: break
        }
        return nil
    }
}

/// Text, or a number's digits.
struct TemplateText: MustacheParent, MustacheCustomRenderable, MustacheTransformable {
    let text: String
    let path: String
    let missing: MissingName

    var renderText: String { text }
    var isNull: Bool { false }

    func child(named spelled: String) -> Any? {
        let (name, mark) = TemplateSpelling.read(spelled)
        if mark == .further { missing.note("\(path).\(name)") }
        return nil
    }

    func transform(_ name: String) -> Any? { text.transform(name) }
}

/// A list: a section goes over it; as a variable its elements stand with commas between them.
struct TemplateList: MustacheSequence, MustacheCustomRenderable, MustacheTransformable {
    let elements: [TemplateValue]

    func makeIterator() -> IndexingIterator<[TemplateValue]> { elements.makeIterator() }

    var renderText: String {
        elements.map { element in
            if case .string(let text) = element.value { text } else { element.value.canonicalText }
        }.joined(separator: ", ")
    }
    var isNull: Bool { false }

    func transform(_ name: String) -> Any? {
        switch name {
        case "first": elements.first?.representation
        case "last": elements.last?.representation
        case "count": elements.count
        case "empty": elements.isEmpty
        case "reversed": TemplateList(elements: elements.reversed())
        default: nil
        }
    }
}
