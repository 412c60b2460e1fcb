import Glibc
import Testing

@testable import CareEngine
@testable import care

@Suite struct ImportCommandTests {
    @Test func `rows refused of a file with a byte order mark can be imported again`() async throws {
        let world = try World.shop()
        try world.write("orders.csv", "\u{FEFF}customer,type,time\nc1,purchase,2026-02-30\n")
        #expect(await world.care("import events orders.csv").code == 1)
        let rejects = try #require(world.read("orders.csv.rejects"))
        #expect(rejects.contains("orders.csv\ncustomer,type,time\n"))
        try world.write("again.csv", rejects.replacing("2026-02-30", with: "2026-02-28"))
        let again = await world.care("import events again.csv")
        #expect(again.code == 0 && again.output.hasPrefix("Imported 1 new event"))
    }

    @Test func `imports history, names what it refuses, and every row is in one line of the sum`() async throws {
        let world = try World.shop()
        try world.write(
            "orders.csv",
            """
            customer,type,orderedAt,amount
            c1,purchase,2026-09-01T10:00:00Z,9.50
            c2,purchase,2026-02-30,9.50
            ,purchase,2026-09-01,9.50
            c3,purchase,2026-09-02,nine
            c4,purchase
            c5,purchase,2026-09-21T00:30:00Z,1
            c1,purchase,2026-09-01T10:00:00Z,9.50
            """)
        try world.write("orders.map.json", #"{ "time": { "column": "orderedAt" } }"#)
        let first = await world.care("import events orders.csv --map orders.map.json")
        #expect(first.error == "")
        #expect(
            first.output == """
                Imported 2 new events as history until Mon 21 Sep 2026 08:30 Asia/Shanghai; no campaign was started.
                  read            7
                  new             2
                  already stored  0
                  not taken       1   at or after --history-until; take them with --fire
                  refused         4   → orders.csv.rejects
                    import.bad-date     1  first: line 3, orderedAt "2026-02-30"
                    import.bad-number   1  first: line 5, amount "nine"
                    import.broken-line  1  first: line 6: 2 fields, the header has 4
                    import.no-customer  1  first: line 4, customer
                Correct that file and import it the same way.

                """)
        #expect(first.code == 1)
        #expect(
            world.read("orders.csv.rejects") == """
                # refused by care import: orders.csv
                customer,type,orderedAt,amount
                # line 3, orderedAt: import.bad-date: no such day or time, or not of the form 2026-03-01 or 2026-03-01T09:00:00Z
                c2,purchase,2026-02-30,9.50
                # line 4, customer: import.no-customer: no customer id
                ,purchase,2026-09-01,9.50
                # line 5, amount: import.bad-number: not a number
                c3,purchase,2026-09-02,nine
                # line 6: import.broken-line: 2 fields, the header has 4
                c4,purchase

                """)
        // The rejects file, corrected, is imported the same way.
        let corrected = (world.read("orders.csv.rejects") ?? "")
            .replacing("2026-02-30", with: "2026-02-28").replacing("\n,purchase", with: "\nc9,purchase")
            .replacing("nine", with: "9").replacing("c4,purchase\n", with: "c4,purchase,2026-09-03,4\n")
        try world.write("orders.csv.rejects", corrected)
        let second = await world.care("import events orders.csv.rejects --map orders.map.json --format json")
        #expect(second.output.contains(#""read":4,"new":4,"alreadyStored":0,"notTaken":0,"refused":0"#))
        #expect(second.code == 0)
    }

    @Test func `the same file twice changes nothing, and equal rows stay separate purchases`() async throws {
        let world = try World.shop()
        try world.write(
            "orders.csv",
            "customer,type,time,amount\nc1,purchase,2026-09-01,5\nc1,purchase,2026-09-01,5\nc1,purchase,2026-09-01,6\n")
        let first = await world.care("import events orders.csv --format json")
        #expect(first.output.contains(#""read":3,"new":3"#))
        let second = await world.care("import events orders.csv --format json")
        #expect(second.output.contains(#""read":3,"new":0,"alreadyStored":3"#))
        let explained = await world.care("explain c1 thanks")
        #expect(explained.code == 0)
    }

    @Test func `a row that is stored with other properties is refused, unless it is said to be new`() async throws {
        let world = try World.shop()
        try world.write("a.csv", "customer,type,time,amount\nc1,purchase,2026-09-01,5\nc2,purchase,2026-09-01,5\n")
        try world.write("b.csv", "customer,type,time,amount\nc1,purchase,2026-09-01,7\nc2,purchase,2026-09-01,5\n")
        try world.write("c.csv", "customer,type,time,amount\nc1,purchase,2026-09-01,5\nc1,purchase,2026-09-01,8\n")
        _ = await world.care("import events a.csv")
        let corrected = await world.care("import events b.csv")
        #expect(corrected.code == 1)
        #expect(corrected.output.contains("import.same-row-other-properties  1  first: line 2; see --id, --allow-new"))
        #expect(corrected.output.contains("already stored  1"))
        // A longer file that still holds the stored row adds to it: this is no correction.
        let longer = await world.care("import events c.csv --format json")
        #expect(longer.output.contains(#""new":1,"alreadyStored":1"#))
        let allowed = await world.care("import events b.csv --allow-new --format json")
        #expect(allowed.output.contains(#""new":1,"alreadyStored":1"#))
    }

    @Test func `ids of the file and the source tell events apart`() async throws {
        let world = try World.shop()
        try world.write(
            "a.csv", "customer,type,time,order,amount\nc1,purchase,2026-09-01,o1,5\nc1,purchase,2026-09-01,,5\n")
        let first = await world.care("import events a.csv --id order")
        #expect(first.code == 1)
        #expect(first.output.contains("import.no-id  1  first: line 3, order"))
        let again = await world.care("import events a.csv --id order --format json")
        #expect(again.output.contains(#""new":0,"alreadyStored":1"#))
        let other = await world.care("import events a.csv --id order --source /pos --format json")
        #expect(other.output.contains(#""new":1,"alreadyStored":0"#))
    }

    @Test func `customers: what is so already is not stored again, whatever the day`() async throws {
        let world = try World.shop()
        try world.write("c.csv", "id,tier,birthday,points,shoes\nc1,gold,1990-09-28,12,44\nc2,silver,1900-01-01,,44\n")
        let first = await world.care("import customers c.csv")
        #expect(
            first.output == """
                Imported 2 new customer rows as history until Mon 21 Sep 2026 08:30 Asia/Shanghai; no campaign was started.
                  read            2
                  new             2
                  already stored  0
                  not taken       0
                  refused         0
                Taken, but look: 1 row with a date that often stands for 'unknown' (first: line 3, birthday). It gets no greeting.
                Not stored, since no rule file declares them: shoes.

                """)
        try world.setClock("2026-09-25T00:30:00Z")
        let second = await world.care("import customers c.csv --format json")
        #expect(second.output.contains(#""new":0,"alreadyStored":2"#))
        try world.write("c.csv", "id,tier,birthday,points\nc1,gold,1990-09-28,13\nc2,silver,1900-01-01,\n")
        let third = await world.care("import customers c.csv --format json")
        #expect(third.output.contains(#""new":1,"alreadyStored":1"#))
    }

    @Test func `a value that does not fit its declaration is refused, personal data not shown`() async throws {
        let world = try World.shop()
        try world.write(
            "c.jsonl",
            #"{"id":"c1","tier":"teir"}"# + "\n" + #"{"id":"c2","email":7}"# + "\n"
                + #"{"id":"c3","birthday":"1990-02-30"}"# + "\n")
        let answer = await world.care("import customers c.jsonl")
        #expect(answer.code == 1)
        #expect(answer.output.contains(#"import.bad-value  2  first: line 1, tier "teir""#))
        #expect(answer.output.contains(#"import.bad-date   1  first: line 3, birthday "1990-02-30""#))
    }

    @Test func `history fires nothing; fired rows do, each once`() async throws {
        let world = try World.shop()
        try world.write("a.csv", "customer,type,time,amount\nc1,purchase,2026-09-01,5\n")
        try world.write("b.csv", "customer,type,time,amount\nc1,purchase,2026-09-20,5\nc2,purchase,2026-09-20,5\n")
        _ = await world.care("import events a.csv")
        #expect(await world.care("deliveries list").output == "No delivery is waiting, sending, dead or parked.\n")
        let fired = await world.care("import events b.csv --fire")
        #expect(
            fired.output == """
                Received 2 new events now.
                  read            2
                  new             2
                  already stored  0
                  refused         0
                Decided 1 action: 1 act. What waits goes out with: care tick

                """)
        let again = await world.care("import events b.csv --fire --at rows")
        #expect(again.output.contains("No action was decided."))
        let list = await world.care("deliveries list --format json")
        #expect(list.output.contains(#""customer":"c2","campaign":"thanks""#))
    }

    @Test(arguments: [("2026-09-21T00:40:00Z", 0), ("2026-09-21T00:40:01Z", 1)])
    func `rows that fire are at most ten minutes ahead`(time: String, code: Int32) async throws {
        let world = try World.shop()
        try world.write("a.csv", "customer,type,time,amount\nc1,purchase,\(time),5\n")
        let answer = await world.care("import events a.csv --fire")
        #expect(answer.code == code)
        #expect(answer.output.contains("import.ahead") == (code == 1))
    }

    @Test func `a zone that does not exist and event types that no rule knows are taken, and told`() async throws {
        let world = try World.shop()
        try world.write(
            "rules/shop.json",
            #"""
            { "attributes": { "timeZone": { "type": "zone" } },
              "events": { "purchase": { "properties": {} } },
              "traits": { "visits": { "count": { "event": "visit" } } },
              "campaigns": { "hello": { "trigger": { "event": "signup" }, "exit": { "event": "bye" },
                "condition": { ">": [{ "var": "visits" }, 0] },
                "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
            """#)
        try world.write(
            "c.csv", "customer,timeZone\nc1,Asia/Shanghai\nc2,Mars/Base\nc3,\nc4,Asia/Shanghia\n")
        let customers = await world.care("import customers c.csv")
        #expect(
            customers.output.contains(
                "Taken, but look: 2 rows with a time zone that does not exist (first: line 3, timeZone). "
                    + "The project's is used: Asia/Shanghai.\n"), "\(customers.output)")
        #expect(customers.code == 0)
        let types = ["purchase", "visit", "signup", "bye", "purchsae", "purchsae", "page"]
        try world.write(
            "e.csv", "customer,type,time\n" + types.map { "c1,\($0),2026-09-01" }.joined(separator: "\n") + "\n")
        let events = await world.care("import events e.csv --format json")
        #expect(events.output.contains(#""undeclaredEvents":3"#), "\(events.output)")
        let text = await world.care("import events e.csv")
        #expect(
            text.output.contains(
                "Taken, but look: 3 events of types that the rule files neither declare nor name: purchsae (2), page (1).\n"
            ),
            "\(text.output)")
        let explained = await world.care("explain c2 hello")
        #expect(
            explained.output.contains("There is no time zone 'Mars/Base': wall times are those of Asia/Shanghai.\n"))
    }

    static let refusals: [(String, Int32, String)] = [
        (
            "import events none.csv", 1,
            "error: none.csv cannot be read: No such file or directory; nothing was imported\n"
        ),
        ("import events rules", 1, "error: rules cannot be read: it is a folder; nothing was imported\n"),
        (
            "import events pipe", 1,
            "error: pipe cannot be read: it is no plain file; write its content to one first; nothing was imported\n"
        ),
        (
            "import events long.csv", 1,
            "error: long.csv: the file has no column 'customer'; it has '\(String(repeating: "a", count: 40))…' [import.no-column]; nothing was imported\n"
                + "name it in a mapping: --map FILE with \"customer\"\n"
        ),
        (
            "import events a.csv", 1,
            "error: a.csv: the file has no column 'customer'; it has 'custmer', 'type', 'time' [import.no-column]; nothing was imported\n"
                + "did you mean 'custmer'?\n"
        ),
        (
            "import events a.csv --at rows", 64,
            "error: care import takes --at only as --fire --at rows\nFor the end of the past: --history-until.\n"
        ),
        (
            "import events a.csv --fire --history-until 2026-01-01", 64,
            "error: --fire and --history-until exclude each other\n"
        ),
        (
            "import events a.csv --history-until never", 64,
            "error: --history-until 'never' is no instant\nWrite 2026-03-01, 2026-03-01T09:00 or 2026-03-01T09:00:00+08:00.\n"
        ),
        ("import events a.csv --zone Mars", 64, "error: --zone 'Mars' is no time zone\nAn IANA name: Europe/Paris.\n"),
        ("import events a.csv --map none.json", 64, "error: none.json cannot be read: No such file or directory\n"),
        (
            "import events a.csv --maap x", 64,
            "error: care import events has no option '--maap'. Did you mean '--map'?\n"
        ),
    ]

    @Test(arguments: refusals) func `says what happened, what was not done and what to type`(
        _ line: String, _ code: Int32, _ message: String
    ) async throws {
        let world = try World.shop()
        try world.write("a.csv", "custmer,type,time\nc1,purchase,2026-09-01\n")
        try world.write("long.csv", String(repeating: "a", count: 2_000_000))
        #expect(mkfifo(world.folder + "/pipe", 0o600) == 0)
        let answer = await world.care(line)
        #expect(answer.error == message)
        #expect(answer.code == code)
        #expect(answer.output == "")
    }

    @Test func `a file that breaks off says how much of it is dealt with`() {
        let failure = CommandFailure(
            importError: .brokenOff(FileReadError(path: "/data/a.csv", reason: "Input/output error"), rows: 40_000),
            file: "a.csv")
        #expect(
            failure.message == "a.csv cannot be read on: Input/output error; its first 40,000 rows are dealt with")
    }
}
