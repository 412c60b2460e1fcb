import CareLogic
import CareValues

extension CampaignReader {
    /// `inactivity: { of, for, orSince, every, at, spread }`
    mutating func readInactivity(_ node: JSONNode) -> InactivityTrigger? {
        let example = "{ \"of\": \"purchase\", \"for\": \"P60D\" }"
        guard let members = findings.members(of: node, .inactivity, subject: "inactivity", example: example) else {
            return nil
        }
        var isSound = true
        var types: [String]?
        if let of = members["of"] {
            let read = findings.oneOrList(of, "inactivity.of", example: "\"purchase\"")
            for type in read ?? [] { warnAboutEventType(type.text, at: type.node) }
            types = read?.map(\.text)
        } else {
            findings.missing("of", in: node, "inactivity", example: "\"of\": \"purchase\"")
        }
        var duration: ISODuration?
        if let length = members["for"] {
            duration = findings.duration(length, "inactivity.for", range: .positive, example: "P60D")
        } else {
            findings.missing("for", in: node, "inactivity", example: "\"for\": \"P60D\"")
        }
        var at: LocalTime?
        if let time = members["at"] {
            at = findings.wallTime(time, "at")
            isSound = isSound && at != nil
        }
        var every: ISODuration?
        if let length = members["every"] {
            every = readEvery(length)
            isSound = isSound && every != nil
        }
        var spread: ISODuration?
        if let length = members["spread"] {
            spread = readSpread(length, "inactivity.spread")
            isSound = isSound && spread != nil
        }
        var orSince: Int?
        if let name = members["orSince"] {
            orSince = readOrSince(name)
            isSound = isSound && orSince != nil
        }
        guard isSound, let types, let duration, let lastTrait = silences[types] else { return nil }
        return InactivityTrigger(
            types: types, duration: duration, orSince: orSince, every: every, at: at, spread: spread,
            lastTrait: lastTrait)
    }

    private mutating func readEvery(_ node: JSONNode) -> ISODuration? {
        guard let every = findings.duration(node, "inactivity.every", range: .positive, example: "P30D") else {
            return nil
        }
        guard every.approximateMilliseconds >= RuleLimits.shortestRepeat else {
            findings.error(
                "rule.bad-duration", at: node, "inactivity.every is shorter than an hour",
                help: "for example \"P30D\"")
            return nil
        }
        return every
    }

    /// A length below which each customer has a stable delay.
    mutating func readSpread(_ node: JSONNode, _ subject: String) -> ISODuration? {
        guard let spread = findings.duration(node, subject, range: .positive, example: "P5D") else { return nil }
        guard spread.months == 0 else {
            findings.error(
                "rule.bad-duration", at: node, "\(subject) must not be in months or years",
                help: "write days: \"P30D\"")
            return nil
        }
        return spread
    }

    /// The index of the attribute since which a customer is silent who never did it.
    private mutating func readOrSince(_ node: JSONNode) -> Int? {
        guard let watched = watchedValue(node, "inactivity.orSince", example: "\"joinedOn\"") else { return nil }
        guard case .attribute(let index) = watched.value else {
            findings.error(
                "rule.type-mismatch", at: node, "\(watched.name) is a trait, orSince needs an attribute",
                help: "name an attribute that is a date or an instant")
            return nil
        }
        guard watched.type == .date || watched.type == .instant else {
            findings.error(
                "rule.type-mismatch", at: node, "\(watched.name) is \(watched.phrase), orSince needs a date",
                help: "use a date or an instant")
            return nil
        }
        return index
    }
}
