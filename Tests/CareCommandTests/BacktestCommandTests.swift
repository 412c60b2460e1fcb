import CarePlanning
import Testing

@testable import care

/// The rules over recorded history: what would have been sent, what followed, and no more than that.
@Suite struct BacktestCommandTests {
    static func world() async throws -> World {
        let world = try World.shop(now: "2026-09-21T00:30:00Z")
        try world.write(
            "c.csv", "customer,tier,birthday\nc1,gold,1990-05-10\nc2,gold,1985-04-03\nc3,bronze,1985-04-03\n")
        try world.write(
            "e.csv",
            """
            customer,type,time,id,amount
            c1,purchase,2026-01-05T02:00:00Z,o1,5
            c1,purchase,2026-05-10T02:00:00Z,o2,5
            c2,purchase,2026-02-01T02:00:00Z,o3,5
            c3,purchase,2026-03-01T02:00:00Z,o4,5
            c3,complaint.opened,2026-03-03T02:00:00Z,o5,
            c3,purchase,2026-03-09T02:00:00Z,o6,5

            """)
        #expect(await world.care("import customers c.csv --history-until 2026-01-02").code == 0)
        #expect(await world.care("import events e.csv --history-until 2026-09-21").code == 0)
        return world
    }

    @Test func `facts are seen from when they came, and what followed is counted`() async throws {
        let world = try await Self.world()
        let answer = await world.care("backtest --from 2026-01-03 --until 2026-07-01")
        #expect(answer.code == 0, "\(answer.error)")
        #expect(
            answer.output.hasPrefix(
                "5 messages would have gone out in 179 days to 3 customers. What follows was observed, not caused by them.\n"
            ),
            "\(answer.output)")
        // c1's greeting of 3 May was followed by a purchase, c2's of 27 March was not.
        #expect(
            answer.output.contains(
                "  birthday-gold           2        -  purchase P30D    1 of 2           -\n"),
            "\(answer.output)")
        // A second purchase is no first one; c3 complained two days after its first.
        #expect(
            answer.output.contains(
                "  thanks                  3        -  purchase P30D    1 of 3           1\n"),
            "\(answer.output)")
        #expect(answer.output.contains("Nobody really entered then: birthday-gold, thanks."), "\(answer.output)")
        let later = await world.care("backtest --from 2026-01-06 --until 2026-07-01 --campaign thanks --format json")
            .output
        #expect(later.contains(#""wouldSend":2"#), "c1's first purchase is history then: \(later)")
    }

    @Test(arguments: [
        ("2026-01-05T02:00:00Z", 0), ("2026-01-05T02:00:00.001Z", 1), ("2026-02-04T01:59:59.999Z", 1),
        ("2026-02-04T02:00:00Z", 0),
    ])
    func `what follows is counted after the decision's own instant, in which its event lies, and not at the end`(
        time: String, reached: Int
    ) async throws {
        let world = try World.shop(now: "2026-09-21T00:30:00Z")
        try world.write("c.csv", "customer,tier\nc1,gold\n")
        try world.write(
            "e.csv",
            "customer,type,time,id,amount\nc1,purchase,2026-01-05T02:00:00Z,o1,5\nc1,survey.answered,\(time),o2,5\n")
        #expect(await world.care("import customers c.csv --history-until 2026-01-02").code == 0)
        #expect(await world.care("import events e.csv --history-until 2026-09-21").code == 0)
        let rules = try #require(world.read("rules/shop.json"))
        try world.write(
            "rules/shop.json",
            rules.replacing(
                #""reentry": "once","#,
                with: #""reentry": "once", "goal": { "event": "survey.answered", "within": "P30D" },"#))
        let answer = await world.care("backtest --from 2026-01-03 --until 2026-07-01 --campaign thanks")
        #expect(answer.output.contains("\(reached) of 1"), "\(answer.output) \(answer.error)")
    }

    @Test func `against other rules it counts what differs`() async throws {
        let world = try await Self.world()
        let rules = try #require(world.read("rules/shop.json"))
        try world.write("old/shop.json", rules.replacing(#""reentry": "once","#, with: #""paused": true,"#))
        let answer = await world.care("backtest --from 2026-01-03 --until 2026-07-01 --against old")
        #expect(
            answer.output.contains("Against the other rules: 3 more, 0 fewer, 0 at another time, for 3 customers."),
            "\(answer.output) \(answer.error)")
        let lines = await world.care("backtest --from 2026-01-03 --until 2026-07-01 --format jsonl").output
        #expect(lines.contains(#""now":"2026-01-05T02:00:00.000Z""#))
    }

    @Test func `with the real ledger, what it has is not entered again`() async throws {
        let world = try World.shop(now: "2026-09-21T00:30:00Z")
        let rules = try #require(world.read("rules/shop.json"))
        try world.write(
            "rules/shop.json", rules.replacing(#", "where": { "==": [{ "var": "purchases" }, 1] }"#, with: ""))
        try world.write("c.csv", "customer,tier\nc1,gold\nc2,gold\n")
        try world.write("e1.csv", "customer,type,time,id,amount\nc1,purchase,2026-09-20T23:00:00Z,o1,5\n")
        try world.write(
            "e2.csv",
            """
            customer,type,time,id,amount
            c1,purchase,2026-10-09T23:00:00Z,o2,5
            c2,purchase,2026-10-09T23:00:00Z,o3,5

            """)
        #expect(await world.care("import customers c.csv").code == 0)
        #expect(await world.care("import events e1.csv --fire").code == 0)
        try world.setClock("2026-10-10T00:30:00Z")
        #expect(await world.care("import events e2.csv --fire").code == 0)
        // The period must be over.
        try world.write("e3.csv", "customer,type,time,id,amount\nc2,purchase,2026-10-11T23:00:00Z,o4,5\n")
        try world.setClock("2026-10-12T00:30:00Z")
        #expect(await world.care("import events e3.csv --fire").code == 0)
        let period = "backtest --from 2026-10-01 --until 2026-10-11 --campaign thanks --format json"
        let empty = await world.care(period)
        #expect(empty.output.contains(#""wouldSend":2"#), "\(empty.output) \(empty.error)")
        // c1 really entered in September, once and for ever.
        let real = await world.care(period + " --with-ledger")
        #expect(real.output.contains(#""wouldSend":1"#), "\(real.output) \(real.error)")
        #expect(real.output.contains(#""withLedger":true"#))
    }

    @Test(arguments: [
        ("--from 2026-07-01 --until 2026-01-01", "--from must lie before --until"),
        ("--from 1990-01-01 --until 1991-01-01", "the period lies beside all data"),
        ("--from 2026-01-01 --until 2027-01-01", "lies after the store's clock"),
        ("--from 2026-01-01 --until 2026-02-01 --within month", "'month' is no duration"),
        ("--from 2026-01-01 --until 2026-02-01 --campaign thnks", "Did you mean 'thanks'?"),
        ("--from soon --until 2026-02-01", "--from 'soon' is no instant"),
    ]) func `what cannot be replayed is refused`(options: String, message: String) async throws {
        let world = try await Self.world()
        let answer = await world.care("backtest " + options)
        #expect(answer.code != 0)
        #expect(answer.error.contains(message), "\(answer.error)")
    }

    @Test func `an effect has Newcombe's interval`() {
        // Newcombe 1998, table II, (a): 56/70 and 48/80.
        let (value, low, high) = Backtest.Share(count: 56, of: 70).difference(from: Backtest.Share(count: 48, of: 80))
        #expect(abs(value - 0.2) < 1e-9)
        #expect(abs(low - 0.0524) < 5e-5)
        #expect(abs(high - 0.3339) < 5e-5)
    }
}
