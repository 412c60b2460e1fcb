import CareValues
import Mustache

/// The template files of a folder, read and checked together.
public struct MessageTemplates: Sendable {
    /// The largest file, in bytes.
    public static let largestFile = 1 << 18
    /// The endings of template files.
    public static let endings = TemplateKind.allCases.map { ".\($0.rawValue)" }

    /// A file whose tags are known.
    struct File: Sendable {
        var source: SourceText
        var name: TemplateFileName
        /// The part behind the subject, and the subject.
        var body: [TemplateNode]
        var subject: [TemplateNode]?
        fileprivate(set) var bodyText: String
        fileprivate(set) var subjectText: String?
    }

    /// All files, by what their paths say.
    private(set) var files: [TemplateFileName: File] = [:]
    private var templates: [String: MessageTemplate] = [:]

    /// No templates.
    public static let none = MessageTemplates()

    private init() {}

    /// Reads the files of a folder.
    ///
    /// - Returns: the templates, without those that have mistakes; and all findings, by file and place.
    public static func read(_ sources: [TemplateSource]) -> (templates: MessageTemplates, diagnostics: [Diagnostic]) {
        var reader = TemplateReader()
        for source in sources { reader.add(source) }
        reader.checkPartials()
        var templates = MessageTemplates()
        guard !reader.findings.contains(where: { $0.severity == .error }) else {
            return (templates, reader.findings.sorted())
        }
        templates.files = reader.files
        reader.compile(into: &templates.templates)
        return (reader.findings.contains { $0.severity == .error } ? .none : templates, reader.findings.sorted())
    }

    /// The names of all templates, ascending.
    var names: [String] { Set(files.keys.map(\.name)).sorted() }

    /// The template of that name; nil: there is none.
    func template(_ name: String) -> MessageTemplate? { templates[name] }

    /// The file that `{{>name}}` means in a file of `kind` and `language`.
    func file(_ name: String, kind: TemplateKind, language: String) -> File? {
        LanguageTag.fallbacks(language).lazy
            .compactMap { files[TemplateFileName(name: name, language: $0, kind: kind)] }.first
    }
}

extension TemplateFileName {
    init(name: String, language: String, kind: TemplateKind) {
        self.name = name
        self.language = language
        self.kind = kind
    }
}

/// Reads template files one after another, noting every finding.
private struct TemplateReader {
    typealias File = MessageTemplates.File

    var files: [TemplateFileName: File] = [:]
    var findings: [Diagnostic] = []

    mutating func add(_ source: TemplateSource) {
        let text = SourceText(file: source.file, bytes: source.bytes)
        func fail(_ code: String, _ message: String, _ help: String?) {
            findings.append(text.diagnostic(at: 0..<0, code: code, message: message, help: help))
        }
        let name: TemplateFileName
        do throws(TemplateFileName.Problem) {
            name = try TemplateFileName(source.path)
        } catch {
            switch error {
            case .otherEnding: return
            case .noName: fail("template.bad-name", "a template file needs a name", "for example birthday.txt")
            case .notALanguage(let tag):
                fail(
                    "template.bad-name", "'\(tag)' in the name of the file is no language",
                    "name it NAME.\(TemplateKind.text.rawValue) or NAME.zh-CN.\(TemplateKind.text.rawValue)")
            }
            return
        }
        guard source.bytes.count <= MessageTemplates.largestFile else {
            fail("template.too-large", "the file is larger than \(MessageTemplates.largestFile) bytes", nil)
            return
        }
        guard String(validating: source.bytes, as: UTF8.self) != nil else {
            fail("template.bad-text", "the file is not UTF-8", nil)
            return
        }
        if let other = files[name] {
            fail("template.bad-name", "\(other.source.file) is the same template in the same language", nil)
            return
        }
        files[name] = read(text, name)
    }

    private mutating func read(_ source: SourceText, _ name: TemplateFileName) -> File {
        var scanner = TemplateScanner(source, kind: name.kind)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let start = source.bytes.starts(with: mark) ? mark.count : 0
        var bodyStart = start
        var subject: (nodes: [TemplateNode], text: String)?
        if name.kind != .html, let head = Self.subject(source.bytes, from: start) {
            subject = scanner.scan(head.line)
            bodyStart = head.end
            if !head.isFollowedByEmptyLine {
                findings.append(
                    source.diagnostic(
                        at: head.line, code: "template.bad-subject",
                        message: "the line behind the subject is not empty",
                        help: "a subject is one line; the message begins after an empty one"))
            }
        }
        let body = scanner.scan(bodyStart..<source.bytes.count)
        findings += scanner.findings
        return File(
            source: source, name: name, body: body.nodes, subject: subject?.nodes, bodyText: body.text,
            subjectText: subject?.text)
    }

    /// The first line's text behind `Subject:`, and where the message begins.
    private static func subject(
        _ bytes: [UInt8], from start: Int
    ) -> (line: Range<Int>, end: Int, isFollowedByEmptyLine: Bool)? {
        let word = Array("subject:".utf8)
        guard bytes.count >= start + word.count,
            bytes[start..<(start + word.count)].elementsEqual(word, by: { $0 | 0x20 == $1 | 0x20 })
        else { return nil }
        var lineStart = start + word.count
        func lineEnd(_ index: Int) -> (end: Int, next: Int) {
            let feed = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
            let end = feed > index && bytes[feed - 1] == 0x0D ? feed - 1 : feed
            return (end, min(feed + 1, bytes.count))
        }
        let (end, next) = lineEnd(lineStart)
        while lineStart < end, bytes[lineStart] == 0x20 || bytes[lineStart] == 0x09 { lineStart += 1 }
        guard next < bytes.count else { return (lineStart..<end, next, true) }
        let (emptyEnd, bodyStart) = lineEnd(next)
        let isEmpty = bytes[next..<emptyEnd].allSatisfy { $0 <= 0x20 }
        return (lineStart..<end, isEmpty ? bodyStart : next, isEmpty)
    }

    // MARK: Files that include others

    mutating func checkPartials() {
        let names = Set(files.keys.map(\.name))
        for file in files.values {
            for (name, range) in TemplateNode.partials(in: file.body + (file.subject ?? [])) {
                guard self.file(name, file.name.kind, file.name.language) == nil else { continue }
                let ending = file.name.kind.rawValue
                let help =
                    names.contains(name)
                    ? "there is a '\(name)', but no \(name).\(ending)"
                    : nearest(name, in: names.sorted()).map { "did you mean '\($0)'?" }
                        ?? "add \(name).\(ending) to the templates"
                findings.append(
                    file.source.diagnostic(
                        at: range, code: "template.unknown-partial", message: "there is no template '\(name)'",
                        help: help))
            }
        }
        guard !findings.contains(where: { $0.severity == .error }) else { return }
        checkInclusions()
    }

    private func file(_ name: String, _ kind: TemplateKind, _ language: String) -> File? {
        LanguageTag.fallbacks(language).lazy
            .compactMap { files[TemplateFileName(name: name, language: $0, kind: kind)] }.first
    }

    /// What never ends, as it includes itself, or ends too late, as it includes so much.
    private mutating func checkInclusions() {
        // The language of the first file decides which files the others are.
        for place in Set(files.keys.map { TemplateFileName(name: "", language: $0.language, kind: $0.kind) }) {
            var inclusions = TemplateInclusions()
            for file in files.values where file.name.kind == place.kind {
                inclusions.includes[file.name] = TemplateNode.partials(in: file.body + (file.subject ?? []))
                    .compactMap { self.file($0.name, place.kind, place.language)?.name }
            }
            inclusions.count()
            // Only what is read in this language counts, and what that leads to.
            let read = inclusions.reachable(
                from: files.keys.filter { $0.language == place.language && $0.kind == place.kind })
            for name in read {
                guard let file = files[name] else { continue }
                if let count = inclusions.counts[name] {
                    guard count > TemplateInclusions.most else { continue }
                    note(
                        file.source.diagnostic(
                            at: 0..<0, code: "template.too-large",
                            message: "the template includes others more than \(TemplateInclusions.most) times",
                            help: "count what the included ones include too"))
                    continue
                }
                for (partial, range) in TemplateNode.partials(in: file.body + (file.subject ?? [])) {
                    guard let next = self.file(partial, place.kind, place.language)?.name,
                        inclusions.leads(from: next, to: name)
                    else { continue }
                    note(
                        file.source.diagnostic(
                            at: range, code: "template.recursive", message: "'\(partial)' includes itself",
                            help: "a template that includes itself never ends; go over a list with {{#data.items}}"))
                }
            }
        }
    }

    /// The same is found once for each language.
    private mutating func note(_ finding: Diagnostic) {
        if !findings.contains(finding) { findings.append(finding) }
    }

    // MARK: For swift-mustache

    mutating func compile(into templates: inout [String: MessageTemplate]) {
        var bodies: [TemplateFileName: MustacheTemplate] = [:]
        var subjects: [TemplateFileName: MustacheTemplate] = [:]
        for (name, file) in files {
            bodies[name] = compiled(file.bodyText, of: file, as: name.kind)
            // A chat message's title is no Markdown.
            subjects[name] = file.subjectText.flatMap { compiled($0, of: file, as: .text) }
        }
        let names = Set(files.keys.map(\.name))
        var libraries: [TemplateFileName: MustacheLibrary] = [:]
        var parts: [String: [String: [TemplateKind: MessageTemplate.Part]]] = [:]
        for (name, file) in files {
            guard let body = bodies[name] else { continue }
            let place = TemplateFileName(name: "", language: name.language, kind: name.kind)
            let library = libraries[place] ?? library(of: names, place, bodies)
            libraries[place] = library
            parts[name.name, default: [:]][name.language, default: [:]][name.kind] = MessageTemplate.Part(
                file: String(file.source.file.split(separator: "/").last ?? ""), body: body, subject: subjects[name],
                partials: library)
        }
        for (name, parts) in parts { templates[name] = MessageTemplate(name: name, parts: parts) }
    }

    /// Every name as it reads in a language.
    private func library(
        of names: Set<String>, _ place: TemplateFileName, _ bodies: [TemplateFileName: MustacheTemplate]
    ) -> MustacheLibrary {
        var library = MustacheLibrary()
        for name in names {
            guard let file = file(name, place.kind, place.language), let body = bodies[file.name] else { continue }
            library.register(body, named: TemplateSpelling.plain(name))
        }
        return library
    }

    private mutating func compiled(_ text: String, of file: File, as kind: TemplateKind) -> MustacheTemplate? {
        precondition(TemplateKind.knowsContentTypes)
        // A line of its own, which leaves no trace, so that tags alone on the first line are still alone.
        let pragma = "{{% CONTENT_TYPE:\(kind.contentType)}}\n"
        if let template = try? MustacheTemplate(string: pragma + text) { return template }
        findings.append(
            file.source.diagnostic(
                at: 0..<0, code: "template.bad-tag", message: "swift-mustache cannot read this file",
                help: "a sign that is written over the one before it, right beside {{ or }}?"))
        return nil
    }
}
