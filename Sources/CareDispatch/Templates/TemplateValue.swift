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

/// Escapes what is filled into HTML.
///
/// swift-mustache's own escaping compares characters: a quote with an accent on it, which is one character, it leaves,
/// and the attribute ends there. This one looks at code points.
struct HTMLEscaping: MustacheContentType {
    /// Its name in the pragma.
    static let name = "CARE_HTML"
    /// Makes the name known, once.
    static let isRegistered: Bool = {
        MustacheContentTypes.register(HTMLEscaping(), named: name)
        return true
    }()

    func escapeText(_ text: String) -> String {
        guard text.utf8.contains(where: Self.isSpecial) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 32)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool { "<>&\"'".utf8.contains(byte) }
}
