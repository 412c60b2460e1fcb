import CareValues

/// Why the purchase file cannot be read.
struct PurchaseFileError: Error, CustomStringConvertible {
    let line: Int
    var description: String { "line \(line) of the purchases is not: id, sample id, YYYYMMDD, number, dollars" }
}

/// One purchase of the sample.
struct Purchase {
    let date: CivilDate
    /// The dollar value in cents, so that sums are exact.
    let cents: Int
}

/// The purchases of every customer, by id ascending, each customer's in the order of the file.
struct PurchaseHistory {
    let customers: [(id: String, purchases: [Purchase])]

    init(text: String) throws(PurchaseFileError) {
        var order: [String] = []
        var byCustomer: [String: [Purchase]] = [:]
        for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            let fields = line.split(separator: " ")
            guard fields.count == 5, let purchase = Purchase(day: fields[2], dollars: fields[4]) else {
                throw PurchaseFileError(line: index + 1)
            }
            let id = String(fields[0])
            if byCustomer[id] == nil { order.append(id) }
            byCustomer[id, default: []].append(purchase)
        }
        customers = order.sorted().map { ($0, byCustomer[$0] ?? []) }
    }
}

extension Purchase {
    /// Reads `19970131` and `29.33`; nil for anything else.
    init?(day: Substring, dollars: Substring) {
        let parts = dollars.split(separator: ".", omittingEmptySubsequences: false)
        guard day.utf8.count == 8, let number = Int(day), parts.count == 2, parts[1].utf8.count == 2,
            let whole = Int(parts[0]), let rest = Int(parts[1]),
            let date = CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        else { return nil }
        self.date = date
        self.cents = whole * 100 + rest
    }
}
