import CareLogic
import CareValues

extension CampaignReader {
    /// `api: {}`
    mutating func readCall(_ node: JSONNode) -> Trigger? {
        guard node.kind == .object, node.count == 0 else {
            findings.error(
                "rule.wrong-type", at: node, "api must be an empty object",
                help: "write \"api\": {}; the campaign is called by its name")
            return nil
        }
        return .api
    }

    /// `segment: { entered | left, at }`
    mutating func readSegment(_ node: JSONNode) -> SegmentTrigger? {
        let example = "{ \"entered\": \"vip\" }"
        guard let members = findings.members(of: node, .segment, subject: "segment", example: example) else {
            return nil
        }
        let at = members["at"].map { findings.wallTime($0, "at") }
        let edges = SegmentTrigger.Edge.allCases.filter { members[$0.rawValue] != nil }
        guard edges.count < 2 else {
            findings.conflict(
                "entered", "left", in: node, "a segment trigger", help: "write a second campaign for the other")
            return nil
        }
        guard let edge = edges.first, let place = members[edge.rawValue] else {
            findings.missing("entered' or 'left", in: node, "segment", example: "\"entered\": \"vip\"")
            return nil
        }
        guard let name = findings.text(place, "segment.\(edge.rawValue)", example: "\"vip\""), let schema else {
            return nil
        }
        guard let index = schema.segmentIndex(name) else {
            findings.error(
                "rule.unknown-segment", at: place, "unknown segment '\(name)'",
                help: suggestion(for: name, among: schema.segments.map(\.name)) ?? "define it under 'segments'")
            return nil
        }
        if case .some(nil) = at { return nil }
        return SegmentTrigger(
            segment: index, name: name, edge: edge, at: at ?? nil, definitionHash: hasher.hash(of: .segment(name)))
    }

    /// What changes when the definition of a watched trait is edited; 0 for an attribute.
    func definitionHash(of watched: Watched) -> UInt64 {
        if case .trait = watched.value { hasher.hash(of: .value(watched.name)) } else { 0 }
    }
}
