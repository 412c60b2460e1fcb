import CareValues

/// Holds templates against the destinations that name them and the actions that are sent through them.
public struct TemplateCheck {
    private let templates: MessageTemplates
    private var findings: Set<Diagnostic> = []

    /// Findings of destinations whose templates are missing or lack something, and of names in templates that no action
    /// gives a value.
    public static func findings(
        templates: MessageTemplates, destinations: [DestinationSettings], uses: [TemplateUse]
    ) -> [Diagnostic] {
        var check = TemplateCheck(templates: templates)
        for destination in destinations {
            guard let (choice, needs) = destination.channel.template else { continue }
            check.check(choice, needs, uses.filter { $0.destination == destination.name })
        }
        return check.findings.sorted()
    }

    private init(templates: MessageTemplates) {
        self.templates = templates
    }

    private mutating func check(_ choice: TemplateChoice, _ needs: TemplateNeeds, _ uses: [TemplateUse]) {
        for entry in choice.entries.values {
            guard let template = templates.template(entry.name) else {
                var finding = entry.unknown
                finding.help =
                    nearest(entry.name, in: templates.names).map { "did you mean '\($0)'?" }
                    ?? "add \(entry.name).\(needs.oneOf[0].rawValue) to the folder of templates"
                findings.insert(finding)
                continue
            }
            if let lack = needs.lack(in: template) {
                var finding = entry.unknown
                (finding.code, finding.message, finding.help) = ("template.incomplete", lack.message, lack.help)
                findings.insert(finding)
            }
        }
        for use in uses {
            guard let name = choice.name(for: use.type) else {
                var finding = choice.incomplete
                finding.message = "no template for the type '\(use.type)' that \(use.action) sends"
                finding.help = #"name one for it, or one for every other type: "*""#
                findings.insert(finding)
                continue
            }
            for file in templates.files.values where file.name.name == name {
                var walk = TemplateWalk(templates: templates, use: use, language: file.name.language)
                let scope = [Self.root(use, needs)]
                walk.visit(file.subject ?? [], in: file, scope)
                walk.visit(file.body, in: file, scope)
                findings.formUnion(walk.findings)
            }
        }
    }

    private static func root(_ use: TemplateUse, _ needs: TemplateNeeds) -> DataShape {
        var members: [String: DataShape] = [:]
        for name in TemplateNames.all + needs.names { members[name] = .single }
        members["customer"] = .object(["id": .single])
        members["data"] = use.data
        return .object(members)
    }
}

/// Follows a template's tags through what is known of the values.
private struct TemplateWalk {
    let templates: MessageTemplates
    let use: TemplateUse
    let language: String
    var findings: [Diagnostic] = []

    /// What a path leads to.
    private enum Found {
        case shape(DataShape)
        /// There is nothing; the last name that was found, and what it holds.
        case nothing(name: String, known: [String])
    }

    mutating func visit(_ nodes: [TemplateNode], in file: MessageTemplates.File, _ scope: [DataShape]) {
        for node in nodes {
            switch node {
            case .variable(let path): check(path, in: file, scope)
            case .section(let path, let isInverted, let inner):
                guard !path.isPlace, !path.names.isEmpty, case .shape(let shape) = find(path, scope) else {
                    // What is not there is passed over; an inverted section stands just then.
                    if isInverted || path.isPlace || path.names.isEmpty {
                        visit(inner, in: file, scope)
                    } else {
                        checkFirstName(of: path, in: file, scope)
                    }
                    continue
                }
                guard !isInverted, path.transforms.isEmpty else {
                    visit(inner, in: file, scope)
                    continue
                }
                switch shape {
                case .list(let element): visit(inner, in: file, scope + [element])
                case .single: visit(inner, in: file, scope)
                case .object, .unknown: visit(inner, in: file, scope + [shape])
                }
            case .partial(let name, _):
                if let other = templates.file(name, kind: file.name.kind, language: language) {
                    visit(other.body, in: other, scope)
                }
            case .parent(let name, _, let blocks):
                if let other = templates.file(name, kind: file.name.kind, language: language) {
                    visit(other.body, in: other, scope)
                }
                visit(blocks, in: file, scope)
            case .block(_, let inner): visit(inner, in: file, scope)
            }
        }
    }

    /// The first name of a section's path is misspelled when nothing of that name can be.
    private mutating func checkFirstName(of path: TemplatePath, in file: MessageTemplates.File, _ scope: [DataShape]) {
        guard let first = path.names.first else { return }
        var one = path
        one.names = [first]
        if case .nothing = find(one, scope) { check(one, in: file, scope) }
    }

    private mutating func check(_ path: TemplatePath, in file: MessageTemplates.File, _ scope: [DataShape]) {
        guard !path.names.isEmpty, case .nothing(let name, let known) = find(path, scope) else { return }
        let isRoot = name.isEmpty
        let asked = path.names[isRoot ? 0 : name.split(separator: ".").count]
        let message =
            isRoot ? "there is no '\(asked)'" : "\(use.action) sends no '\(asked)' in \(name)"
        let help =
            isRoot && isMember(asked)
            ? "write data.\(asked)"
            : nearest(asked, in: known).map { "did you mean '\(isRoot ? "" : name + ".")\($0)'?" }
                ?? (known.isEmpty ? nil : "known: \(known.joined(separator: ", "))")
        findings.append(
            file.source.diagnostic(at: path.range, code: "template.unknown-name", message: message, help: help))
    }

    private func isMember(_ name: String) -> Bool {
        if case .object(let members) = use.data { members[name] != nil } else { false }
    }

    /// The innermost value that has the first name, then on from there.
    private func find(_ path: TemplatePath, _ scope: [DataShape]) -> Found {
        guard let first = path.names.first else { return .shape(.unknown) }
        for (depth, shape) in scope.enumerated().reversed() {
            switch shape {
            case .unknown:
                // It may have any name; those that every template knows it will hardly have.
                if case .object(let known)? = scope.first, known[first] != nil { continue }
                return .shape(.unknown)
            case .object(let members):
                guard var value = members[first] else {
                    if depth == 0 { return .nothing(name: "", known: members.keys.sorted()) }
                    continue
                }
                var name = first
                for next in path.names.dropFirst() {
                    switch value {
                    case .unknown: return .shape(.unknown)
                    case .object(let members):
                        guard let inner = members[next] else {
                            return .nothing(name: name, known: members.keys.sorted())
                        }
                        value = inner
                    case .single, .list: return .nothing(name: name, known: [])
                    }
                    name += ".\(next)"
                }
                return .shape(value)
            case .single, .list: continue
            }
        }
        return .shape(.unknown)
    }
}
