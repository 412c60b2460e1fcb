/// The text of one file of the templates' folder.
public struct TemplateSource: Sendable, Hashable {
    /// Its name for findings: `templates/birthday.zh-CN.txt`.
    public var file: String
    /// Its path below the templates' folder, `/` between folders: `birthday.zh-CN.txt`.
    public var path: String
    /// What it holds: UTF-8.
    public var bytes: [UInt8]

    /// A file with all its parts.
    public init(file: String, path: String, bytes: [UInt8]) {
        self.file = file
        self.path = path
        self.bytes = bytes
    }
}

/// What a template file makes, by its ending.
package enum TemplateKind: String, Sendable, Hashable, CaseIterable {
    /// Plain text: nothing is escaped.
    case text = "txt"
    /// HTML: what is filled in is escaped.
    case html
    /// The Markdown of chat robots: what is filled in has no meaning in it.
    case markdown = "md"
}

/// What a file's path says: `NAME.txt`, or `NAME.LANGUAGE.txt`.
struct TemplateFileName: Sendable, Hashable {
    /// The path without language and ending: `birthday`, `mail/birthday`.
    var name: String
    /// The language, in lower case: `zh-cn`; empty: the file for everybody else.
    var language: String
    /// By the ending.
    var kind: TemplateKind

    /// Why a path says nothing.
    enum Problem: Error, Hashable {
        case otherEnding
        case noName
        case notALanguage(String)
    }

    /// Reads a path below the templates' folder.
    init(_ path: String) throws(Problem) {
        let folderEnd = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let parts = path[folderEnd...].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let kind = TemplateKind(rawValue: String(parts[parts.count - 1])) else {
            throw .otherEnding
        }
        self.kind = kind
        guard !parts[0].isEmpty else { throw .noName }
        name = String(path[..<folderEnd]) + parts[0]
        guard parts.count > 2 else {
            language = ""
            return
        }
        let tag = parts[1..<(parts.count - 1)].joined(separator: ".")
        guard let read = LanguageTag.read(tag) else { throw .notALanguage(tag) }
        language = read
    }
}

/// Names of languages: RFC 5646 as far as file names and attributes need it.
package enum LanguageTag {
    /// `zh-CN`, `zh_cn` and `ZH-cn` as `zh-cn`; nil: no such name.
    static func read(_ text: String) -> String? {
        let parts = text.lowercased().replacing("_", with: "-").split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, (2...3).contains(first.utf8.count), first.utf8.allSatisfy(isLetter) else {
            return nil
        }
        for part in parts.dropFirst() {
            guard (1...8).contains(part.utf8.count), part.utf8.allSatisfy({ isLetter($0) || isDigit($0) }) else {
                return nil
            }
        }
        return parts.joined(separator: "-")
    }

    /// What to look for, the best first: `zh-hans-cn` gives itself, `zh-hans`, `zh` and the empty one.
    ///
    /// Source: RFC 4647, section 3.4, "Lookup".
    static func fallbacks(_ tag: String) -> [String] {
        guard !tag.isEmpty else { return [""] }
        var parts = tag.split(separator: "-")
        var tags: [String] = []
        while !parts.isEmpty {
            tags.append(parts.joined(separator: "-"))
            parts.removeLast()
            // A single letter only introduces what follows it.
            if let last = parts.last, last.utf8.count == 1 { parts.removeLast() }
        }
        return tags + [""]
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
