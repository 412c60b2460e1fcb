/// What a template asks for: `{{data.name}}`, `{{uppercased(data.name)}}`.
struct TemplatePath: Sendable, Hashable {
    /// The names between the points; empty: the value at hand, `{{.}}`, or the place in a list.
    var names: [String]
    /// What is done to the value, the last one first.
    var transforms: [String]
    /// It asks for the place in a list, `{{index()}}`, by its only transform.
    var isPlace = false
    /// Where it stands, in bytes of the file.
    var range: Range<Int>

    /// `data.name`; `.` for the value at hand.
    var text: String { names.isEmpty ? "." : names.joined(separator: ".") }
}

/// A tag of a template, with what it encloses.
indirect enum TemplateNode: Sendable, Hashable {
    /// `{{path}}`
    case variable(TemplatePath)
    /// `{{#path}}…{{/path}}`, or `{{^path}}…{{/path}}`
    case section(TemplatePath, isInverted: Bool, [TemplateNode])
    /// `{{>name}}`
    case partial(name: String, range: Range<Int>)
    /// `{{<name}}{{$block}}…{{/block}}{{/name}}`
    case parent(name: String, range: Range<Int>, [TemplateNode])
    /// `{{$name}}…{{/name}}`
    case block(name: String, [TemplateNode])

    /// The names of other files in it, with their places.
    static func partials(in nodes: [TemplateNode]) -> [(name: String, range: Range<Int>)] {
        nodes.flatMap { node -> [(name: String, range: Range<Int>)] in
            switch node {
            case .variable: []
            case .section(_, _, let inner), .block(_, let inner): partials(in: inner)
            case .partial(let name, let range): [(name, range)]
            case .parent(let name, let range, let inner): [(name, range)] + partials(in: inner)
            }
        }
    }
}

/// How names stand in the text that swift-mustache gets.
///
/// It knows only ASCII names, and does not say which names have no value. So a name is marked by what it is, and
/// spelled in hexadecimal digits where it has other characters: `data.姓名` as a variable is `?data.*--e5a793e5908d`.
enum TemplateSpelling {
    /// What a name is marked by.
    enum Mark: String {
        /// The first name of a variable: looked for in all enclosing sections.
        case first = "?"
        /// A further name of a variable.
        case further = "*"
        /// Of a section: it may be missing.
        case section = ""
    }

    /// The name of a file or a block.
    static func plain(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        if isPlain { return name }
        let digits = Array("0123456789abcdef".utf8)
        let bytes = name.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "--" + String(decoding: bytes, as: UTF8.self)
    }

    /// A path, its transforms around it.
    static func path(_ path: TemplatePath, isVariable: Bool) -> String {
        let names = path.names.enumerated().map { index, name in
            (isVariable ? (index == 0 ? Mark.first : .further) : .section).rawValue + plain(name)
        }
        var text = names.joined(separator: ".")
        if names.isEmpty, !path.isPlace { text = "." }
        for transform in path.transforms.reversed() { text = "\(transform)(\(text))" }
        return text
    }

    /// The name and its mark.
    static func read(_ spelled: String) -> (name: String, mark: Mark) {
        let mark: Mark = spelled.first == "?" ? .first : spelled.first == "*" ? .further : .section
        let name = mark == .section ? spelled[...] : spelled.dropFirst()
        guard name.hasPrefix("--") else { return (String(name), mark) }
        var bytes: [UInt8] = []
        var rest = name.utf8.dropFirst(2)
        while let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return (String(decoding: bytes, as: UTF8.self), mark)
    }
}
