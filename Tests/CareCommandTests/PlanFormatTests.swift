import CareValues
import Testing

@testable import CarePlanning
@testable import care

/// What a plan prints besides its table, what it assumes, and what it refuses.
@Suite struct PlanFormatTests {
    @Test func `lines of JSON and of CSV have a decision each`() async throws {
        let world = try await LookCommandTests.world()
        let lines = await world.care("plan --at 2026-09-21T08:30 --format jsonl").output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains(#""customer":"c1","campaign":"birthday-gold""#))
        #expect(lines[0].contains(#""basis":"calendar","outcome":"act","reason":null"#))
        let csv = await world.care("plan --at 2026-09-21T08:30 --format csv").output.split(separator: "\n")
        #expect(csv.count == 3)
        #expect(
            csv[0]
                == "now,due,customer,campaign,occurrence,step,action,basis,outcome,reason,delivery,destination,type,data"
        )
        #expect(csv[1].hasSuffix(#",crm,care.birthday,"{""customer"":""c1"",""turns"":36}""#))
    }

    @Test func `what is assumed happens on its day, and its rows say so`() async throws {
        let world = try await LookCommandTests.world()
        try world.write(
            "a.json",
            """
            [ { "customer": "c2", "at": "2026-09-22 10:00", "event": "purchase", "with": { "amount": 3 } },
              { "customer": "c2", "at": "2026-09-21 08:45", "set": { "tier": "gold" } } ]
            """)
        let answer = await world.care("plan --at 2026-09-21T08:30 --assume a.json")
        #expect(answer.output.contains("assumed 2 facts\n"), "\(answer.output) \(answer.error)")
        #expect(answer.output.contains("  thanks         assumed         1    1    1"), "\(answer.output)")
        #expect(answer.output.contains("  birthday-gold  calendar        3    3    3"), "gold makes c2's greeting due")
        let json = await world.care("plan --at 2026-09-21T08:30 --assume a.json --format jsonl").output
        #expect(json.contains(#""customer":"c2","campaign":"thanks","occurrence":"[\"assumed\",\"assumed-1\"]","#))
    }

    @Test(arguments: [
        (
            #"[{ "customer": "c9", "at": "2026-09-22 10:00", "event": "purchase" }]"#,
            "a.json:1:16: error: the store has no customer 'c9' [plan.assume-customer]"
        ),
        (
            #"[{ "customer": "c1", "at": "2026-09-20 10:00", "event": "purchase" }]"#,
            "2026-09-20 10:00 is before the plan begins [plan.assume-time]"
        ),
        (
            #"[{ "customer": "c1", "at": "2026-09-29 10:00", "event": "purchase" }]"#,
            "2026-09-29 10:00 is after it ends [plan.assume-time]"
        ),
        (
            #"[{ "customer": "c1", "at": "2026-09-22 10:00", "set": { "teir": "gold" } }]"#,
            "no attribute 'teir' [plan.assume]"
        ),
        (#"[{ "customer": "c1", "at": "2026-09-22 10:00", "set": { "tier": 3 } }]"#, "tier is "),
        (
            #"[{ "customer": "c1", "at": "2026-09-22 10:00", "call": "thanks" }]"#,
            "no campaign 'thanks' with a trigger 'api'"
        ),
        (#"[{ "customer": "c1", "at": "2026-09-22 10:00" }]"#, "a line needs one of 'event', 'set' and 'call'"),
        (#"[{ "customer": "c1", "att": "2026-09-22 10:00" }]"#, "unknown key 'att'"),
        (#"{}"#, "what is assumed is a list"),
        (#"[{"#, "a.json:1:"),
    ]) func `a file of assumptions with a mistake is refused where the mistake is`(
        text: String, message: String
    ) async throws {
        let world = try await LookCommandTests.world()
        try world.write("a.json", text)
        let answer = await world.care("plan --at 2026-09-21T08:30 --assume a.json")
        #expect(answer.code == 1)
        #expect(answer.error.contains(message), "\(answer.error)")
        #expect(answer.error.hasSuffix("a.json cannot be used; nothing was planned.\n"))
    }

    @Test func `a customer's plan hides the values that an occurrence names, and its id stays`() async throws {
        let world = try await DiffCommandTests.movingWorld()
        let question = "plan --at 2026-09-22T10:00 --customer c1"
        let masked = await world.care(question).output
        #expect(masked.contains("occurrence email:•••@2026-09-22T"), "\(masked)")
        #expect(!masked.contains("lin@"))
        let shown = await world.care(question + " --show-pii").output
        #expect(shown.contains(" · dlv_"), "\(shown)")
        #expect(shown == masked.replacing("•••", with: "lin@example.com>lin@new.example"))
    }

    @Test(arguments: ["0", "-1", "367", "10000"]) func `so many days are not planned`(days: String) async throws {
        let world = try await LookCommandTests.world()
        let answer = await world.care("plan --days=\(days)")
        #expect(answer.code == 64)
        #expect(answer.error.hasPrefix("error: --days is 1 to 366, not \(days)\n"))
    }

    @Test func `a clock of another era is refused`() async throws {
        let world = try await LookCommandTests.world()
        let answer = await world.care("plan --at 3026-09-21")
        #expect(answer.code == 64)
        #expect(answer.error.contains("is more than 100 years after the store's clock, Mon 21 Sep 2026 00:00"))
        #expect(await world.care("plan --at 2126-09-20").code == 0)
        #expect(await world.care("plan --at yesterday").code == 64)
    }

    @Test func `a plan of months shows weeks, and those of nothing together`() async throws {
        let world = try await LookCommandTests.world()
        let text = await world.care("plan --at 2026-09-21T08:30 --days 366").output
        #expect(
            text.contains(
                "Acts per day           Mon  Tue  Wed  Thu  Fri  Sat  Sun  WEEK\n  Mon 21 Sep             1    -    -    -    -    1    -     2\n"
            ), "\(text)")
        #expect(text.contains(" weeks of nothing\n"))
        for line in text.split(separator: "\n") { #expect(displayWidth(String(line)) <= 100, "\(line)") }
    }

    @Test func `the busiest hour says when a destination's limit has let it through`() throws {
        var plan = Plan(
            fingerprint: "f", epoch: 1, isActive: true, from: .distantPast, until: .distantFuture, zone: .utc,
            storeClock: nil, customers: 1, campaign: nil, customer: nil, customerIsKnown: true, campaigns: [],
            tally: PlanTally(), decisions: [])
        plan.from = Timestamp(milliseconds: 0)
        plan.until = Timestamp(milliseconds: 86_400_000)
        plan.tally.actsByHour = ["crm": [9: 41_000, 10: 3], "sms": [23: 7_200], "desk": [8: 22]]
        var view = PlanView(plan: plan, store: "s")
        view.rates = ["crm": 50, "sms": 0.5, "desk": 5]
        let text = view.text(.plain)
        #expect(text.contains("  crm   Thu 1 Jan 09:00  41,000  limit 50/s: drains by 09:14\n"), "\(text)")
        #expect(text.contains("  desk  Thu 1 Jan 08:00      22  limit 5/s: drains in 5 s\n"))
        #expect(text.contains("  sms   Thu 1 Jan 23:00   7,200  limit 0.5/s: drains by 03:00, 1 day later\n"))
    }
}

/// The plan as a page.
@Suite struct PlanPageTests {
    @Test func `the page needs nothing else, escapes what it shows, and speaks two languages`() async throws {
        let world = try await LookCommandTests.world()
        try world.write("x.csv", "customer,tier,birthday\n<b>&x,gold,1990-09-28\n")
        #expect(await world.care("import customers x.csv --history-until 2026-09-21").code == 0)
        let answer = await world.care("plan --at 2026-09-21T08:30 --html plan.html")
        #expect(answer.output.contains("Page: plan.html\n"), "\(answer.error)")
        let page = try #require(world.read("plan.html"))
        #expect(page.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
        for outside in ["http://", "https://", "src=", "<link", "@import", "url("] {
            #expect(!page.contains(outside), "\(outside)")
        }
        #expect(page.contains("<td>&lt;b&gt;&amp;x</td>"))
        #expect(!page.contains("<b>&x"))
        #expect(page.contains("<span data-zh=\"每日执行\">Messages per day</span>"))
        #expect(
            page.contains("<title data-zh=\"2026年9月21日 周一: 2\">Mon 21 Sep 2026: 2</title></rect>"),
            "the first day has two messages")
        #expect(page.contains("<span data-zh=\"2026年9月21日 周一 08:30\">Mon 21 Sep 2026 08:30</span>"))
        #expect(page.contains("<td>birthday-gold</td><td><span data-zh=\"日历\">calendar</span></td>"))
        #expect(page.contains("@media print"))
        #expect(page.contains("prefers-color-scheme: dark"))
    }

    @Test(arguments: [
        (1, [0, 1]), (5, [0, 1, 2, 3, 4, 5]), (6, [0, 2, 4, 6]), (59, [0, 20, 40, 60]),
        (419, [0, 100, 200, 300, 400, 500]),
        (1_001, [0, 500, 1_000, 1_500]),
    ]) func `a chart's lines are round numbers`(most: Int, lines: [Int]) {
        #expect(PlanPageParts.scaleLines(most) == lines)
    }
}
