import CareDecisions
import CareLogic
import CareRules
import CareValues

/// Reads a file of rule tests against the rules they test: every mistake is a finding at its place.
package struct RuleTestReader {
    /// Limits beyond which a file is refused.
    package enum Limits {
        /// Tests of one file.
        package static let tests = 1_000
        /// Lines of one story, or of one history.
        package static let lines = 1_000
        /// Years that a story may span.
        package static let years: Int64 = 100
    }

    let document: JSONDocument
    let rules: RuleSet
    let zones: any ZoneDirectory
    /// The project's zone, where neither file nor test names one.
    let projectZone: Zone
    var diagnostics: [Diagnostic]

    /// Reads a file's bytes.
    ///
    /// - Parameters:
    ///   - rules: the rules that the tests begin under.
    ///   - zone: the project's zone, where neither file nor test names one.
    /// - Returns: the tests, nil exactly when there is an error among the findings; and all findings, by place.
    package static func read(
        file: String, bytes: [UInt8], rules: RuleSet, zone: Zone, zones: any ZoneDirectory
    ) -> (tests: RuleTestFile?, diagnostics: [Diagnostic]) {
        let (document, syntax) = JSONDocument.read(file: file, bytes: bytes, limits: .ruleFile)
        guard let document else { return (nil, syntax) }
        var reader = RuleTestReader(
            document: document, rules: rules, zones: zones, projectZone: zone, diagnostics: syntax)
        let tests = reader.file(document.root)
        return (reader.diagnostics.hasErrors ? nil : tests, reader.diagnostics.sorted())
    }

    /// What the tests of a file have in common.
    private struct Common {
        var zone: Zone
        var campaigns: [String]?
        var customers: [RuleTest.Customer] = []
        var rules: RuleSet
    }

    private mutating func file(_ root: JSONNode) -> RuleTestFile {
        var result = RuleTestFile(file: document.file, tests: [])
        guard let members = members(root, .file) else { return result }
        var common = Common(zone: projectZone, rules: rules)
        if let node = members["timeZone"], let zone = zone(node) { common.zone = zone }
        if let node = members["campaigns"] { common.campaigns = campaigns(node) }
        if let node = members["customers"] { common.customers = customers(node, beside: []) }
        if let node = members["cutPoints"] { common.rules = scored(by: node) }
        guard let tests = members["tests"] else {
            error(
                "test.missing-key", root, "a file of rule tests needs 'tests'", "add \"tests\": { \"a name\": { … } }")
            return result
        }
        guard tests.kind == .object else {
            wrongType(tests, "'tests'", "an object: the names of the tests and the tests")
            return result
        }
        if tests.count == 0 { error("test.no-tests", tests, "there is no test in it", nil) }
        if tests.count > Limits.tests {
            error("test.limit", tests, "\(tests.count) tests in one file: at most \(Limits.tests)", "split it up")
            return result
        }
        for (key, value) in tests.members {
            if let test = test(key, value, common) { result.tests.append(test) }
        }
        return result
    }

    private mutating func test(_ key: JSONNode, _ node: JSONNode, _ common: Common) -> RuleTest? {
        let name = key.string ?? ""
        if name.isEmpty { error("test.bad-name", key, "a test has an empty name", "say what it shows") }
        guard let members = members(node, .test) else { return nil }
        var zone = common.zone
        if let node = members["timeZone"], let named = self.zone(node) { zone = named }
        var test = RuleTest(
            name: name, line: document.position(ofOffset: key.offset).line, rules: common.rules,
            campaigns: common.campaigns, zone: zone, start: .distantPast, ticks: nil, customers: common.customers,
            history: [], story: [])
        if let node = members["campaigns"] { test.campaigns = campaigns(node) }
        if let node = members["customers"] { test.customers = customers(node, beside: common.customers) }
        if let node = members["ticks"] { test.ticks = ticks(node) }
        if let node = members["cutPoints"] { test.rules = scored(by: node) }
        guard let story = members["story"], story.kind == .array, story.count > 0 else {
            if let story = members["story"] {
                wrongType(story, "'story'", "a list of what happens and what is expected")
            } else {
                error(
                    "test.missing-key", node, "a test needs 'story'",
                    "add \"story\": [{ \"at\": \"2026-05-22 17:30\", … }]")
            }
            return nil
        }
        guard isWithinLimit(story), start(members["start"], story, &test) else { return nil }
        if let node = members["history"], isWithinLimit(node) { history(node, &test) }
        self.story(story, &test)
        return test
    }

    private mutating func isWithinLimit(_ node: JSONNode) -> Bool {
        guard node.count > Limits.lines else { return true }
        error("test.limit", node, "\(node.count) lines: at most \(Limits.lines)", "split the test up")
        return false
    }

    /// The start: as it is said, else the first moment of the day of the first line.
    private mutating func start(_ node: JSONNode?, _ story: JSONNode, _ test: inout RuleTest) -> Bool {
        guard let node else {
            let lines = Array(story.elements)
            guard let first = lines.first, let at = first["at"] else {
                if let first = lines.first {
                    error(
                        "test.missing-key", first, "a line of a story needs 'at'", "add \"at\": \"2026-05-22 17:30\"")
                }
                return false
            }
            guard let instant = time(at, after: nil, test.zone) else { return false }
            test.start = test.zone.startOfDay(test.zone.date(at: instant))
            return true
        }
        guard let instant = time(node, after: nil, test.zone) else { return false }
        test.start = instant
        return true
    }

    // MARK: What stands at the head

    private mutating func zone(_ node: JSONNode) -> Zone? {
        guard let name = node.string else {
            wrongType(node, "'timeZone'", "the name of a time zone, for example \"Asia/Shanghai\"")
            return nil
        }
        if let zone = zones.zone(named: name) { return zone }
        error("test.unknown-zone", node, "no time zone '\(name)'", "an IANA name, for example \"Europe/Paris\"")
        return nil
    }

    private mutating func campaigns(_ node: JSONNode) -> [String]? {
        let nodes = node.kind == .array ? Array(node.elements) : [node]
        guard !nodes.isEmpty else {
            error(
                "test.no-campaign", node, "the tests name no campaign", "name one, or take 'campaigns' out to run all")
            return nil
        }
        return nodes.compactMap { campaign($0)?.name }
    }

    /// The campaign that a text names.
    mutating func campaign(_ node: JSONNode) -> Campaign? {
        guard let name = node.string else {
            wrongType(node, "a campaign", "its name")
            return nil
        }
        if let index = rules.index(ofCampaign: name) { return rules.campaigns[index] }
        let near = nearest(name, in: rules.campaigns.map(\.name))
        error("test.unknown-campaign", node, "no campaign '\(name)'", near.map { "did you mean '\($0)'?" })
        return nil
    }

    private mutating func ticks(_ node: JSONNode) -> Int64? {
        guard let text = node.string, let duration = ISODuration(text: text), let length = duration.fixedMilliseconds,
            length >= 60_000
        else {
            wrongType(node, "'ticks'", "a duration of at least a minute, for example \"PT10M\"")
            return nil
        }
        return length
    }

    /// The rules with these cut points in the place of those that would be computed from the population.
    private mutating func scored(by node: JSONNode) -> RuleSet {
        guard node.kind == .object else {
            wrongType(node, "'cutPoints'", "an object: names of RFM traits and their cut points")
            return rules
        }
        var entries: [CutPointSet.Entry] = []
        for (key, value) in node.members {
            let name = key.string ?? ""
            guard let definition = rules.schema.rfmDefinitions.first(where: { $0.name == name }) else {
                let near = nearest(name, in: rules.schema.rfmDefinitions.map(\.name))
                error("test.unknown-trait", key, "no RFM trait '\(name)'", near.map { "did you mean '\($0)'?" })
                continue
            }
            guard definition.fixed == nil else {
                error("test.conflict", key, "'\(name)' has cut points of its own in the rules", "take it out")
                continue
            }
            guard let points = RFMCutPoints(value.value) else {
                wrongType(
                    value, "the cut points of '\(name)'",
                    "an object of 'recency', 'frequency' and 'monetary', four ascending numbers each")
                continue
            }
            entries.append(
                CutPointSet.Entry(
                    trait: name, fingerprint: definition.fingerprint, asOf: .distantPast, customers: 0, points: points))
        }
        var rules = rules
        rules.schema = rules.schema.scoring(by: CutPointSet(version: 1, entries: entries))
        return rules
    }

    /// Customers by name; those of the file that are not named again come first.
    private mutating func customers(_ node: JSONNode, beside common: [RuleTest.Customer]) -> [RuleTest.Customer] {
        guard node.kind == .object else {
            wrongType(node, "'customers'", "an object: names and attributes, for example { \"c1\": {} }")
            return common
        }
        var customers = common
        for (key, value) in node.members {
            let id = key.string ?? ""
            if id.isEmpty { error("test.bad-name", key, "a customer has an empty name", "for example \"c1\"") }
            var attributes: JSONObject?
            if !value.isNull {
                guard value.kind == .object else {
                    wrongType(value, "a customer", "an object of its attributes, or null while nobody has heard of it")
                    continue
                }
                attributes = self.attributes(value)
            }
            let customer = RuleTest.Customer(id: id, attributes: attributes)
            if let place = customers.firstIndex(where: { $0.id == id }) {
                customers[place] = customer
            } else {
                customers.append(customer)
            }
        }
        return customers
    }

    /// Attributes that the rules declare, with values that fit.
    mutating func attributes(_ node: JSONNode) -> JSONObject {
        var result = JSONObject()
        for (key, value) in node.members {
            let name = key.string ?? ""
            guard let index = rules.schema.attributeIndex(name) else {
                let near = nearest(name, in: rules.schema.attributes.map(\.name))
                error("test.unknown-attribute", key, "no attribute '\(name)'", near.map { "did you mean '\($0)'?" })
                continue
            }
            let type = rules.schema.attributes[index].type
            if type.read(value.value) == nil {
                error("test.type-mismatch", value, "\(name) is \(type.expectation)", nil)
            }
            if type == .zone, let zone = value.string, zones.zone(named: zone) == nil {
                warning(
                    "test.unknown-zone", value, "no time zone '\(zone)': the project's is used",
                    "an IANA name, for example \"Europe/Paris\"")
            }
            result[name] = value.value
        }
        return result
    }

    // MARK: Findings

    /// The members of an object whose keys are known; every other key is a finding.
    mutating func members(_ node: JSONNode, _ table: RuleTestKeys) -> [String: JSONNode]? {
        guard node.kind == .object else {
            wrongType(node, table.noun, "an object")
            return nil
        }
        var found: [String: JSONNode] = [:]
        for (key, value) in node.members {
            let name = key.string ?? ""
            if table.keys.contains(name) {
                found[name] = value
            } else {
                let help =
                    nearest(name, in: table.keys).map { "did you mean '\($0)'?" }
                    ?? "\(table.noun) may have \(table.keys.joined(separator: ", "))"
                error("test.unknown-key", key, "unknown key '\(name)' in \(table.noun)", help)
            }
        }
        return found
    }

    /// The instant that a text names.
    mutating func time(_ node: JSONNode, after previous: Timestamp?, _ zone: Zone) -> Timestamp? {
        guard let text = node.string else {
            wrongType(node, "a time", "text, for example \"2026-05-22 17:30\"")
            return nil
        }
        do {
            return try RuleTestTime(zone: zone, zones: zones, previous: previous).read(text)
        } catch {
            self.error("test.bad-time", node, error.message, error.help)
            return nil
        }
    }

    mutating func error(_ code: String, _ node: JSONNode, _ message: String, _ help: String?) {
        diagnostics.append(document.diagnostic(at: node, code: code, message: message, help: help))
    }

    mutating func warning(_ code: String, _ node: JSONNode, _ message: String, _ help: String?) {
        diagnostics.append(
            document.diagnostic(at: node, severity: .warning, code: code, message: message, help: help))
    }

    mutating func wrongType(_ node: JSONNode, _ subject: String, _ needs: String) {
        error("test.wrong-type", node, "\(subject) must be \(needs)", nil)
    }
}
