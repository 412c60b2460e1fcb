import CareDecisions
import CareLogic
import CareRules
import CareValues

/// What another version of the rules does otherwise in a period, to whom, and when.
public struct RulesDiff: Sendable {
    /// A step of a campaign.
    public struct StepKey: Sendable, Hashable, Comparable {
        /// The campaign's identity, or its name where ``RulesDiff/named(_:)`` was called.
        public var campaign: String
        /// The step's name.
        public var step: String

        /// That step of that campaign.
        public init(campaign: String, step: String) {
            self.campaign = campaign
            self.step = step
        }

        public static func < (left: StepKey, right: StepKey) -> Bool {
            (left.campaign, left.step) < (right.campaign, right.step)
        }
    }

    /// What becomes of a step's acts.
    public struct Counts: Sendable, Hashable {
        /// Acts under the old rules, of the customers who were compared.
        public var old = 0
        /// Acts under the new.
        public var new = 0
        /// Acts that only the new rules have.
        public var newly = 0
        /// Acts that only the old rules had.
        public var noLonger = 0
        /// Acts under both, at another instant.
        public var moved = 0
        /// Acts under both at one instant, with another body or destination.
        public var changed = 0
        /// Why acts come or fall away: a reason, or empty for the trigger and the condition; with counts.
        public var reasons: [String: Int] = [:]

        /// How many differ.
        public var differing: Int { newly + noLonger + moved + changed }
    }

    /// One decision that differs.
    public struct Sample: Sendable, Hashable {
        /// How it differs.
        public enum Kind: String, Sendable {
            case newly
            case noLonger
            case moved
            case changed
        }
        /// How it differs.
        public var kind: Kind
        /// Its key.
        public var key: DecisionKey
        /// How it ends under the old rules; nil: it is not there.
        public var old: Decision?
        /// How it ends under the new; nil: it is not there.
        public var new: Decision?
        /// The first node or gate that differs, in words; empty: nothing is known to.
        public var why = ""
    }

    /// A day's differences.
    public struct Day: Sendable, Hashable {
        /// Acts that come.
        public var newly = 0
        /// Acts that fall away.
        public var noLonger = 0

        /// A day on which so many come and fall away.
        public init(newly: Int = 0, noLonger: Int = 0) {
            self.newly = newly
            self.noLonger = noLonger
        }
    }

    /// Per step.
    public var steps: [StepKey: Counts] = [:]
    /// By date in the project's zone and campaign: of what moves the new date comes and the old one goes.
    public var days: [CivilDate: [String: Day]] = [:]
    /// Entries and waiting occurrences that the edit ends, by campaign.
    public var lost: [String: Int] = [:]
    /// Some of what differs, at most ``maximumSamples`` of each step and kind.
    public var samples: [Sample] = []
    /// Customers looked at.
    public var customers = 0
    /// Customers for whom something differs.
    public var customersDiffering = 0
    /// Customers whose whole future was run under both rules.
    public var compared = 0
    /// So many samples are kept of each step and kind.
    public static let maximumSamples = 3

    /// No difference.
    public init() {}

    /// Whether nothing differs.
    public var isEmpty: Bool { lost.isEmpty && steps.values.allSatisfy { $0.differing == 0 } }

    /// The sums over all steps.
    public var total: Counts {
        steps.values.reduce(into: Counts()) { total, counts in total.add(counts) }
    }

    // MARK: One customer

    /// Compares one customer's forecasts.
    ///
    /// - Returns: the samples that were kept of it, as positions in ``samples``.
    public mutating func add(old: CustomerForecast, new: CustomerForecast, zone: Zone) -> Range<Int> {
        compared += 1
        let first = samples.count
        let before = old.lastDecisions
        let after = new.lastDecisions
        for decision in after where decision.reason == .campaignRemoved {
            lost[decision.key.campaign, default: 0] += 1
        }
        let oldByKey = Dictionary(before.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        let newByKey = Dictionary(after.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        var differs = false
        for decision in before where decision.outcome == .act {
            let step = StepKey(campaign: decision.key.campaign, step: decision.key.step)
            steps[step, default: Counts()].old += 1
            let other = newByKey[decision.key]
            guard let other, other.outcome == .act else {
                differs = true
                steps[step, default: Counts()].noLonger += 1
                steps[step, default: Counts()].reasons[other?.reason?.rawValue ?? "", default: 0] += 1
                days[zone.date(at: decision.now), default: [:]][step.campaign, default: Day()].noLonger += 1
                keep(Sample(kind: .noLonger, key: decision.key, old: decision, new: other))
                continue
            }
            if other.now != decision.now {
                differs = true
                steps[step, default: Counts()].moved += 1
                days[zone.date(at: decision.now), default: [:]][step.campaign, default: Day()].noLonger += 1
                days[zone.date(at: other.now), default: [:]][step.campaign, default: Day()].newly += 1
                keep(Sample(kind: .moved, key: decision.key, old: decision, new: other))
            } else if !other.hasSameBody(as: decision) {
                differs = true
                steps[step, default: Counts()].changed += 1
                keep(Sample(kind: .changed, key: decision.key, old: decision, new: other))
            }
        }
        for decision in after where decision.outcome == .act {
            let step = StepKey(campaign: decision.key.campaign, step: decision.key.step)
            steps[step, default: Counts()].new += 1
            let other = oldByKey[decision.key]
            guard other?.outcome != .act else { continue }
            differs = true
            steps[step, default: Counts()].newly += 1
            steps[step, default: Counts()].reasons[other?.reason?.rawValue ?? "", default: 0] += 1
            days[zone.date(at: decision.now), default: [:]][step.campaign, default: Day()].newly += 1
            keep(Sample(kind: .newly, key: decision.key, old: other, new: decision))
        }
        if differs { customersDiffering += 1 }
        return first..<samples.count
    }

    private mutating func keep(_ sample: Sample) {
        let same = samples.count {
            $0.kind == sample.kind && $0.key.campaign == sample.key.campaign && $0.key.step == sample.key.step
        }
        if same < Self.maximumSamples { samples.append(sample) }
    }

    /// Adds the differences of other customers.
    public mutating func merge(_ other: RulesDiff) {
        for (key, counts) in other.steps { steps[key, default: Counts()].add(counts) }
        for (date, campaigns) in other.days {
            days[date, default: [:]].merge(campaigns) {
                Day(newly: $0.newly + $1.newly, noLonger: $0.noLonger + $1.noLonger)
            }
        }
        lost.merge(other.lost, uniquingKeysWith: +)
        for sample in other.samples { keep(sample) }
        customers += other.customers
        customersDiffering += other.customersDiffering
        compared += other.compared
    }

    /// The same with campaigns under their names: `names` by identity.
    public func named(_ names: [String: String]) -> RulesDiff {
        guard !names.isEmpty else { return self }
        var diff = self
        diff.steps = Dictionary(
            steps.map { (StepKey(campaign: names[$0.key.campaign] ?? $0.key.campaign, step: $0.key.step), $0.value) },
            uniquingKeysWith: { first, _ in first })
        diff.days = days.mapValues { campaigns in
            Dictionary(campaigns.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        }
        diff.lost = Dictionary(lost.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: +)
        for index in diff.samples.indices {
            let identity = diff.samples[index].key.campaign
            diff.samples[index].key.campaign = names[identity] ?? identity
        }
        return diff
    }
}

extension RulesDiff.Counts {
    mutating func add(_ other: RulesDiff.Counts) {
        old += other.old
        new += other.new
        newly += other.newly
        noLonger += other.noLonger
        moved += other.moved
        changed += other.changed
        reasons.merge(other.reasons, uniquingKeysWith: +)
    }
}

extension Decision {
    /// Whether both order the same; until when they may be delivered is no part of it.
    fileprivate func hasSameBody(as other: Decision) -> Bool {
        guard let left = order, let right = other.order else { return order == nil && other.order == nil }
        return left.hasSameBody(as: right)
    }
}

/// Which campaigns two rule sets treat otherwise.
public enum ChangedCampaigns: Sendable, Hashable {
    /// Every one may be: something they share was edited.
    case all(because: String)
    /// These, by identity; all others are defined as before.
    case some(Set<String>)

    /// What differs between two rule sets in one zone.
    public init(_ old: RuleSet, _ new: RuleSet) {
        for place in ChangedPlace.between(old.canonicalText, new.canonicalText) {
            // Traits and segments are part of what the campaigns that read them are.
            if ["policies", "attributes", "events"].contains(place.part) {
                self = .all(because: place.part)
                return
            }
        }
        let before = Dictionary(old.campaigns.map { ($0.identity, $0.definitionHash) }, uniquingKeysWith: { $1 })
        let after = Dictionary(new.campaigns.map { ($0.identity, $0.definitionHash) }, uniquingKeysWith: { $1 })
        self = .some(Set(before.keys).union(after.keys).filter { before[$0] != after[$0] })
    }
}

extension CustomerForecast {
    /// Whether nothing at all was looked at, not even in vain.
    public var isEmpty: Bool { decisions.isEmpty && entered.isEmpty && notMatching.isEmpty }
}

extension CustomerRow {
    /// The customer with only what `campaigns` remember of it, for rules that have no others.
    public func withMemory(ofCampaigns campaigns: Set<String>) -> CustomerRow {
        var row = self
        row.memory.entries.removeAll { !campaigns.contains($0.campaign) }
        row.memory.waiting.removeAll { !campaigns.contains($0.occurrence.campaign) }
        row.memory.delayed.removeAll { !campaigns.contains($0.occurrence.campaign) }
        return row
    }
}

extension ExplanationNode {
    /// The deepest first node that has the result of this one: what made it so.
    public var decisive: ExplanationNode {
        for child in children where child.value == value { return child.decisive }
        return self
    }

    /// `>= tier "silver", "silver" true`
    public var text: String {
        let parts = [label, detail].filter { !$0.isEmpty }
        return parts.joined(separator: " ")
    }
}
