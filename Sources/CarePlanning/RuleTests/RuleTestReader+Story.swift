import CareDecisions
import CareLogic
import CareRules
import CareValues

extension RuleTestReader {
    /// The lines of a story, in the order of their times.
    mutating func story(_ node: JSONNode, _ test: inout RuleTest) {
        var clock = test.start
        var asleepUntil: Timestamp?
        var current = test.rules
        var expectsSomething = false
        for element in node.elements {
            guard let members = members(element, .line) else { continue }
            guard let at = members["at"] else {
                error("test.missing-key", element, "a line of a story needs 'at'", "add \"at\": \"2026-05-22 17:30\"")
                continue
            }
            guard let instant = time(at, after: clock, test.zone) else { continue }
            if instant < (asleepUntil ?? clock) {
                let text = test.zone.local(asleepUntil ?? clock)
                let until = "\(text.date.text) \(text.time.text)"
                error(
                    "test.time-order", at,
                    asleepUntil == nil
                        ? "a story goes forward: it is \(until) already" : "the service sleeps until \(until)", nil)
                continue
            }
            if instant.milliseconds - test.start.milliseconds > Limits.years * 366 * 86_400_000 {
                error("test.limit", at, "a story spans at most \(Limits.years) years", nil)
                continue
            }
            clock = instant
            asleepUntil = nil
            let kinds = ["event", "set", "call", "facts", "activate", "sleepUntil"].filter { members[$0] != nil }
            if kinds.count > 1 {
                error(
                    "test.conflict", element, "one line has both '\(kinds[0])' and '\(kinds[1])'",
                    "facts of one request stand in 'facts'; else write two lines")
                continue
            }
            var line = RuleTest.Line(
                at: instant, line: document.position(ofOffset: element.offset).line, happening: .nothing, expected: [])
            let customer = self.customer(members["customer"], element, test)
            switch kinds.first {
            case "activate":
                if let next = activation(members["activate"], after: current) {
                    current = next
                    line.happening = .activation(next)
                }
            case "sleepUntil":
                guard let until = members["sleepUntil"].flatMap({ time($0, after: instant, test.zone) }) else {
                    continue
                }
                if until <= instant, let node = members["sleepUntil"] {
                    error("test.time-order", node, "the service sleeps until after the line's own time", nil)
                }
                if let expect = members["expect"] {
                    error(
                        "test.conflict", expect, "nothing is decided while the service sleeps",
                        "write what is expected in a line of its own, at the time it wakes")
                }
                asleepUntil = until
                line.happening = .sleep(until: until)
            case "facts":
                guard let customer, let facts = members["facts"] else { continue }
                guard facts.kind == .array, facts.count > 0 else {
                    wrongType(facts, "'facts'", "a list of the facts of one request")
                    continue
                }
                let deeds = facts.elements.compactMap { deed($0, .fact, after: instant, test.zone, in: current) }
                line.happening = .request(customer: customer, deeds)
            case nil:
                if members["expect"] == nil {
                    error(
                        "test.empty-line", element, "nothing happens here, and nothing is expected",
                        "add \"expect\": \"nothing\"")
                }
            default:
                guard let customer else { continue }
                guard let deed = deed(element, .line, after: instant, test.zone, in: current) else { continue }
                line.happening = .request(customer: customer, [deed])
            }
            if let expect = members["expect"], let customer {
                expectsSomething = true
                line.expected = expectations(expect, customer: customer, test, under: current)
            }
            test.story.append(line)
        }
        if !expectsSomething, !diagnostics.hasErrors {
            error(
                "test.expects-nothing", node, "the test expects nothing, so that it cannot fail",
                "add \"expect\" to a line")
        }
    }

    /// What happened before the start.
    mutating func history(_ node: JSONNode, _ test: inout RuleTest) {
        guard node.kind == .array else { return wrongType(node, "'history'", "a list of what happened before") }
        var previous: Timestamp?
        for element in node.elements {
            guard let members = members(element, .past) else { continue }
            guard let at = members["at"] else {
                error(
                    "test.missing-key", element, "a line of the history needs 'at'", "add \"at\": \"2026-01-02 12:00\"")
                continue
            }
            guard let instant = time(at, after: previous, test.zone) else { continue }
            previous = instant
            guard instant <= test.start else {
                error("test.time-order", at, "history lies before the start", "tell it in 'story'")
                continue
            }
            guard let customer = customer(members["customer"], element, test),
                let deed = deed(element, .past, after: instant, test.zone, in: rules)
            else { continue }
            if !test.customers.contains(where: { $0.id == customer && $0.attributes != nil }) {
                if test.customers.isEmpty {
                    test.customers = [RuleTest.Customer(id: customer, attributes: JSONObject())]
                } else {
                    error("test.unknown-customer", element, "'\(customer)' has a history and is not known yet", nil)
                }
            }
            test.history.append((customer, instant, deed))
        }
    }

    /// The customer that a line is about: the one it names, else the only one; `c1` where there is none.
    private mutating func customer(_ node: JSONNode?, _ line: JSONNode, _ test: RuleTest) -> String? {
        let ids = test.customers.map(\.id)
        guard let node else {
            if ids.count <= 1 { return ids.first ?? "c1" }
            // A line without facts and expectations concerns all.
            let needsOne = ["event", "set", "call", "facts"].contains { line[$0] != nil }
            if needsOne {
                error(
                    "test.missing-key", line, "there are \(ids.count) customers: say which one",
                    "add \"customer\": \"\(ids[0])\"")
                return nil
            }
            return ids[0]
        }
        guard let id = node.string else {
            wrongType(node, "'customer'", "the name of a customer")
            return nil
        }
        if ids.isEmpty || ids.contains(id) { return id }
        error(
            "test.unknown-customer", node, "no customer '\(id)'",
            nearest(id, in: ids).map { "did you mean '\($0)'?" } ?? "there are: \(ids.joined(separator: ", "))")
        return nil
    }

    /// One fact.
    private mutating func deed(
        _ node: JSONNode, _ table: RuleTestKeys, after clock: Timestamp, _ zone: Zone, in rules: RuleSet
    ) -> RuleTest.Deed? {
        // A line's own keys were looked at with the line.
        guard table.schemaName != RuleTestKeys.fact.schemaName || members(node, table) != nil else { return nil }
        let kinds = ["event", "set", "call"].filter { node[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let value = node[kind] else {
            error(
                "test.missing-key", node, "\(table.noun) needs one of 'event', 'set' and 'call'",
                "for example \"event\": \"purchase\"")
            return nil
        }
        var happened: Timestamp?
        if let node = node["happened"] {
            guard let instant = time(node, after: clock, zone) else { return nil }
            happened = instant
        }
        guard kind != "set" else {
            guard value.kind == .object else {
                wrongType(value, "'set'", "an object of attributes, for example { \"tier\": \"gold\" }")
                return nil
            }
            refuse(["with", "id", "source", "key"], in: node, beside: "set")
            return .set(attributes(value), since: happened)
        }
        guard let name = value.string, !name.isEmpty else {
            wrongType(value, "'\(kind)'", kind == "event" ? "the type of the event" : "the name of a campaign")
            return nil
        }
        var properties = JSONObject()
        if let with = node["with"] {
            guard case .object(let object) = with.value else {
                wrongType(with, "'with'", "an object of properties")
                return nil
            }
            properties = object
            checkProperties(with, ofEvent: kind == "event" ? name : "", rules)
        }
        if kind == "call" {
            refuse(["id", "source", "happened"], in: node, beside: "call")
            guard let campaign = campaign(value) else { return nil }
            guard case .api = campaign.trigger else {
                error("test.not-callable", value, "campaign '\(name)' has no trigger 'api'", nil)
                return nil
            }
            return .call(campaign: campaign.identity, key: node["key"]?.string, properties: properties)
        }
        refuse(["key"], in: node, beside: "event")
        return .event(
            type: name, source: node["source"]?.string ?? "test", id: node["id"]?.string, properties: properties,
            happened: happened)
    }

    private mutating func refuse(_ keys: [String], in node: JSONNode, beside kind: String) {
        for name in keys {
            guard let key = node.key(name) else { continue }
            error("test.conflict", key, "'\(name)' has no meaning beside '\(kind)'", "take it out")
        }
    }

    private mutating func checkProperties(_ node: JSONNode, ofEvent type: String, _ rules: RuleSet) {
        guard let declared = rules.schema.events[type]?.properties else { return }
        for (key, value) in node.members {
            let name = key.string ?? ""
            if let expected = declared[name] {
                if expected.read(value.value) == nil {
                    error("test.type-mismatch", value, "\(name) of \(type) is \(expected.expectation)", nil)
                }
            } else if let near = nearest(name, in: declared.keys.sorted()) {
                warning(
                    "test.undeclared-property", key, "\(type) declares no property '\(name)'", "did you mean '\(near)'?"
                )
            }
        }
    }

    /// The rules after an edit: a JSON merge patch (RFC 7396) of the merged files.
    private mutating func activation(_ node: JSONNode?, after rules: RuleSet) -> RuleSet? {
        guard let node else { return nil }
        guard case .object(let patch) = node.value else {
            wrongType(node, "'activate'", "an object of what is edited; {} edits nothing")
            return nil
        }
        if patch.isEmpty { return rules }
        guard let text = JSONValue(jsonText: rules.canonicalText) else { return nil }
        let edited = text.merged(with: node.value)
        let source = RuleSource(file: document.file, bytes: CanonicalJSON.bytes(edited))
        let loaded = RuleSetLoader.load([source], destinations: nil, zones: zones, lints: false)
        if let finding = loaded.diagnostics.first(where: { $0.severity == .error }) {
            error(
                "test.bad-rules", node, "the edited rules have a mistake at \(finding.path): \(finding.message)",
                finding.help)
        }
        guard var next = loaded.ruleSet else { return nil }
        next.schema = next.schema.scoring(by: rules.schema.cutPoints)
        return next
    }
}

extension JSONValue {
    /// A JSON merge patch: members of `patch` replace or join those here, `null` takes one away. Source: RFC 7396.
    fileprivate func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result: JSONObject = if case .object(let own) = self { own } else { JSONObject() }
        for (name, value) in changes.members {
            if case .null = value {
                result = JSONObject(uniqueMembers: result.members.filter { $0.name != name })
            } else {
                result[name] = (result[name] ?? .null).merged(with: value)
            }
        }
        return .object(result)
    }
}
