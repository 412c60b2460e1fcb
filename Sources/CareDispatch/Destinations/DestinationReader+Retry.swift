import CareValues

extension DestinationReader {
    private static let retryKeys = ["waits", "first", "factor", "longest", "attempts", "jitter", "within"]
    private static let exponentialKeys = ["first", "factor", "longest", "attempts"]

    /// A retry schedule: a list of waits, or an object with them or with what they grow by.
    mutating func retry(_ node: JSONNode) -> RetrySchedule? {
        switch node.kind {
        case .array:
            return waits(node).map { RetrySchedule(waits: $0) }
        case .object:
            _ = refuseOtherKeys(node, than: Self.retryKeys, in: "retry")
            guard var schedule = baseSchedule(node) else { return nil }
            if let value = node["jitter"], let jitter = part(value) { schedule.jitter = jitter }
            if let value = node["within"] {
                schedule.totalMilliseconds = duration(value, 1_000...RetrySchedule.longestMilliseconds)
            }
            return schedule
        default:
            fail(
                node, "config.wrong-type", "retry must be a list of waits or an object, not \(node.kind.noun)",
                #"for example ["PT5S", "PT5M", "PT1H"] or { "first": "PT5S", "attempts": 8 }; an empty list means a single attempt"#
            )
            return nil
        }
    }

    private mutating func baseSchedule(_ node: JSONNode) -> RetrySchedule? {
        let given = Self.exponentialKeys.filter { node[$0] != nil }
        if let list = node["waits"] {
            if !given.isEmpty {
                fail(list, "config.bad-value", "retry has both waits and \(self.list(given))", "one or the other")
                return nil
            }
            guard list.kind == .array else {
                fail(list, "config.wrong-type", "waits must be a list, not \(list.kind.noun)")
                return nil
            }
            return waits(list).map { RetrySchedule(waits: $0) }
        }
        if given.isEmpty { return .standard }
        let first = node["first"].map { duration($0, 1...RetrySchedule.longestMilliseconds) } ?? 5_000
        let longest = node["longest"].map { duration($0, 1...RetrySchedule.longestMilliseconds) } ?? 86_400_000
        let factor = node["factor"].map { number($0, above: 0.999_999, through: 100) } ?? 4
        let attempts = node["attempts"].map { integer($0, 1...(RetrySchedule.mostWaits + 1)) } ?? 10
        guard let first, let longest, let factor, let attempts else { return nil }
        return .exponential(first: first, factor: factor, longest: longest, attempts: attempts)
    }

    private mutating func waits(_ node: JSONNode) -> [Int64]? {
        let elements = Array(node.elements)
        if elements.count > RetrySchedule.mostWaits {
            fail(node, "config.bad-value", "retry has more than \(RetrySchedule.mostWaits) waits")
        }
        return elements.compactMap { duration($0, 0...RetrySchedule.longestMilliseconds) }
    }

    /// `"full"`, or a part from 0 to 1.
    private mutating func part(_ node: JSONNode) -> Double? {
        if node.string == "full" { return 1 }
        guard let value = node.number, value >= 0, value <= 1 else {
            fail(node, "config.bad-value", "jitter must be \"full\" or a number from 0 to 1")
            return nil
        }
        return value
    }
}
