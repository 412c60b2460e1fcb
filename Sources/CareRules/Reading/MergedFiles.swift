import CareValues

/// The members of all rule files, section by section, each name once.
struct MergedFiles {
    /// One named definition.
    typealias Member = (key: JSONNode, value: JSONNode)

    /// `attributes`, in the order of files and members.
    var attributes: [Member] = []
    /// `events`.
    var events: [Member] = []
    /// `traits`.
    var traits: [Member] = []
    /// `segments`.
    var segments: [Member] = []
    /// `campaigns`.
    var campaigns: [Member] = []
    /// The members of `policies`.
    var policies: [Member] = []

    /// The names taken, by kind of definition.
    private var taken: [String: [String: JSONNode]] = [:]

    /// Takes in one file: its keys are checked, names that an earlier file or an earlier section took are findings.
    mutating func add(_ root: JSONNode, _ findings: inout Findings) {
        guard
            let sections = findings.members(
                of: root, .file, subject: "a rule file", example: "{ \"campaigns\": { … } }")
        else { return }
        if let schema = sections["$schema"] { _ = findings.plainText(schema, "$schema") }
        for (name, item, list) in [
            ("attributes", "attribute", \MergedFiles.attributes), ("events", "event", \MergedFiles.events),
            ("traits", "trait", \MergedFiles.traits), ("segments", "segment", \MergedFiles.segments),
            ("campaigns", "campaign", \MergedFiles.campaigns),
        ] {
            guard let section = sections[name] else { continue }
            guard section.kind == .object else {
                findings.wrongType(section, "'\(name)'", needs: "an object", example: "{ \"\(name)\": { … } }")
                continue
            }
            for member in section.members {
                guard isNew(member.key, item, &findings) else { continue }
                self[keyPath: list].append((member.key, member.value))
            }
        }
        guard let policies = sections["policies"],
            findings.members(of: policies, .policies, subject: "'policies'", example: "{ \"at\": \"09:00\" }") != nil
        else { return }
        for member in policies.members where KeyTable.policies.keys.contains(member.key.string ?? "") {
            guard isNew(member.key, "policy", &findings) else { continue }
            self.policies.append((member.key, member.value))
        }
    }

    /// Whether a name is still free; attributes and traits share one room, for `var` reads both.
    private mutating func isNew(_ key: JSONNode, _ item: String, _ findings: inout Findings) -> Bool {
        let name = key.string ?? ""
        if let first = taken[item]?[name] {
            // Twice in one object: the JSON reader has said so.
            if first.document === key.document { return false }
            findings.error(
                "rule.duplicate-name", at: key, "a second \(item) is named '\(name)'",
                help: "the first is at \(first.placeText)")
            return false
        }
        let other = item == "attribute" ? "trait" : item == "trait" ? "attribute" : ""
        if let first = taken[other]?[name] {
            let noun = item == "trait" ? "an attribute" : "a trait"
            findings.error(
                "rule.duplicate-name", at: key, "\(noun) is named '\(name)' too: \"var\" could not tell them apart",
                help: "that one is at \(first.placeText)")
            return false
        }
        taken[item, default: [:]][name] = key
        return true
    }

    /// The merged rule set as one JSON object: sections without members are left out, and so is `$schema`.
    var value: JSONObject {
        var whole = JSONObject()
        for (name, members) in [
            ("attributes", attributes), ("events", events), ("traits", traits), ("segments", segments),
            ("policies", policies), ("campaigns", campaigns),
        ] where !members.isEmpty {
            let unique = members.map { (name: $0.key.string ?? "", value: $0.value.value) }
            whole[name] = .object(JSONObject(uniqueMembers: unique))
        }
        return whole
    }
}

extension JSONNode {
    /// `file:line:column` of the value.
    var placeText: String {
        let place = document.position(ofOffset: offset)
        return "\(document.file):\(place.line):\(place.column)"
    }
}
