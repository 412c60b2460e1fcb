import CareValues

/// The measures of a population, from which cut points are computed: exact, of any number of customers, at 16 bytes
/// each.
public struct RFMSurvey: Sendable {
    private var days: [Int32] = []
    private var counts: [Int32] = []
    private var sums: [Double] = []

    /// Nobody measured yet.
    public init() {}

    /// How many customers were measured.
    public var customers: Int { sums.count }

    /// Takes in one customer.
    public mutating func add(_ measures: RFMMeasures) {
        days.append(Int32(clamping: measures.days))
        counts.append(Int32(clamping: measures.count))
        sums.append(measures.sum)
    }

    /// The cut points at the fifths of the population; nil: nobody was measured.
    ///
    /// Of each measure the customers are put in order, worst first; cut point k is the measure of the last customer of
    /// the first k fifths (nearest rank: number ⌈k·n/5⌉). Who is not better than it, is below it: customers who are
    /// alike get one score, the lower.
    public func quantiles() -> RFMCutPoints? {
        guard customers > 0 else { return nil }
        return RFMCutPoints(
            recency: points(days.sorted(by: >).map { Double($0) }).reversed(),
            frequency: points(counts.sorted().map { Double($0) }), monetary: points(sums.sorted()))
    }

    private func points(_ worstFirst: [Double]) -> [Double] {
        (1...RFMCutPoints.count).map { part in
            worstFirst[(part * worstFirst.count + RFMCutPoints.count) / (RFMCutPoints.count + 1) - 1]
        }
    }

    /// How many customers get other scores, and how many another group, by `new` than by `old`; without `old` nobody had
    /// a score.
    public func moves(from old: RFMCutPoints?, to new: RFMCutPoints) -> (scores: Int, groups: Int) {
        guard let old else { return (customers, customers) }
        var moves = (scores: 0, groups: 0)
        for index in sums.indices {
            let measures = RFMMeasures(days: Int(days[index]), count: Int(counts[index]), sum: sums[index])
            let before = old.scores(of: measures)
            let after = new.scores(of: measures)
            guard before != after else { continue }
            moves.scores += 1
            let group = RFMGroup(recency: before.recency, frequency: before.frequency, monetary: before.monetary)
            if group != RFMGroup(recency: after.recency, frequency: after.frequency, monetary: after.monetary) {
                moves.groups += 1
            }
        }
        return moves
    }
}
