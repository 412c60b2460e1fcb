import CareRules
import CareValues

/// What `care check` found.
struct CheckReport {
    /// All findings, by file and place.
    let diagnostics: [Diagnostic]
    /// The rule set, when there is no error.
    let ruleSet: RuleSet?
    /// How many files were read.
    let fileCount: Int
    /// How many destinations care.json names; nil: there is none.
    let destinationCount: Int?
    /// How many customers were looked at; nil: none were asked for.
    let customerCount: Int?

    init(
        diagnostics: [Diagnostic], ruleSet: RuleSet?, fileCount: Int, destinationCount: Int?, customerCount: Int? = nil
    ) {
        self.diagnostics = diagnostics.sorted()
        self.ruleSet = ruleSet
        self.fileCount = fileCount
        self.destinationCount = destinationCount
        self.customerCount = customerCount
    }

    var errorCount: Int { diagnostics.count { $0.severity == .error } }
    var warningCount: Int { diagnostics.count { $0.severity == .warning } }
    var noteCount: Int { diagnostics.count { $0.severity == .note } }

    /// The findings, then one line that says what they mean.
    func text(colour: Bool, strict: Bool) -> String {
        guard !diagnostics.isEmpty else { return "No findings. \(contents).\n" }
        return diagnostics.rendered(colour: colour) + "\n\n" + verdict(strict: strict) + "\n"
    }

    private func verdict(strict: Bool) -> String {
        let files = Set(diagnostics.map(\.file)).count
        var found: [String] = []
        if errorCount > 0 { found.append(counted(errorCount, "error")) }
        if warningCount > 0 { found.append(counted(warningCount, "warning")) }
        if noteCount > 0 { found.append(counted(noteCount, "note")) }
        let sum = "\(found.joined(separator: ", ")) in \(files) of \(counted(fileCount, "file"))."
        if errorCount > 0 { return sum + " Not usable; the active rules stay as they are." }
        return strict && warningCount > 0 ? sum + " Usable, but --strict asks for none." : sum + " Usable: \(contents)."
    }

    /// `13 files: 12 campaigns, 17 attributes, …`
    private var contents: String {
        guard let ruleSet else { return counted(fileCount, "file") }
        var parts = [
            counted(ruleSet.campaigns.count, "campaign"), counted(ruleSet.schema.attributes.count, "attribute"),
        ]
        parts.append(counted(ruleSet.schema.traits.count { !$0.isHidden }, "trait"))
        parts.append(counted(ruleSet.schema.segments.count, "segment"))
        if let destinationCount { parts.append(counted(destinationCount, "destination")) }
        if let customerCount { parts.append(counted(customerCount, "customer")) }
        return "\(counted(fileCount, "file")): \(parts.joined(separator: ", "))"
    }

    /// The same as JSON.
    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("usable", .bool(errorCount == 0)), ("files", .number(Double(fileCount))),
            ("errors", .number(Double(errorCount))), ("warnings", .number(Double(warningCount))),
            ("notes", .number(Double(noteCount))),
        ]
        if let ruleSet {
            members.append(("fingerprint", .string(ruleSet.fingerprint)))
            members.append(("campaigns", .number(Double(ruleSet.campaigns.count))))
            members.append(("attributes", .number(Double(ruleSet.schema.attributes.count))))
            members.append(("traits", .number(Double(ruleSet.schema.traits.count { !$0.isHidden }))))
            members.append(("segments", .number(Double(ruleSet.schema.segments.count))))
        }
        if let destinationCount { members.append(("destinations", .number(Double(destinationCount)))) }
        if let customerCount { members.append(("customers", .number(Double(customerCount)))) }
        members.append(("findings", .array(diagnostics.map(\.json))))
        return .object(JSONObject(uniqueMembers: members))
    }
}
