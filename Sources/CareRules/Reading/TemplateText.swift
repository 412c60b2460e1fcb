/// The pieces of a text with `{{path}}` places, before the paths are checked.
struct TemplateText: Equatable {
    /// A piece of the text.
    enum Piece: Equatable {
        /// Taken over as it is.
        case literal(String)
        /// A path, blanks around it taken off; its place in the text in UTF-8 bytes.
        case place(path: String, bytes: Range<Int>)
    }
    /// What is wrong with a text.
    struct Problem: Error, Equatable {
        /// One sentence.
        var message: String
        /// What to do.
        var help: String
        /// The place in the text in UTF-8 bytes.
        var bytes: Range<Int>
    }

    /// The pieces in order; neighbours are never both literal.
    var pieces: [Piece] = []

    /// Whether there is no place to fill.
    var isLiteral: Bool {
        pieces.allSatisfy { if case .literal = $0 { true } else { false } }
    }

    /// Splits a text; of several problems the first is thrown.
    init(_ text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        let brace = UInt8(ascii: "{")
        let close = UInt8(ascii: "}")
        var literalStart = 0
        var index = 0
        while index + 1 < bytes.count {
            guard bytes[index] == brace, bytes[index + 1] == brace else {
                index += 1
                continue
            }
            var end = index + 2
            while end + 1 < bytes.count, !(bytes[end] == close && bytes[end + 1] == close) { end += 1 }
            guard end + 1 < bytes.count else {
                throw Problem(
                    message: "'{{' is not closed", help: "write {{name}}; a single '{' needs no care",
                    bytes: index..<min(index + 2, bytes.count))
            }
            var first = index + 2
            var last = end
            while first < last, bytes[first] == 0x20 { first += 1 }
            while last > first, bytes[last - 1] == 0x20 { last -= 1 }
            let path = String(decoding: bytes[first..<last], as: UTF8.self)
            guard !path.isEmpty else {
                throw Problem(
                    message: "'{{}}' names nothing", help: "write {{customer.id}}, {{name}} or {{entry.amount}}",
                    bytes: index..<(end + 2))
            }
            if let odd = bytes[first..<last].first(where: {
                [brace, close, 0x23, 0x2F, 0x5E, 0x26, 0x3E, 0x21].contains($0)
            }) {
                throw Problem(
                    message: "'{{\(path)}}' is no path: it holds '\(String(UnicodeScalar(odd)))'",
                    help: "only names are filled in, without sections; compute with { \"$value\": … }",
                    bytes: first..<last)
            }
            if literalStart < index {
                pieces.append(.literal(String(decoding: bytes[literalStart..<index], as: UTF8.self)))
            }
            pieces.append(.place(path: path, bytes: first..<last))
            index = end + 2
            literalStart = index
        }
        if literalStart < bytes.count {
            pieces.append(.literal(String(decoding: bytes[literalStart...], as: UTF8.self)))
        }
    }
}
