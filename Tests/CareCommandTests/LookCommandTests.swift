import CareValues
import Testing

@testable import CareEngine
@testable import care

@Suite struct LookCommandTests {
    /// A shop with two gold customers whose birthdays are near, one of them a leap-day child, and one bronze.
    static func world() async throws -> World {
        let world = try World.shop()
        try world.write(
            "c.csv",
            "customer,tier,birthday,email\nc1,gold,1990-09-28,lin@example.com\nc2,bronze,1990-09-28,\nc3,gold,1985-10-03,\n"
        )
        try world.write("e.csv", "customer,type,time,id,amount\nc1,purchase,2026-09-01T10:00:00Z,o1,5\n")
        #expect(await world.care("import customers c.csv --history-until 2026-09-21").code == 0)
        #expect(await world.care("import events e.csv --history-until 2026-09-21").code == 0)
        return world
    }

    @Test func `a plan says what goes out, what it rests on, and what cannot be foreseen`() async throws {
        let world = try await Self.world()
        let before = world.read("care.sqlite")
        let answer = await world.care("plan --at 2026-09-21T08:30")
        #expect(answer.error == "")
        let text = answer.output.replacing(#/rules   [0-9a-f]{12}/#, with: "rules   ............")
        #expect(
            text == """
                2 actions would go out. Nothing was sent.

                rules   ............ (epoch 1)
                store   care.sqlite, clock Mon 21 Sep 2026 00:00, 3 customers
                period  Mon 21 Sep 2026 08:30 until Mon 28 Sep 08:30 Asia/Shanghai

                  CAMPAIGN/STEP  BASIS     ENTERED  DUE  ACT  HELD  SUPPRESS  SKIP  TO
                  birthday-gold  calendar        2    2    2     -         -     -  crm
                  total                          2    2    2     -         -     -
                  due = act + held + suppress + skip.

                Not matching  1  where or condition was false: no row is written

                Acts per day
                  Mon 21 Sep  Tue 22  Wed 23  Thu 24  Fri 25  Sat 26  Sun 27  Mon 28
                           1       -       -       -       -       1       -       -

                Busiest hours
                  crm  Mon 21 Sep 09:00  1

                Cannot be foreseen  EVENTS IN THE LAST 28 DAYS  ENTRIES  RUNNING NOW  STEPS PLANNED
                  thanks                                     1     none            -           none

                Next: care plan --customer c1, --why-not CAMPAIGN, --out FILE, or care tick

                """)
        #expect(answer.code == 0)
        #expect(world.read("care.sqlite") == before)
        #expect((world.read("care.sqlite-wal") ?? "").isEmpty)
        #expect(await world.care("deliveries list").output.hasPrefix("No delivery is waiting"))
    }

    @Test func `a customer's plan shows the payload and the key`() async throws {
        let world = try await Self.world()
        let answer = await world.care("plan --at 2026-09-21T08:30 --customer c1")
        #expect(
            answer.output.hasPrefix("c1 gets 1 message, until Mon 28 Sep 2026 08:30 Asia/Shanghai. Nothing was sent.\n")
        )
        #expect(answer.output.contains("Mon 21 Sep 09:00  act  birthday-gold  crm  calendar\n"))
        #expect(answer.output.contains(#"care.birthday {"customer":"c1","turns":36}"#))
        #expect(answer.output.contains("occurrence 2026/1 · dlv_"))
    }

    @Test func `the plan as JSON has the text's numbers`() async throws {
        let world = try await Self.world()
        let answer = await world.care("plan --at 2026-09-21T08:30 --format json")
        #expect(answer.output.contains(#""total":{"due":2,"act":2,"held":0,"suppress":0,"skip":0}"#))
        #expect(
            answer.output.contains(
                #""from":"2026-09-21T00:30:00.000Z","until":"2026-09-28T00:30:00.000Z","timeZone":"Asia/Shanghai""#))
        #expect(JSONValue(jsonText: answer.output.trimmingSuffix("\n")) != nil)
    }

    @Test func `what cannot be foreseen has a cause, and no bare zero`() async throws {
        let world = try await Self.world()
        let answer = await world.care("plan --at 2026-09-21T08:30 --campaign thanks")
        #expect(
            answer.output.hasPrefix(
                "Nothing can be foreseen: thanks starts only when an event comes; 1 such event and no entry in the last 28 days. Nothing was sent.\n"
            ))
    }

    @Test func `explain answers first, then shows the condition with its values`() async throws {
        let world = try await Self.world()
        let answer = await world.care("explain c1 birthday-gold")
        #expect(answer.code == 0)
        #expect(
            answer.output.hasPrefix(
                "Not yet: due Mon 21 Sep 2026 09:00.\n\nc1 · Asia/Shanghai · as of Mon 21 Sep 2026 00:00"))
        #expect(answer.output.contains("trigger    birthday 1990-09-28, -P7D at 09:00"))
        #expect(answer.output.contains("segment vip"))
        #expect(answer.output.contains(#"tier "gold", "gold""#))
        #expect(answer.output.contains("Next chance:   occurrence 2026/1, Mon 21 Sep 2026 09:00"))
        let json = await world.care("explain c1 birthday-gold --format json")
        #expect(json.output.hasPrefix(#"{"answer":"Not yet: due Mon 21 Sep 2026 09:00.","customer":"c1""#))
    }

    @Test func `a tick decides once; explain and the list show it`() async throws {
        let world = try await Self.world()
        let first = await world.care("tick --at 2026-09-21T09:00:01 --decide-only")
        #expect(
            first.output
                == """
                Mon 21 Sep 2026 09:00:01 Asia/Shanghai: 1 action decided: 1 act.
                Next wake-up Sat 26 Sep 2026 09:00.
                1 delivery waits for crm: --decide-only delivers nothing

                """)
        #expect(first.code == 0)
        let second = await world.care("tick --at 2026-09-21T09:00:02 --decide-only")
        #expect(second.output.hasPrefix("Mon 21 Sep 2026 09:00:02 Asia/Shanghai: nothing was due."))
        let explained = await world.care("explain c1 birthday-gold")
        #expect(
            explained.output.hasPrefix(
                "To be sent: decided Mon 21 Sep 2026 09:00, no gate objected; the delivery is waiting.\n"))
        let list = await world.care("deliveries list")
        #expect(
            list.output.hasPrefix(
                "1 waits.\n  ID            DECIDED       TO   TYPE           STATE    TRIES  NEXT OR REASON\n"))
        let id = String(list.output.split(separator: "\n").last?.split(separator: " ").first ?? "")
        let shown = await world.care("deliveries show \(id)")
        #expect(shown.output.hasPrefix("Waits for attempt 1, "))
        #expect(shown.output.contains("birthday-gold · c1 · crm · \(id)"))
        let refused = await world.care("deliveries redrive \(id)")
        #expect(refused.code == 1)
        #expect(refused.error.hasSuffix("is waiting, neither dead nor parked; nothing was changed\n"))
    }

    static let mistakes: [(String, Int32, String)] = [
        (
            "plan --at 2026-09-20", 1,
            "error: Sun 20 Sep 2026 00:00 is before the store's clock, Mon 21 Sep 2026 00:00 Asia/Shanghai; nothing was done\nName a later --at. Looking back is care explain, and care backtest.\n"
        ),
        (
            "tick --at 2026-09-20", 1,
            "error: Sun 20 Sep 2026 00:00 is before the store's clock, Mon 21 Sep 2026 00:00 Asia/Shanghai; nothing was done\nName a later --at. Looking back is care explain, and care backtest.\n"
        ),
        ("plan --campaign birthday-gol", 64, "error: no campaign 'birthday-gol'\nDid you mean 'birthday-gold'?\n"),
        ("plan --customer c7", 1, "error: the store has no customer 'c7'; nothing was planned\n"),
        ("explain c7 thanks", 1, "error: the store has no customer 'c7'\nIts id is as in the file imported.\n"),
        ("explain c1 thank", 64, "error: no campaign 'thank'\nDid you mean 'thanks'?\n"),
        ("deliveries show dlv_x", 1, "error: no delivery's id begins with 'dlv_x'\nSee: care deliveries list\n"),
        ("deliveries list --state wating", 64, "error: no state 'wating'\nDid you mean 'waiting'?\n"),
    ]

    @Test(arguments: mistakes) func `names the mistake and the way out`(
        _ line: String, _ code: Int32, _ message: String
    )
        async throws
    {
        let world = try await Self.world()
        let answer = await world.care(line)
        #expect(answer.error == message)
        #expect(answer.code == code)
    }

    @Test func `an attempt to plan with no data says how to get some`() async throws {
        let world = try World.shop()
        let answer = await world.care("plan")
        #expect(answer.code == 1)
        #expect(
            answer.error == "error: there is no data yet: no store at care.sqlite\n"
                + "Take some in: care import customers FILE, then care import events FILE\n")
    }

    @Test func `a missing secret is named, never shown, and nothing is decided`() async throws {
        let world = try await Self.world()
        let answer = await world.care("tick --at 2026-09-21T10:00", variables: [:])
        #expect(answer.code == 1)
        #expect(
            answer.error.hasPrefix(
                "error: destination crm: the environment variable CARE_SECRET is not set; nothing was done\n"))
        #expect(await world.care("deliveries list").output.hasPrefix("No delivery is waiting"))
    }

    @Test func `a file that is not a store is left as it is`() async throws {
        let world = try World.shop()
        let text = String(repeating: "this is no store. ", count: 300)
        try world.write("care.sqlite", text)
        for line in ["plan", "tick", "import events a.csv"] {
            try world.write("a.csv", "customer,type,time\nc1,purchase,2026-09-01\n")
            let answer = await world.care(line)
            #expect(answer.code == 1)
            #expect(
                answer.error
                    == "error: care.sqlite is not a Care store; unchanged\nName another file under \"store\" in care.json, or move this one away.\n"
            )
        }
        #expect(world.read("care.sqlite") == text)
    }

    @Test func `health says whether the service is alive`() async throws {
        let world = try World.shop()
        #expect(await world.care("health").code == 1)
        let file = HeartbeatFile(storePath: world.folder + "/care.sqlite")
        let at = try #require(Timestamp(iso8601: "2026-09-21T00:30:00Z"))
        file.write(Service.Heartbeat(at: at, nextWakeUp: nil, epoch: 3, isDispatching: true))
        let alive = await world.care("health")
        #expect(alive.code == 0)
        #expect(alive.output.hasSuffix("sign of life 0 s ago, epoch 3, no customer has a wake-up\n"))
        try world.setClock("2026-09-21T00:30:30Z")
        #expect(await world.care("health").code == 0)
        try world.setClock("2026-09-21T00:30:30.001Z")
        #expect(await world.care("health").code == 1)
        file.write(Service.Heartbeat(at: at, nextWakeUp: nil, epoch: 3, isDispatching: false))
        try world.setClock("2026-09-21T00:30:00Z")
        #expect(await world.care("health --format json").code == 1)
    }

    @Test func `a service that was killed is not alive, however fresh its last sign of life`() async throws {
        let world = try World.shop()
        // No system gives a process so high a number.
        try world.write(
            "care.sqlite.heartbeat",
            #"{"at":"2026-09-21T00:30:00.000Z","process":2147483646,"nextWakeUp":null,"epoch":3,"dispatching":true}"#)
        let answer = await world.care("health")
        #expect(answer.code == 1)
        #expect(answer.output.hasPrefix("FAIL  care serve, process 2147483646, is gone: "))
    }
}

extension String {
    /// The text without `suffix` at its end.
    func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
