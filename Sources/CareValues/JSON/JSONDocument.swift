/// Why a text is not a usable document: everything that was found.
public struct JSONDocumentError: Error, Sendable, Hashable {
    /// The findings, by place; at least one, all errors.
    public var diagnostics: [Diagnostic]

    /// These findings.
    public init(diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}

/// A JSON text whose every value knows its place: rule files, settings, test files.
///
/// A tape over the bytes; no tree, no strings until they are asked for. Lines are counted only for a diagnostic.
public final class JSONDocument: Sendable {
    /// The text itself.
    public let source: SourceText
    let words: [UInt64]

    /// The file's name as the user gave it.
    public var file: String { source.file }
    var bytes: [UInt8] { source.bytes }

    private init(source: SourceText, words: [UInt64]) {
        self.source = source
        self.words = words
    }

    /// Reads `bytes`, or says what is wrong with them.
    ///
    /// A text with a syntax error has that one finding and no document. Duplicate keys, where the limits refuse them,
    /// are all found (up to ``JSONLimits/reportedDuplicateKeys``), and the document is still there, so that a checker can go on and report the rest too.
    public static func read(
        file: String, bytes: [UInt8], limits: JSONLimits = .ruleFile
    ) -> (document: JSONDocument?, diagnostics: [Diagnostic]) {
        let source = SourceText(file: file, bytes: bytes)
        do throws(JSONSyntaxError) {
            guard bytes.count <= limits.maximumBytes else { throw JSONSyntaxError(.tooLarge, at: limits.maximumBytes) }
            let room = JSONScanner.capacity(byteCount: bytes.count, limits: limits)
            let scratch = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: room)
            defer { scratch.deallocate() }
            // Safety: the span is used only inside this call, within the allocation above. The words are not set to
            // zero first, so that what a text does not need is never touched; the scanner writes before it reads.
            var span = scratch.mutableSpan
            let count = try JSONScanner.scan(bytes.span, into: &span, limits: limits)
            let document = JSONDocument(source: source, words: Array(scratch[..<count]))
            return (document, limits.allowsDuplicateKeys ? [] : document.duplicateKeys())
        } catch {
            return (nil, [error.diagnostic(in: source, limits: limits)])
        }
    }

    /// Reads `bytes`, or throws everything that is wrong with them, duplicate keys included.
    public convenience init(file: String, bytes: [UInt8], limits: JSONLimits = .ruleFile) throws(JSONDocumentError) {
        let (document, diagnostics) = JSONDocument.read(file: file, bytes: bytes, limits: limits)
        guard let document, diagnostics.isEmpty else { throw JSONDocumentError(diagnostics: diagnostics) }
        self.init(source: document.source, words: document.words)
    }

    /// The value of the whole text.
    public var root: JSONNode { JSONNode(document: self, index: 0) }

    /// The 1-based line and the 1-based column, in code points, of the byte at `offset`.
    public func position(ofOffset offset: Int) -> (line: Int, column: Int) {
        source.position(ofOffset: offset)
    }

    /// A finding at `node`: the caret underlines a scalar whole, of a list or an object only the opening bracket.
    public func diagnostic(
        at node: JSONNode, severity: Diagnostic.Severity = .error, code: String, message: String, help: String? = nil
    ) -> Diagnostic {
        let isContainer = node.kind == .array || node.kind == .object
        return source.diagnostic(
            at: node.offset..<(isContainer ? node.offset + 1 : node.endOffset), severity: severity, code: code,
            message: message, help: help, path: node.path)
    }

    /// Whether two members of an object may have one name: told at once of most, which have few.
    private func mayRepeatKeys(_ object: JSONNode) -> Bool {
        var names: [String] = []
        for (key, _) in object.members {
            guard names.count < 16 else { return true }
            let name = key.string ?? ""
            for earlier in names where earlier.utf8.count == name.utf8.count && earlier.utf8.elementsEqual(name.utf8) {
                return true
            }
            names.append(name)
        }
        return false
    }

    /// Every member whose name an earlier member of its object has; at most ``JSONLimits/reportedDuplicateKeys``.
    private func duplicateKeys() -> [Diagnostic] {
        var findings: [Diagnostic] = []
        var index = 0
        while index < words.count, findings.count < JSONLimits.reportedDuplicateKeys {
            let word = words[index]
            if JSONWord.kind(word) == JSONWord.object, mayRepeatKeys(JSONNode(document: self, index: index)) {
                var first: [[UInt8]: JSONNode] = [:]
                for (key, _) in JSONNode(document: self, index: index).members {
                    let name = key.string ?? ""
                    guard let earlier = first[Array(name.utf8)] else {
                        first[Array(name.utf8)] = key
                        continue
                    }
                    guard findings.count < JSONLimits.reportedDuplicateKeys else { break }
                    let line = position(ofOffset: earlier.offset).line
                    let own = position(ofOffset: key.offset).line
                    findings.append(
                        diagnostic(
                            at: key, code: JSONSyntaxReason.duplicateKey.code,
                            message: "the name '\(name)' is used twice in one object",
                            help: line == own ? "its first use is in the same line" : "its first use is in line \(line)"
                        ))
                }
            }
            index += JSONWord.kind(word) >= JSONWord.array ? 2 : 1
        }
        return findings.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }
}

extension JSONValue {
    /// Reads one JSON text: RFC 8259, strict, 64 deep, duplicate keys refused; nil for anything else.
    public init?(jsonText: String) {
        guard let document = try? JSONDocument(file: "", bytes: Array(jsonText.utf8)) else { return nil }
        self = document.root.value
    }

    /// Reads back one JSON text that Care has written, within ``JSONLimits/stored``; nil: it is none.
    public init?(storedText: String) {
        guard let document = try? JSONDocument(file: "", bytes: Array(storedText.utf8), limits: .stored) else {
            return nil
        }
        self = document.root.value
    }
}
