import CareLogic
import CareValues

/// Tags of caps and pauses that no campaign has: most often a slip, and then the gate binds nobody.
enum UnknownTags {
    /// Warns of each. Where there are no campaigns, the file is one of several and nothing is known.
    static func find(in files: MergedFiles, _ findings: inout Findings) {
        let known = Set(files.campaigns.flatMap { texts($0.value["tags"]).map(\.text) })
        guard !files.campaigns.isEmpty else { return }
        for policy in files.policies where ["caps", "pauses"].contains(policy.key.string ?? "") {
            let gates = policy.value.kind == .array ? Array(policy.value.elements) : [policy.value]
            for gate in gates {
                let tags = texts(gate["tags"])
                let bindsSomebody = tags.contains { known.contains($0.text) }
                for (node, text) in tags where !known.contains(text) {
                    let meant = nearest(text, in: known.sorted())
                    // Beside one that is known, another may be kept for a campaign to come.
                    guard meant != nil || !bindsSomebody else { continue }
                    findings.warning(
                        "rule.unknown-tag", at: node, "no campaign has the tag '\(text)'",
                        help: meant.map { "did you mean '\($0)'?" })
                }
            }
        }
    }

    private static func texts(_ node: JSONNode?) -> [(node: JSONNode, text: String)] {
        guard let node else { return [] }
        let parts = node.kind == .array ? Array(node.elements) : [node]
        return parts.compactMap { part in part.string.map { (part, $0) } }
    }
}
