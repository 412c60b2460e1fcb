import CareValues
import Glibc

/// The made-up events of the population, by time; some customers have many, some none.
public struct EventStream {
    /// The types of events.
    public static let types = ["login", "purchase", "support", "complaint", "refund"]
    private static let typeShares = [0.55, 0.85, 0.93, 0.97]

    /// Rows of the stream in the order of their times.
    public let order: [(seconds: Int64, row: Int)]
    /// How many customers there are.
    public let customers: Int
    /// Rows below it are a purchase of the customer of that row.
    public let buyers: Int

    /// The events of these rows, spread evenly over `seconds` up to the population's now. The rows below `buyers` are
    /// one purchase each of as many customers.
    public init(customers: Int, rows: Range<Int>, seconds: Double, endingBefore gap: Int64 = 0, buyers: Int = 0) {
        self.customers = customers
        self.buyers = buyers
        let end = Int64(Population.today) * 86_400 + 9 * 3600 - gap
        order = rows.map { row in (end - Int64(Population.uniform(row, 32) * seconds), row) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    }

    /// One event of the stream.
    public struct Event: Sendable {
        /// 1...customers
        public var customer: Int
        /// Seconds since 1970-01-01T00:00Z.
        public var seconds: Int64
        /// Position among ``EventStream/types``.
        public var type: Int
        /// Of purchases and refunds, with two decimals.
        public var amount: Double?
    }

    /// The event at a position.
    public func event(_ position: Int) -> Event {
        let (seconds, row) = order[position]
        let isBuyer = row < buyers
        let share = Population.uniform(row, 33)
        let type = isBuyer ? 1 : Self.typeShares.firstIndex { share < $0 } ?? Self.typeShares.count
        let hasAmount = type == 1 || type == 4
        return Event(
            customer: isBuyer ? row + 1 : 1 + Int(pow(Population.uniform(row, 31), 1.3) * Double(customers)),
            seconds: seconds, type: type,
            amount: hasAmount ? Population.money(5 + Population.exponential(row, 34) * 45) : nil)
    }

    /// One event as a line of JSON, without its end.
    public func line(_ position: Int) -> String {
        let event = event(position)
        var line = #"{"customer":"\#(event.customer)","id":"e\#(order[position].row)","time":""#
        line += Timestamp(seconds: event.seconds).iso8601 + #"","type":"\#(Self.types[event.type])""#
        if let amount = event.amount { line += #","properties":{"amount":\#(amount)}"# }
        return line + "}"
    }
}
