import CareIntake
import CareValues
import Testing

@testable import CareEngine

/// The orders in which a transaction takes its rows.
struct ImportOrderTests {
    private func rows(_ customers: String) -> [ImportRow] {
        customers.enumerated().map { line, customer in
            ImportRow(
                IntakeRecord(
                    extent: RowExtent(line: line, offset: 0, length: 0), customer: String(customer),
                    content: .event(type: "e", id: "\(line)", source: nil, time: .distantPast, properties: [:])),
                source: "import")
        }
    }

    private func text(_ rows: [ImportRow]) -> String {
        rows.map { "\($0.customer)\($0.extent.line)" }.joined(separator: " ")
    }

    @Test(arguments: [
        ("", "", ""), ("a", "a0", "a0"),
        ("bab", "a1 b0 b2", "a1 b0 b2"),
        ("bbabcab", "a2 a5 b0 b1 b3 b6 c4", "a2 b0 c4 a5 b1 b3 b6"),
    ])
    func `Rows go by customer or in rounds, each customer's by line`(
        customers: String, grouped: String, rounds: String
    ) {
        var history = rows(customers)
        ImportOrder.byCustomer(&history)
        #expect(text(history) == grouped)
        var firing = rows(customers)
        ImportOrder.inRounds(&firing)
        #expect(text(firing) == rounds)
    }
}
