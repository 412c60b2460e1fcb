import CareValues

/// The values a term of a condition may have, as far as the rules say: what a comparison asks for, or what there is.
package enum Domain: Hashable {
    /// One of these texts.
    case texts(Set<String>)
    /// One of these truth values.
    case flags(Set<Bool>)
    /// A number; of dates the day, of instants the millisecond.
    case numbers(Span)

    /// Whether no value is in it.
    var isEmpty: Bool {
        switch self {
        case .texts(let words): words.isEmpty
        case .flags(let flags): flags.isEmpty
        case .numbers(let span): span.isEmpty
        }
    }

    /// The values in both; nil when they are of different kinds, of which nothing can be said.
    func intersection(_ other: Domain) -> Domain? {
        switch (self, other) {
        case (.texts(let left), .texts(let right)): .texts(left.intersection(right))
        case (.flags(let left), .flags(let right)): .flags(left.intersection(right))
        case (.numbers(let left), .numbers(let right)): .numbers(left.intersection(right))
        default: nil
        }
    }

    /// Whether every value of `other` is in it.
    func contains(_ other: Domain) -> Bool { other.intersection(self).map { $0 == other } ?? false }
}

/// Numbers between two bounds, each of which may belong to it or not.
package struct Span: Hashable {
    /// The lower bound.
    package var low = -Double.infinity
    /// Whether the lower bound itself is outside.
    package var isOpenLow = false
    /// The upper bound.
    package var high = Double.infinity
    /// Whether the upper bound itself is outside.
    package var isOpenHigh = false
    /// Whether only whole numbers are in it.
    package var isWhole = false

    /// Every number.
    static let all = Span()

    /// The numbers for which `number operation bound` holds; nil for another operation.
    init?(_ operation: String, _ bound: Double) {
        switch operation {
        case "==", "===": self.init(low: bound, high: bound)
        case ">": self.init(low: bound, isOpenLow: true)
        case ">=": self.init(low: bound)
        case "<": self.init(high: bound, isOpenHigh: true)
        case "<=": self.init(high: bound)
        default: return nil
        }
    }

    init(
        low: Double = -.infinity, isOpenLow: Bool = false, high: Double = .infinity, isOpenHigh: Bool = false,
        isWhole: Bool = false
    ) {
        self.low = low
        self.isOpenLow = isOpenLow
        self.high = high
        self.isOpenHigh = isOpenHigh
        self.isWhole = isWhole
    }

    var isEmpty: Bool { low > high || (low == high && (isOpenLow || isOpenHigh)) }

    func intersection(_ other: Span) -> Span {
        var result = self
        if other.low > low {
            (result.low, result.isOpenLow) = (other.low, other.isOpenLow)
        } else if other.low == low {
            result.isOpenLow = isOpenLow || other.isOpenLow
        }
        if other.high < high {
            (result.high, result.isOpenHigh) = (other.high, other.isOpenHigh)
        } else if other.high == high {
            result.isOpenHigh = isOpenHigh || other.isOpenHigh
        }
        result.isWhole = isWhole || other.isWhole
        if result.isWhole { result.tighten() }
        return result
    }

    /// Moves the bounds to the whole numbers inside, so that equal sets are written alike.
    private mutating func tighten() {
        if low.isFinite {
            low = isOpenLow ? low.rounded(.down) + 1 : low.rounded(.up)
            isOpenLow = false
        }
        if high.isFinite {
            high = isOpenHigh ? high.rounded(.up) - 1 : high.rounded(.down)
            isOpenHigh = false
        }
    }
}

/// What a condition, or a part of one, can come out as.
struct Outcomes: OptionSet {
    let rawValue: UInt8
    static let yes = Outcomes(rawValue: 1)
    static let no = Outcomes(rawValue: 2)
    static let missing = Outcomes(rawValue: 4)
    static let any: Outcomes = [.yes, .no, .missing]
}
