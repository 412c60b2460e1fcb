import CareLogic
import CareValues

/// One rule file: its name as the user gave it, and its bytes.
public struct RuleSource: Sendable, Hashable {
    /// The name that findings show: `rules/win-back.json`.
    public var file: String
    /// What it holds.
    public var bytes: [UInt8]

    /// The file named `file` that holds `bytes`.
    public init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }
}

/// Rule files in, a checked rule set or findings out.
///
/// ```text
/// files ──► JSON with places ──► merge ──► check all, collect findings ──► canonical text ──► rule set
/// ```
///
/// The rule set is built from the canonical text, not from the files: what is activated, stored and loaded again is
/// then the same in every part, the order of attributes and of the members of `data` included.
public enum RuleSetLoader {
    /// Reads and checks rule files as one rule set.
    ///
    /// - Parameters:
    ///   - sources: the files, in any order; none is a rule set without campaigns.
    ///   - destinations: the names of the environment's destinations; nil: names of destinations are not checked.
    ///   - holidays: the holidays that rules can name; nil: names of regions and holidays are not checked.
    ///   - zones: the zones that rules can name; nil: names of zones are not checked.
    ///   - reportsUnused: whether traits and segments that nothing reads are findings.
    ///   - lints: whether what is odd, but usable, is looked for; rules that were checked before need not be again.
    /// - Returns: the rule set, nil exactly when there is an error among the findings; and all findings, by file, line
    ///   and column.
    public static func load(
        _ sources: [RuleSource], destinations: Set<String>?, holidays: HolidayTable? = nil,
        zones: (any ZoneDirectory)? = nil, reportsUnused: Bool = false, lints: Bool = true
    ) -> (ruleSet: RuleSet?, diagnostics: [Diagnostic]) {
        var findings = Findings()
        findings.zones = zones
        var roots: [JSONNode] = []
        for source in sources {
            // A file with a name used twice is read all the same, so that its other findings are told in the same run.
            let (document, found) = JSONDocument.read(file: source.file, bytes: source.bytes, limits: .ruleFile)
            findings.diagnostics += found
            if let document { roots.append(document.root) }
        }
        let pass = check(roots, destinations: destinations, holidays: holidays, lints: lints, &findings)
        if roots.count < sources.count { findings.dropDoubtfulNames() }
        if reportsUnused, !findings.hasErrors { UnusedNames.find(in: pass.files, &findings) }
        guard !findings.hasErrors else { return (nil, findings.sorted) }

        let canonical = pass.files.value
        let ruleSet = build(canonical, &findings)
        return (findings.hasErrors ? nil : ruleSet, findings.sorted)
    }

    /// What one pass over the files has found.
    private struct Pass {
        var files: MergedFiles
        var schema: Schema?
        var defaultAt: LocalTime
        var policies: Policies
        var campaigns: [Campaign]
    }

    /// Checks the files and reads their campaigns, sorted by name.
    ///
    /// - Parameter lints: whether what is odd, but usable, is looked for too.
    private static func check(
        _ roots: [JSONNode], destinations: Set<String>?, holidays: HolidayTable?, lints: Bool,
        _ findings: inout Findings
    ) -> Pass {
        var files = MergedFiles()
        for root in roots { files.add(root, &findings) }

        var builder = SchemaBuilder()
        builder.add(attributes: files.attributes, events: files.events, traits: files.traits, segments: files.segments)
        var silences: [[String]: Int] = [:]
        for campaign in files.campaigns {
            guard let types = inactivityTypes(campaign.value), silences[types] == nil else { continue }
            silences[types] = builder.addHiddenLast(types: types)
        }
        builder.addConditions(in: files.campaigns.map(\.value) + files.policies.map(\.value))
        let schema = builder.build(diagnostics: &findings.diagnostics)

        let atNode = files.policies.first { $0.key.string == "at" }?.value
        let nine = LocalTime(millisecondsOfDay: 9 * 3_600_000)
        let defaultAt = atNode.flatMap { findings.wallTime($0, "policies.at") } ?? nine
        if files.campaigns.count > RuleLimits.campaigns, let last = files.campaigns.last {
            _ = findings.withinLimit(files.campaigns.count, RuleLimits.campaigns, "campaigns", at: last.key)
        }

        let segments = Dictionary(
            files.segments.map { ($0.key.string ?? "", $0.value) }, uniquingKeysWith: { first, _ in first })
        let merged = files.value
        let hasher = DefinitionHasher(
            attributes: merged.object("attributes"), traits: merged.object("traits"),
            segments: merged.object("segments"), defaultAt: defaultAt)
        var policyReader = PolicyReader(
            schema: schema, destinations: destinations, holidays: holidays, findings: findings)
        let policies = policyReader.read(files.policies)
        findings = policyReader.findings
        var analysis = lints ? schema.map { ConditionAnalysis(schema: $0, segments: segments) } : nil
        if var looking = analysis {
            findings.warnAboutSharedConditions(of: files, &looking)
            analysis = looking
        }
        var reader = CampaignReader(
            schema: schema, destinations: destinations, defaultAt: defaultAt, holidays: holidays,
            policies: policies, silences: silences, analysis: analysis,
            brokenNames: brokenNames(files.attributes + files.traits, findings),
            identities: Dictionary(
                files.campaigns.map { ($0.key.string ?? "", $0.key.string ?? "") },
                uniquingKeysWith: { first, _ in first }),
            hasher: hasher, findings: findings)
        for segment in files.segments { reader.warnAboutMissing(in: segment.value) }
        var campaigns: [Campaign] = []
        var candidates: [SameMoment.Candidate] = []
        for member in files.campaigns.prefix(RuleLimits.campaigns) {
            guard let campaign = reader.campaign(name: member.key, member.value) else { continue }
            campaigns.append(campaign)
            candidates.append(SameMoment.Candidate(campaign: campaign, key: member.key, node: member.value))
        }
        findings = reader.findings
        if lints { UnknownTags.find(in: files, &findings) }
        if let analysis = reader.analysis {
            SameMoment(policies: policies, defaultAt: defaultAt, analysis: analysis).find(candidates, &findings)
        }
        return Pass(files: files, schema: schema, defaultAt: defaultAt, policies: policies, campaigns: campaigns)
    }

    /// The names whose own declaration has an error: what uses them is not to be blamed for it.
    private static func brokenNames(_ members: [MergedFiles.Member], _ findings: Findings) -> Set<String> {
        let errors = findings.diagnostics.filter { $0.severity == .error }
        guard !errors.isEmpty else { return [] }
        var names: Set<String> = []
        for member in members.prefix(10_000) {
            let path = member.key.path
            let file = member.key.document.file
            let isBroken = errors.contains { $0.file == file && ($0.path == path || $0.path.hasPrefix(path + "/")) }
            if isBroken, let name = member.key.string { names.insert(name) }
        }
        return names
    }

    /// The rule set of merged rules without errors.
    private static func build(_ merged: JSONObject, _ findings: inout Findings) -> RuleSet? {
        let bytes = CanonicalJSON.bytes(.object(merged))
        var inner = Findings()
        let (parsed, unreadable) = JSONDocument.read(file: "rules", bytes: bytes, limits: .ruleSet)
        guard let document = parsed, unreadable.isEmpty else {
            findings.diagnostics += unreadable
            return nil
        }
        let pass = check([document.root], destinations: nil, holidays: nil, lints: false, &inner)
        findings.diagnostics += inner.diagnostics.filter { $0.severity == .error }
        guard let schema = pass.schema, !inner.hasErrors else { return nil }

        var campaigns = pass.campaigns
        campaigns.sort { $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars) }
        return RuleSet(
            schema: schema, defaultAt: pass.defaultAt, policies: pass.policies, campaigns: campaigns,
            canonicalText: String(decoding: bytes, as: UTF8.self), fingerprint: Hex.encode(SHA256.hash(bytes)))
    }

    /// The event types of a campaign's inactivity trigger, as far as they can be read without a schema.
    private static func inactivityTypes(_ campaign: JSONNode) -> [String]? {
        guard let of = campaign.member("trigger")?.member("inactivity")?.member("of") else { return nil }
        if let type = of.string { return [type] }
        guard of.kind == .array else { return nil }
        let types = of.elements.compactMap(\.string)
        return types.isEmpty ? nil : types
    }
}

extension JSONObject {
    /// The object at `name`; empty when there is none.
    func object(_ name: String) -> JSONObject {
        if case .object(let object)? = self[name] { object } else { JSONObject() }
    }
}
