import CareLogic
import CareValues

/// When a campaign runs, on whose clock, who is let in, and its goal.
extension CampaignReader {
    /// The terms of a campaign; nil when one of them is broken.
    mutating func readTerms(_ members: [String: JSONNode], of trigger: ReadTrigger?) -> CampaignTerms? {
        var terms = CampaignTerms()
        var isSound = true
        if let node = members["zone"] {
            terms.zone = readZone(node)
            isSound = terms.zone != nil
        }
        for (key, path) in [("activeFrom", \CampaignTerms.activeFrom), ("activeUntil", \.activeUntil)] {
            guard let node = members[key] else { continue }
            terms[keyPath: path] = readMoment(node, key)
            isSound = isSound && terms[keyPath: path] != nil
        }
        if let from = terms.activeFrom, let until = terms.activeUntil, let node = members["activeUntil"],
            isNever(from, until)
        {
            findings.error(
                "rule.conflict", at: node, "'activeUntil' does not lie after 'activeFrom': it would never be active",
                help: "the campaign's trigger counts from 'activeFrom' on and before 'activeUntil'")
            isSound = false
        }
        for (key, path) in [("paused", \CampaignTerms.isPaused), ("approval", \.needsApproval)] {
            guard let node = members[key] else { continue }
            if let flag = node.bool {
                terms[keyPath: path] = flag
            } else {
                findings.wrongType(node, key, needs: "true or false", example: "true")
                isSound = false
            }
        }
        if let node = members["backfill"] {
            terms.backfill = readBackfill(node, trigger?.trigger)
            isSound = isSound && terms.backfill != nil
        }
        if let node = members["goal"] {
            terms.goal = readGoal(node)
            isSound = isSound && terms.goal != nil
        }
        return isSound ? terms : nil
    }

    /// `"Asia/Shanghai"` or `{ "fixed": "Asia/Shanghai" }`.
    private mutating func readZone(_ node: JSONNode) -> CampaignZone? {
        let example = "\"Asia/Shanghai\" or { \"fixed\": \"Asia/Shanghai\" }"
        if node.kind == .string { return zoneName(node, "zone").map(CampaignZone.fallback) }
        guard let members = findings.members(of: node, .campaignZone, subject: "zone", example: example) else {
            return nil
        }
        guard let place = members["fixed"] else {
            findings.missing("fixed", in: node, "zone", example: "\"fixed\": \"Asia/Shanghai\"")
            return nil
        }
        return zoneName(place, "zone.fixed").map(CampaignZone.fixed)
    }

    /// A text that is the IANA name of a zone, as far as that can be checked.
    private mutating func zoneName(_ node: JSONNode, _ subject: String) -> String? {
        guard let name = findings.text(node, subject, example: "\"Asia/Shanghai\"") else { return nil }
        let isName = name.unicodeScalars.allSatisfy { scalar in
            ("A"..."Z").contains(scalar) || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
                || "/_+-".unicodeScalars.contains(scalar)
        }
        if isName { return findings.isZone(name, at: node) ? name : nil }
        findings.error(
            "rule.wrong-value", at: node, "'\(name)' is not the name of a time zone",
            help: "write an IANA name: \"Asia/Shanghai\"")
        return nil
    }

    private mutating func readMoment(_ node: JSONNode, _ key: String) -> CampaignMoment? {
        let help = "write \"2026-06-01\", \"2026-06-01T09:00\", or with an offset \"2026-06-01T09:00:00Z\""
        guard let text = node.string else {
            findings.wrongType(node, key, needs: "a date or a time as text", example: "\"2026-06-01\"")
            return nil
        }
        if let moment = CampaignMoment(text: text) { return moment }
        findings.error("rule.bad-time", at: node, "'\(text)' is neither a date nor a time", help: help)
        return nil
    }

    /// Whether no instant lies between the two, as far as that can be told without a zone.
    private func isNever(_ from: CampaignMoment, _ until: CampaignMoment) -> Bool {
        switch (from, until) {
        case (.local(let from), .local(let until)): from >= until
        case (.instant(let from), .instant(let until)): from >= until
        default: false
        }
    }

    /// `"members"` of a segment that is entered, else a duration.
    private mutating func readBackfill(_ node: JSONNode, _ trigger: Trigger?) -> Backfill? {
        var backfill = Backfill.members
        if node.string != "members" {
            guard let duration = findings.duration(node, "backfill", range: .positive, example: "P7D") else {
                return nil
            }
            backfill = .within(duration)
        }
        switch (trigger, backfill) {
        case (nil, _): return backfill
        case (.segment(let segment), .members) where segment.edge == .entered: return backfill
        case (.segment(let segment), .within) where segment.edge == .entered:
            findings.error(
                "rule.conflict", at: node, "a campaign on a segment lets in members, not what was due before",
                help: "write \"backfill\": \"members\"")
        case (.segment, _), (.change, _), (.api, _):
            findings.error(
                "rule.conflict", at: node,
                "nothing can be made up for where the trigger is a change, a segment left "
                    + "or a call", help: "take 'backfill' out")
        case (_, .members):
            findings.error(
                "rule.conflict", at: node, "only a campaign on a segment that is entered can let in its members",
                help: "write how far back to look: \"backfill\": \"P7D\"")
        default: return backfill
        }
        return nil
    }

    private mutating func readGoal(_ node: JSONNode) -> Goal? {
        let example = "{ \"event\": \"purchase\", \"within\": \"P30D\" }"
        guard let members = findings.members(of: node, .goal, subject: "a goal", example: example) else { return nil }
        var types: [(text: String, node: JSONNode)]?
        if let place = members["event"] {
            types = findings.oneOrList(place, "goal.event", example: "\"purchase\"")
        } else {
            findings.missing("event", in: node, "a goal", example: "\"event\": \"purchase\"")
        }
        var within: ISODuration?
        if let place = members["within"] {
            within = findings.duration(place, "goal.within", range: .positive, example: "P30D")
        } else {
            findings.missing("within", in: node, "a goal", example: "\"within\": \"P30D\"")
        }
        var condition: Expression?
        if let place = members["where"] {
            condition = expression(place, .exitWhere(types: types?.map(\.text) ?? []), .condition)
            if condition == nil { return nil }
        }
        guard let types, let within else { return nil }
        return Goal(types: types.map(\.text), condition: condition, within: within)
    }
}

extension CampaignReader {
    /// `formerly`: the name under which the campaign was first activated; nil when it is broken.
    mutating func readFormerly(_ node: JSONNode, of name: String) -> String? {
        guard let former = findings.text(node, "formerly", example: "\"win-back\"") else { return nil }
        findings.checkName(former, at: node, "a campaign")
        if former == name {
            findings.error(
                "rule.conflict", at: node, "campaign '\(name)' is named so now",
                help: "take 'formerly' out: it is for a campaign that had another name")
            return nil
        }
        if let taken = identities[former] {
            findings.error(
                "rule.duplicate-name", at: node, "'\(former)' is already the identity of campaign '\(taken)'",
                help: "two campaigns cannot go on with one history: take 'formerly' out of one of them")
            return nil
        }
        identities[former] = name
        return former
    }
}
