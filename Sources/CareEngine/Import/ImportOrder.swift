/// The orders in which one transaction takes its rows. One customer's rows keep the order of their lines in each, so
/// that nothing comes out otherwise; the pages of the store are touched one after another, and each is written once
/// for many customers.
enum ImportOrder {
    /// By customer: one customer's rows stand together, its row in the store is written once for all of them.
    static func byCustomer(_ rows: inout [ImportRow]) {
        // The sort is stable.
        rows.sort { $0.customer < $1.customer }
    }

    /// The first row of each customer, by customer; then the second of each; and so on: rows that fire are requests
    /// of their own, and two of one customer at once would wait for one another.
    static func inRounds(_ rows: inout [ImportRow]) {
        var met: [String: Int32] = [:]
        met.reserveCapacity(rows.count)
        var order: [(round: Int32, index: Int)] = []
        order.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            let round = met[row.customer, default: 0]
            met[row.customer] = round + 1
            order.append((round, index))
        }
        order.sort { left, right in
            guard left.round == right.round else { return left.round < right.round }
            return rows[left.index].customer < rows[right.index].customer
        }
        rows = order.map { rows[$0.index] }
    }
}
