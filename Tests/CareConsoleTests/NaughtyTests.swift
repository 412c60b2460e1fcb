import CareStore
import CareValues
import Foundation
import Testing

@testable import CareAPI
@testable import CareConsole

/// The Big List of Naughty Strings as every text that a customer brings, on the pages that show them.
@Suite struct NaughtyTests {
    /// Those that an id can hold: not empty, with no control characters, and short enough.
    static func strings() throws -> [String] {
        let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("CareValuesTests/Fixtures/blns/blns.json")
        return try JSONDecoder().decode([String].self, from: Data(contentsOf: file)).filter { text in
            (1..<200).contains(text.utf8.count) && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
        }
    }

    @Test func `every naughty string is shown as text and nothing else`() async throws {
        let strings = try Self.strings()
        #expect(strings.count > 450)
        let (plain, evil) = (try ConsoleWorld(), try ConsoleWorld())
        try await plain.fill(1) { _ in "plain" }
        try await evil.fill(strings.count) { strings[$0] }
        let (one, two) = (try plain.session(.read), try evil.session(.read))
        let wanted = EscapingTests.shape(
            try await plain.get(Link.customer(ConsoleWorld.id(0, "plain")).text, one).text)
        #expect(wanted.count > 100)
        for (number, text) in strings.enumerated() {
            let answer = try await evil.get(Link.customer(ConsoleWorld.id(number, text)).text, two)
            #expect(answer.status == 200, "\(text)")
            #expect(EscapingTests.differing(EscapingTests.shape(answer.text), wanted) == nil, "\(text)")
        }
        let deliveries = try evil.deliveries()
        let delivery = try #require(try plain.deliveries().first)
        let shape = EscapingTests.shape(try await plain.get(Link.delivery(delivery.order.id).text, one).text)
        for delivery in deliveries where delivery.order.id.text.hasSuffix("7") {
            let answer = try await evil.get(Link.delivery(delivery.order.id).text, two)
            #expect(
                EscapingTests.differing(EscapingTests.shape(answer.text), shape) == nil, "\(delivery.order.customer)")
        }
        // Pages of many rows, and filters that say them.
        let marked = strings.filter { $0.count > 4 && $0.contains("<") }
        #expect(marked.count > 50)
        for path in [
            "overview", "customers", "deliveries?state=waiting", "ledger", "campaigns/complaint-care", "plan?days=7",
        ] {
            let text = try await evil.get("/console/" + path, two).text
            for string in marked { #expect(!text.contains(string), "\(path): \(string)") }
        }
        for (place, text) in strings.enumerated() where place.isMultiple(of: 5) {
            for path in [
                "customers?id=", "deliveries?customer=", "ledger?customer=", "ledger?reason=", "campaigns?text=",
            ] {
                let answer = try await evil.get("/console/" + path + Link.encoded(text), two)
                #expect(answer.status == 200, "\(path): \(text)")
                if text.count > 4, text.contains("<") { #expect(!answer.text.contains(text), "\(path): \(text)") }
            }
        }
    }
}
