import CareValues
import Glibc

/// The made-up events of the population, by time; some customers have many, some none.
struct EventStream {
    private static let types = ["login", "purchase", "support", "complaint", "refund"]
    private static let typeShares = [0.55, 0.85, 0.93, 0.97]

    /// Rows of the stream in the order of their times.
    let order: [(seconds: Int64, row: Int)]
    let customers: Int

    /// Rows below it are a purchase of the customer of that row.
    let buyers: Int

    /// The events of these rows, spread evenly over `seconds` up to the population's now. The rows below `buyers` are
    /// one purchase each of as many customers.
    init(customers: Int, rows: Range<Int>, seconds: Double, endingBefore gap: Int64 = 0, buyers: Int = 0) {
        self.customers = customers
        self.buyers = buyers
        let end = Int64(Population.today) * 86_400 + 9 * 3600 - gap
        order = rows.map { row in (end - Int64(Population.uniform(row, 32) * seconds), row) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    }

    /// One event as a line of JSON, without its end.
    func line(_ position: Int) -> String {
        let (seconds, row) = order[position]
        let isBuyer = row < buyers
        let customer = isBuyer ? row + 1 : 1 + Int(pow(Population.uniform(row, 31), 1.3) * Double(customers))
        let share = Population.uniform(row, 33)
        let type = isBuyer ? 1 : Self.typeShares.firstIndex { share < $0 } ?? Self.typeShares.count
        var line = #"{"customer":"\#(customer)","id":"e\#(row)","time":""# + Timestamp(seconds: seconds).iso8601
        line += #"","type":"\#(Self.types[type])""#
        // Purchases and refunds have an amount.
        if type == 1 || type == 4 {
            line += #","properties":{"amount":\#(Population.money(5 + Population.exponential(row, 34) * 45))}"#
        }
        return line + "}"
    }
}
