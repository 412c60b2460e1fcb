import CareValues

/// Reads the tags of a template: what it asks for and where, what is wrong with it, and the text for swift-mustache.
struct TemplateScanner {
    /// How deep sections may lie in each other.
    static let deepest = 50

    /// A section that is not closed yet.
    private struct Open {
        enum Kind { case section(TemplatePath, isInverted: Bool), parent, block }
        var kind: Kind
        /// As its closing tag must name it.
        var name: String
        var range: Range<Int>
        var nodes: [TemplateNode] = []
    }

    let source: SourceText
    let kind: TemplateKind
    private(set) var findings: [Diagnostic] = []
    private var output: [UInt8] = []
    private var open: [Open] = []
    private var nodes: [TemplateNode] = []

    init(_ source: SourceText, kind: TemplateKind) {
        self.source = source
        self.kind = kind
    }

    private var bytes: [UInt8] { source.bytes }

    /// The tags in `range` of the file, and the text for swift-mustache.
    mutating func scan(_ range: Range<Int>) -> (nodes: [TemplateNode], text: String) {
        (output, open, nodes) = ([], [], [])
        output.reserveCapacity(range.count + 256)
        var index = range.lowerBound
        while index < range.upperBound {
            if bytes[index] == UInt8(ascii: "{"), index + 1 < range.upperBound, bytes[index + 1] == bytes[index] {
                index = readTag(at: index, end: range.upperBound)
                continue
            }
            // Lines of files from elsewhere may end with CR LF.
            let isLineEnd = bytes[index] == 0x0D && index + 1 < range.upperBound && bytes[index + 1] == 0x0A
            if !isLineEnd { output.append(bytes[index]) }
            index += 1
        }
        for section in open {
            fail(section.range, "'\(section.name)' is never closed", "write {{/\(section.name)}} where it ends")
        }
        return (nodes, String(decoding: output, as: UTF8.self))
    }

    private mutating func fail(_ range: Range<Int>, _ message: String, _ help: String? = nil) {
        findings.append(source.diagnostic(at: range, code: "template.bad-tag", message: message, help: help))
    }

    // MARK: Tags

    /// Reads the tag that begins at `start`; gives the byte behind it.
    private mutating func readTag(at start: Int, end: Int) -> Int {
        let isTriple = start + 2 < end && bytes[start + 2] == UInt8(ascii: "{")
        let inside = start + (isTriple ? 3 : 2)
        let isComment = inside < end && bytes[inside] == UInt8(ascii: "!")
        guard let close = closing(from: inside, end: end, isTriple: isTriple, mayNest: isComment) else {
            fail(start..<(start + 2), "'{{' is not closed", "write {{data.name}}; a single '{' needs no care")
            return end
        }
        let whole = start..<(close + (isTriple ? 3 : 2))
        guard !isComment else {
            emit("{{!}}")
            return whole.upperBound
        }
        var content = trimmed(inside..<close)
        var sigil: UInt8 = isTriple ? UInt8(ascii: "&") : 0
        if !isTriple, let first = content.first.map({ bytes[$0] }), "#^/><$&=%".utf8.contains(first) {
            sigil = first
            content = trimmed((content.lowerBound + 1)..<content.upperBound)
        }
        readTag(sigil, content, whole)
        return whole.upperBound
    }

    private mutating func readTag(_ sigil: UInt8, _ content: Range<Int>, _ whole: Range<Int>) {
        switch sigil {
        case UInt8(ascii: "#"), UInt8(ascii: "^"):
            guard let path = path(content, whole) else { return }
            let isInverted = sigil == UInt8(ascii: "^")
            begin(Open(kind: .section(path, isInverted: isInverted), name: text(content), range: whole))
            emit("{{\(isInverted ? "^" : "#")\(TemplateSpelling.path(path, isVariable: false))}}")
        case UInt8(ascii: "/"):
            finish(content, whole)
        case UInt8(ascii: ">"):
            guard let name = fileName(content, whole) else { return }
            add(.partial(name: name, range: whole), whole)
            emit("{{>\(TemplateSpelling.plain(name))}}")
        case UInt8(ascii: "<"):
            guard let name = fileName(content, whole) else { return }
            begin(Open(kind: .parent, name: name, range: whole))
            emit("{{<\(TemplateSpelling.plain(name))}}")
        case UInt8(ascii: "$"):
            guard let path = path(content, whole), path.transforms.isEmpty, path.names.count == 1 else {
                if findings.isEmpty { fail(whole, "the name of a block is one word") }
                return
            }
            begin(Open(kind: .block, name: text(content), range: whole))
            emit("{{$\(TemplateSpelling.plain(path.names[0]))}}")
        case UInt8(ascii: "="):
            fail(whole, "other delimiters than {{ and }} are not known here")
        case UInt8(ascii: "%"):
            fail(whole, "pragmas are not known here", "the file's ending says whether what is filled in is escaped")
        case UInt8(ascii: "&"):
            guard let path = path(content, whole) else { return }
            if kind == .html {
                findings.append(
                    source.diagnostic(
                        at: whole, severity: .warning, code: "template.unescaped",
                        message: "'\(path.text)' goes into HTML as it is",
                        help: "write {{\(path.text)}}, or be sure that no customer writes it"))
            }
            add(.variable(path), whole)
            emit("{{&\(TemplateSpelling.path(path, isVariable: true))}}")
        default:
            guard let path = path(content, whole) else { return }
            add(.variable(path), whole)
            emit("{{\(TemplateSpelling.path(path, isVariable: true))}}")
        }
    }

    private mutating func emit(_ text: String) { output.append(contentsOf: text.utf8) }

    private mutating func add(_ node: TemplateNode, _ range: Range<Int>) {
        guard let last = open.indices.last else {
            nodes.append(node)
            return
        }
        if case .parent = open[last].kind {
            if case .block = node {
            } else {
                fail(range, "only blocks, {{$name}}, stand inside {{<\(open[last].name)}}")
            }
        }
        open[last].nodes.append(node)
    }

    private mutating func begin(_ section: Open) {
        if open.count == Self.deepest {
            fail(section.range, "sections lie more than \(Self.deepest) deep in each other")
        }
        open.append(section)
    }

    private mutating func finish(_ content: Range<Int>, _ whole: Range<Int>) {
        let name = text(content)
        guard let section = open.last else {
            fail(whole, "'\(name)' is closed here, and was not opened")
            return
        }
        guard section.name == name else {
            let line = source.position(ofOffset: section.range.lowerBound).line
            fail(
                whole, "'\(name)' is closed here, and '\(section.name)' of line \(line) is still open",
                "write {{/\(section.name)}} first")
            return
        }
        open.removeLast()
        switch section.kind {
        case .section(let path, let isInverted):
            add(.section(path, isInverted: isInverted, section.nodes), section.range)
            emit("{{/\(TemplateSpelling.path(path, isVariable: false))}}")
        case .parent:
            add(.parent(name: name, range: section.range, section.nodes), section.range)
            emit("{{/\(TemplateSpelling.plain(name))}}")
        case .block:
            add(.block(name: name, section.nodes), section.range)
            emit("{{/\(TemplateSpelling.plain(name))}}")
        }
    }

    // MARK: Names

    /// What is done to a text, to a list, or asked of a place in a list.
    private static let transforms = [
        "empty", "capitalized", "lowercased", "uppercased", "reversed", "first", "last", "count", "index", "even",
        "odd",
    ]
    private static let places = ["index", "first", "last", "even", "odd"]

    private mutating func path(_ range: Range<Int>, _ whole: Range<Int>) -> TemplatePath? {
        var rest = text(range)[...]
        var path = TemplatePath(names: [], transforms: [], range: whole)
        while let bracket = rest.firstIndex(of: "(") {
            guard rest.last == ")" else {
                fail(whole, "'(' is not closed")
                return nil
            }
            let transform = String(rest[..<bracket])
            guard Self.transforms.contains(transform) else {
                fail(
                    whole, "there is no '\(transform)()'",
                    nearest(transform, in: Self.transforms).map { "did you mean '\($0)'?" }
                        ?? "known: \(Self.transforms.joined(separator: ", "))")
                return nil
            }
            path.transforms.append(transform)
            rest = rest[rest.index(after: bracket)...].dropLast()
        }
        if rest.isEmpty, path.transforms.count == 1, Self.places.contains(path.transforms[0]) {
            path.isPlace = true
            return path
        }
        if rest == "." { return path }
        path.names = rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.names.allSatisfy(Self.isName) else {
            let shown = text(range)
            fail(
                whole, shown.isEmpty ? "a tag without a name" : "'\(shown)' is no name",
                "write {{data.name}}, {{customer.id}} or {{#data.items}}…{{/data.items}}")
            return nil
        }
        return path
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                if scalar.value >= 0x80 {
                    let properties = scalar.properties
                    return !properties.isWhitespace && properties.generalCategory != .control
                }
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_", "-": return true
                default: return false
                }
            }
    }

    private mutating func fileName(_ range: Range<Int>, _ whole: Range<Int>) -> String? {
        let name = text(range)
        guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || "*.{}".contains($0) }) else {
            fail(
                whole, name.isEmpty ? "a tag without a name" : "'\(name)' names no template file",
                "write {{>footer}} for footer.\(kind.rawValue), {{>mail/footer}} for one in a folder")
            return nil
        }
        return name
    }

    // MARK: Bytes

    private func closing(from start: Int, end: Int, isTriple: Bool, mayNest: Bool) -> Int? {
        let brace = UInt8(ascii: "}")
        var index = start
        while index + 1 < end {
            if bytes[index] == brace, bytes[index + 1] == brace {
                if !isTriple { return index }
                if index + 2 < end, bytes[index + 2] == brace { return index }
            }
            if !mayNest, bytes[index] == UInt8(ascii: "{"), bytes[index + 1] == UInt8(ascii: "{") { return nil }
            index += 1
        }
        return nil
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start] <= 0x20 { start += 1 }
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        return start..<end
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
