import CareValues

/// How customers are scored by recency, frequency and monetary value.
///
/// Looked at are the events that have the property as a number. A customer without one in the window has no score.
public struct RFMDefinition: Sendable, Hashable {
    /// The trait's name; its parts are read as `name.r`, `name.f` …
    public var name: String
    /// The event types, ascending, unique.
    public var types: [String]
    /// The property that is added up.
    public var property: String
    /// How long an event counts, in milliseconds: `time ≤ now < time + window`; nil: for ever.
    public var windowMilliseconds: Int64?
    /// The cut points that the rule file gives; nil: the quantiles of the population, computed beforehand.
    public var fixed: RFMCutPoints?

    /// Changes when what is scored does: cut points computed for another fingerprint are none of this definition.
    /// 16 hex digits.
    public var fingerprint: String {
        let hash = XXH64.hash(CanonicalJSON.bytes(measureValue), seed: 0)
        return withUnsafeBytes(of: hash.bigEndian) { Hex.encode(Array($0)) }
    }

    /// What is measured of a customer, without how it is scored.
    var measureValue: JSONValue {
        .array([
            .string("rfm"), .array(types.map(JSONValue.string)), .string(property),
            windowMilliseconds.map { .string(String($0)) } ?? .null,
        ])
    }
}

/// What is read of an RFM score. The raw value is the word behind the trait's name and the dot.
public enum RFMPart: String, Sendable, Hashable, CaseIterable {
    /// The recency score, 1 to 5; 5: the newest event is the most recent.
    case recency = "r"
    /// The frequency score, 1 to 5; 5: the most events.
    case frequency = "f"
    /// The monetary score, 1 to 5; 5: the greatest sum.
    case monetary = "m"
    /// The three digits, as text: `543`.
    case code
    /// The name of the group; see ``RFMGroup``.
    case group

    var valueType: AttributeType {
        switch self {
        case .recency, .frequency, .monetary: .number
        case .code: .string
        case .group: .enumeration(RFMGroup.allCases.map(\.rawValue))
        }
    }
}

/// The named groups of customers. The raw value is the word that rule files read.
///
/// The recency score and the mean of the frequency and the monetary score, rounded half up, say which: every
/// combination is in exactly one group.
public enum RFMGroup: String, Sendable, Hashable, CaseIterable {
    case champions
    case loyal
    case potentialLoyalist = "potential-loyalist"
    case new
    case promising
    case needsAttention = "needs-attention"
    case aboutToSleep = "about-to-sleep"
    case atRisk = "at-risk"
    case cantLoseThem = "cant-lose-them"
    case hibernating

    /// The group of three scores, each 1 to 5.
    public init(recency: Int, frequency: Int, monetary: Int) {
        let worth = (frequency + monetary + 1) / 2
        self =
            switch (recency, worth) {
            case (5, 4...): .champions
            case (3...4, 4...): .loyal
            case (4..., 2...3): .potentialLoyalist
            case (5, _): .new
            case (4, _): .promising
            case (3, 3): .needsAttention
            case (3, _): .aboutToSleep
            case (_, 5): .cantLoseThem
            case (_, 3...4): .atRisk
            default: .hibernating
            }
    }
}

/// Where the scores of an RFM trait begin: four cut points each, ascending.
///
/// A score is 1 plus the number of cut points that the customer is better than: fewer days, more events, a greater sum.
/// Equal to a cut point is not better.
public struct RFMCutPoints: Sendable, Hashable {
    /// Days since the newest event, counted as `days_since` does: local dates.
    public var recency: [Double]
    /// Numbers of events.
    public var frequency: [Double]
    /// Sums of the property.
    public var monetary: [Double]

    /// How many cut points there are of each: five scores.
    public static let count = 4

    /// Cut points; of each four, ascending.
    public init(recency: [Double], frequency: [Double], monetary: [Double]) {
        self.recency = recency
        self.frequency = frequency
        self.monetary = monetary
    }

    /// The three scores of a customer, 1 to 5 each.
    public func scores(of measures: RFMMeasures) -> (recency: Int, frequency: Int, monetary: Int) {
        (
            1 + recency.count { Double(measures.days) < $0 }, 1 + frequency.count { Double(measures.count) > $0 },
            1 + monetary.count { measures.sum > $0 }
        )
    }

    /// What a part of the score is for a customer.
    func value(_ part: RFMPart, of measures: RFMMeasures) -> LogicValue {
        let (recency, frequency, monetary) = scores(of: measures)
        switch part {
        case .recency: return .number(Double(recency))
        case .frequency: return .number(Double(frequency))
        case .monetary: return .number(Double(monetary))
        case .code: return .string("\(recency)\(frequency)\(monetary)")
        case .group:
            return .string(RFMGroup(recency: recency, frequency: frequency, monetary: monetary).rawValue)
        }
    }

    /// As rule files and the store write them.
    public var jsonValue: JSONValue {
        func list(_ points: [Double]) -> JSONValue { .array(points.map(JSONValue.number)) }
        return .object(
            JSONObject(uniqueMembers: [
                ("recency", list(recency)), ("frequency", list(frequency)), ("monetary", list(monetary)),
            ]))
    }

    /// Reads ``jsonValue``; nil: it is none, or the points do not ascend.
    public init?(_ json: JSONValue) {
        guard case .object(let object) = json else { return nil }
        func list(_ name: String) -> [Double]? {
            guard case .array(let values)? = object[name], values.count == Self.count else { return nil }
            var points: [Double] = []
            for case .number(let number) in values where number.isFinite && number >= points.last ?? number {
                points.append(number)
            }
            return points.count == Self.count ? points : nil
        }
        guard let recency = list("recency"), let frequency = list("frequency"), let monetary = list("monetary") else {
            return nil
        }
        self.init(recency: recency, frequency: frequency, monetary: monetary)
    }
}

/// What an RFM trait measures of one customer.
public struct RFMMeasures: Sendable, Hashable {
    /// Local dates from the newest event to now.
    public var days: Int
    /// How many events count.
    public var count: Int
    /// The sum of their property.
    public var sum: Double

    /// Measures of one customer.
    public init(days: Int, count: Int, sum: Double) {
        self.days = days
        self.count = count
        self.sum = sum
    }
}
