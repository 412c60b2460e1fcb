/// A piece of a page. What it is made of is escaped when it is made: there is no way to put text into it unescaped.
///
/// The names of elements and attributes, and text that is taken over as it is, are literals of this program
/// (`StaticString`); everything else is text or the value of an attribute.
struct Markup: Sendable, Equatable {
    /// The HTML.
    private(set) var html: String

    /// Nothing.
    static let empty = Markup(html: "")

    private init(html: String) {
        self.html = html
    }

    /// Whether there is nothing in it.
    var isEmpty: Bool { html.isEmpty }

    /// Text, escaped.
    static func text(_ text: String) -> Markup { Markup(html: escaped(text)) }

    /// A literal of this program, taken over as it is.
    static func constant(_ literal: StaticString) -> Markup { Markup(html: literal.description) }

    /// One after another.
    static func joined(_ parts: [Markup]) -> Markup {
        var html = ""
        for part in parts { html += part.html }
        return Markup(html: html)
    }

    /// One after another, with something between each two.
    static func joined(_ parts: [Markup], separator: Markup) -> Markup {
        var html = ""
        for (index, part) in parts.enumerated() {
            if index > 0 { html += separator.html }
            html += part.html
        }
        return Markup(html: html)
    }

    static func + (left: Markup, right: Markup) -> Markup { Markup(html: left.html + right.html) }

    /// An element with what it holds; one that can hold nothing (`input`, `meta`) has no end tag.
    static func element(_ name: StaticString, _ attributes: [Attribute], _ content: Markup) -> Markup {
        let name = name.description
        var html = "<" + name
        for attribute in attributes {
            html += " " + attribute.name.description
            if let value = attribute.value { html += "=\"" + escaped(value) + "\"" }
        }
        html += ">"
        if voidElements.contains(name) { return Markup(html: html) }
        return Markup(html: html + content.html + "</" + name + ">")
    }

    private static let voidElements: Set<String> = ["br", "hr", "img", "input", "link", "meta"]

    /// Text so that it can stand between tags and in quoted values. What HTML cannot hold becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || needsEscape($0) }) else {
                return String(decoding: bytes, as: UTF8.self)
            }
            var escaped: [UInt8] = []
            escaped.reserveCapacity(bytes.count + 32)
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "&"): escaped += "&amp;".utf8
                case UInt8(ascii: "<"): escaped += "&lt;".utf8
                case UInt8(ascii: ">"): escaped += "&gt;".utf8
                case UInt8(ascii: "\""): escaped += "&quot;".utf8
                case UInt8(ascii: "'"): escaped += "&#39;".utf8
                case 0x09, 0x0A: escaped.append(byte)
                case 0x00..<0x20, 0x7F: escaped += "\u{FFFD}".utf8
                default: escaped.append(byte)
                }
            }
            return String(decoding: escaped, as: UTF8.self)
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        default: false
        }
    }
}

/// One attribute of an element.
struct Attribute: Sendable {
    /// A literal of this program.
    var name: StaticString
    /// Nil: it stands without one, as `checked`.
    var value: String?

    init(_ name: StaticString, _ value: String?) {
        self.name = name
        self.value = value
    }

    /// A name of the style sheet.
    static func `class`(_ names: StaticString) -> Attribute { Attribute("class", names.description) }
    /// A place of this program: nothing else can be linked to.
    static func href(_ link: Link) -> Attribute { Attribute("href", link.text) }
    static func id(_ id: String) -> Attribute { Attribute("id", id) }
    static func flag(_ name: StaticString) -> Attribute { Attribute(name, nil) }
    /// Of SVG: a length or a place, at most two decimals.
    static func number(_ name: StaticString, _ value: Double) -> Attribute { Attribute(name, decimal(value)) }

    /// A number with at most two decimals, as SVG wants it.
    static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = (hundredths.magnitude / 100, hundredths.magnitude % 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return sign + String(whole) }
        let digits = rest < 10 ? "0" + String(rest) : String(rest)
        return sign + String(whole) + "." + (digits.hasSuffix("0") ? String(digits.dropLast()) : digits)
    }
}

/// Collects the pieces of a block.
@resultBuilder
enum MarkupBuilder {
    static func buildExpression(_ markup: Markup) -> [Markup] { [markup] }
    static func buildExpression(_ text: String) -> [Markup] { [Markup.text(text)] }
    static func buildExpression(_ markup: [Markup]) -> [Markup] { markup }
    static func buildBlock(_ parts: [Markup]...) -> [Markup] { parts.flatMap { $0 } }
    static func buildOptional(_ parts: [Markup]?) -> [Markup] { parts ?? [] }
    static func buildEither(first parts: [Markup]) -> [Markup] { parts }
    static func buildEither(second parts: [Markup]) -> [Markup] { parts }
    static func buildArray(_ parts: [[Markup]]) -> [Markup] { parts.flatMap { $0 } }
    static func buildFinalResult(_ parts: [Markup]) -> Markup { Markup.joined(parts) }
}

/// An element: `tag("p", .class("lead")) { "Text" }`.
func tag(
    _ name: StaticString, _ attributes: Attribute?..., @MarkupBuilder content: () -> Markup = { Markup.empty }
) -> Markup {
    Markup.element(name, attributes.compactMap { $0 }, content())
}

/// An element with a class alone.
func tag(_ name: StaticString, _ css: StaticString, @MarkupBuilder content: () -> Markup) -> Markup {
    Markup.element(name, [.class(css)], content())
}
