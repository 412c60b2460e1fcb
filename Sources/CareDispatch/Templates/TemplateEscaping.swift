import Mustache

extension TemplateKind {
    /// What swift-mustache calls the way that values are escaped in such a file.
    var contentType: String {
        switch self {
        case .text: "TEXT"
        case .html: HTMLEscaping.name
        case .markdown: MarkdownEscaping.name
        }
    }

    /// Makes the names known to swift-mustache, once.
    static var knowsContentTypes: Bool { HTMLEscaping.isRegistered && MarkdownEscaping.isRegistered }
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

/// Takes the meaning from what is filled into the Markdown of chat robots: what a customer is called can neither link nor
/// mention nor change how the rest looks.
///
/// Only WeCom and DingTalk are sent Markdown, and neither names an escape: a backslash may be shown, and an
/// entity too. So a sign that may mean something becomes its full-width twin (U+FF01 to U+FF5E), which reads the same and
/// means nothing to any robot. An address that is written out is left: a robot's reader sees where it leads, as in plain
/// text.
struct MarkdownEscaping: MustacheContentType {
    /// Its name in the pragma.
    static let name = "CARE_MARKDOWN"
    /// Makes the name known, once.
    static let isRegistered: Bool = {
        MustacheContentTypes.register(MarkdownEscaping(), named: name)
        return true
    }()

    /// How far a full-width sign lies behind the one it looks like.
    private static let distance: UInt32 = 0xFEE0

    func escapeText(_ text: String) -> String {
        guard text.utf8.contains(where: { Self.isSpecial($0) || Self.isSpecialOutsideWords($0) }) else { return text }
        let bytes = Array(text.utf8)
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count + 32)
        for (index, byte) in bytes.enumerated() {
            let means =
                Self.isSpecial(byte) || Self.isSpecialOutsideWords(byte) && !Self.isInsideWord(bytes, at: index)
            if means, let twin = Unicode.Scalar(UInt32(byte) + Self.distance) {
                escaped += String(Character(twin)).utf8
            } else {
                escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// Emphasis, code, links, pictures, tags and WeCom's mentions, quotations, tables, lines struck out, escapes.
    private static func isSpecial(_ byte: UInt8) -> Bool { "*`[]()<>|~\\".utf8.contains(byte) }

    /// Emphasis, DingTalk's mentions, headings: within `order_12` and `ann@example.com` they are none, and a link or an
    /// address that has them still works.
    private static func isSpecialOutsideWords(_ byte: UInt8) -> Bool { "_@#".utf8.contains(byte) }

    private static func isInsideWord(_ bytes: [UInt8], at index: Int) -> Bool {
        index > 0 && index + 1 < bytes.count && isOfWord(bytes[index - 1]) && isOfWord(bytes[index + 1])
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
