import CareEngine
import CareStore
import CareStoreSQLite
import CareValues
import Testing

@testable import care

@Suite struct OperateCommandTests {
    @Test func `prunes by care.json or by options, after a look`() async throws {
        let world = try World.shop()
        try world.write(
            "e.csv", "customer,type,time,id,amount\nc1,purchase,2023-01-01,a,5\nc1,purchase,2026-09-01,b,7\n")
        #expect(await world.care("import events e.csv").code == 0)
        let none = await world.care("prune")
        #expect(
            none.code == 64 && none.error.hasPrefix("error: everything is kept for ever: there is nothing to prune\n"))
        #expect(
            await world.care("prune --facts PT5H").error
                == "error: --facts 'PT5H' is no length of whole days\nP90D, P18M, P2Y.\n")
        let dry = await world.care("prune --facts P1Y --dry-run")
        #expect(
            dry.output == """
                Would let go: 1 fact folded. Nothing was changed.
                  facts  1  before Sun 21 Sep 2025 00:00, of 1 customer
                To do it: the same without --dry-run.

                """, "\(dry.error)")
        #expect(await world.care("customers show c1").output.contains("Sun 1 Jan 2023"))
        let done = await world.care("prune --facts P1Y")
        #expect(
            done.output == """
                Let go: 1 fact folded.
                  facts  1  before Sun 21 Sep 2025 00:00, of 1 customer
                Facts before that instant are refused as too old from now on.

                """, "\(done.error)")
        let shown = await world.care("customers show c1").output
        #expect(shown.contains("purchases  2\n") && shown.contains("Sat 20 Sep 2025 23:59  folded"))
        // What was known before is folded with them, and nobody is told otherwise.
        let before = await world.care("explain c1 thanks --at 2024-05-01")
        #expect(
            before.error.contains(
                "facts before Sun 21 Sep 2025 00:00 are folded (care prune): what was known at Wed 1 May 2024"),
            "\(before.error)")
        let after = await world.care("explain c1 thanks --at 2025-09-21")
        #expect(after.code == 0 && !after.error.contains("folded"), "\(after.error)")
        try world.write(
            "old.csv", "customer,type,time,id,amount\nc1,purchase,2025-09-20,z,5\nc1,purchase,2025-09-21,y,5\n")
        let late = await world.care("import events old.csv")
        #expect(late.code == 1 && late.output.contains("    import.too-old  1  first: line 2\n"), "\(late.output)")
        #expect(late.output.contains("\n  new             1\n"))
        #expect(
            await world.care("prune --facts P1Y --format json").output.contains(
                #""factsBefore":"2025-09-20T16:00:00.000Z","facts":0,"customers":0,"#))
    }

    @Test func `shows every setting and where it comes from, no secret among them`() async throws {
        let world = try World.shop()
        let text = try #require(world.read("care.json"))
        try world.write(
            "care.json",
            text.replacing(
                #""store": "care.sqlite","#, with: #""store": "care.sqlite", "retention": { "facts": "P2Y" },"#))
        let answer = await world.care(
            "config",
            variables: [
                "CARE_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "CARE_STORE": "other.sqlite",
                "CARE_RETENTION_FACTS": "P1Y", "CARE_RECOVERY_RATE": "50",
            ])
        let folder = world.folder
        #expect(answer.output.hasPrefix("SETTING  "), "\(answer.error)")
        func line(_ name: String, _ output: String) -> String {
            let lines = output.split(separator: "\n").filter { $0.hasPrefix(name + " ") }
            return lines.first.map { $0.split(separator: " ").dropFirst().joined(separator: " ") } ?? ""
        }
        #expect(line("timeZone", answer.output) == "Asia/Shanghai care.json")
        #expect(line("store", answer.output) == "\(folder)/other.sqlite CARE_STORE")
        #expect(line("recoveryRate", answer.output) == "50 CARE_RECOVERY_RATE")
        #expect(line("retention.facts", answer.output) == "P1Y CARE_RETENTION_FACTS")
        #expect(line("retention.decisions", answer.output) == "for ever default")
        #expect(
            line("templates", answer.output).hasSuffix(" default")
                && line("destinations.crm", answer.output).hasPrefix("webhook, "))
        #expect(!answer.output.contains("whsec") && !answer.output.contains("/crm"))
        let file = await world.care("config", variables: [:])
        #expect(line("retention.facts", file.output) == "P2Y care.json")
        #expect(line("config", file.output) == "care.json default")
        #expect(
            await world.care("config", variables: ["CARE_RECOVERY_RATE": "many"]).error
                == "error: CARE_RECOVERY_RATE is not a number above 0: decisions a second; nothing was done\n")
        // CARE_CONFIG names the file, --config another.
        try world.write("b/care.json", #"{ "timeZone": "UTC" }"#)
        let named = await world.care("config --format json", variables: ["CARE_CONFIG": "b/care.json"])
        #expect(named.output.contains(#"{"name":"config","value":"b/care.json","from":"CARE_CONFIG"}"#))
        let option = await world.care(
            "config --config care.json --format json", variables: ["CARE_CONFIG": "b/care.json"])
        #expect(option.output.contains(#"{"name":"config","value":"care.json","from":"--config"}"#))
    }

    static let mistakes: [(String, String)] = [
        (#""retention": 5"#, "retention is an object"), (#""retention": { "fact": "P1Y" }"#, "unknown key 'fact'"),
        (#""retention": { "facts": "P1YT5H" }"#, "retention.facts is a length of whole days, at least one"),
        (#""retention": { "deliveries": "P0D" }"#, "retention.deliveries is a length of whole days, at least one"),
        (#""retention": { "decisions": "-P1D" }"#, "retention.decisions is a length of whole days, at least one"),
    ]

    @Test(arguments: mistakes) func `finds mistakes in the retention`(_ member: String, _ message: String) async throws
    {
        let world = try World()
        try world.write("care.json", #"{ "timeZone": "UTC", \#(member) }"#)
        let answer = await world.care("config")
        #expect(answer.code == 1 && answer.error.contains(message), "\(answer.error)")
    }

    @Test func `the doctor says what is wrong, worst first, and what to do`() async throws {
        let world = try DeliveryWorld.full()
        try world.world.write("rules/none.json", "{}")
        let answer = await world.care("doctor --offline")
        let lines = answer.output.split(separator: "\n").map(String.init)
        #expect(answer.code == 1)
        #expect(lines[0].hasPrefix("2 problems, "), "\(answer.output)")
        #expect(
            lines.contains(
                "  FAIL  helpdesk      disabled since Mon 21 Sep 2026 08:00 (410 Gone); 1 parked. Mend it, then: care destinations enable helpdesk"
            ), "\(answer.output)")
        #expect(lines.contains { $0.hasPrefix("  FAIL  sms ") && $0.contains("SMS_TOKEN") }, "\(answer.output)")
        #expect(
            lines.contains { $0.hasPrefix("  warn  dead letters  2 deliveries will not be tried again by itself.") })
        #expect(lines.contains { $0.hasPrefix("  ok    store         every page and index is whole, schema ") })
        #expect(lines.contains { $0.hasPrefix("  ok    zones         zone data ") })
        #expect(lines.contains("  ok    service       care serve is not running"))
        // Worst first.
        let states = lines.dropFirst().map { $0.split(separator: " ")[0] }
        let ranks = try states.map { try #require(["FAIL", "warn", "ok"].firstIndex(of: String($0))) }
        #expect(ranks == ranks.sorted())
        #expect(!answer.output.contains("whsec"))
        let json = await world.care("doctor --offline --quick --format json")
        #expect(
            json.output.hasPrefix(#"{"problems":2,"#) && json.output.contains(#""state":"fail","subject":"helpdesk""#))
    }

    @Test func `the doctor finds a damaged store, a clock behind it, and nothing else amiss`() async throws {
        let world = try World.shop()
        try world.write("e.csv", "customer,type,time,id,amount\nc1,purchase,2026-09-01,b,7\n")
        let before = await world.care("doctor --offline")
        #expect(before.code == 0 && before.output.contains("  warn  store         there is none yet at care.sqlite"))
        #expect(await world.care("doctor --offline --strict").code == 1)
        #expect(await world.care("import events e.csv").code == 0)
        let well = await world.care("doctor --offline")
        #expect(well.code == 0, "\(well.output)")
        try world.setClock("2026-09-20T00:00:00Z")
        let behind = await world.care("doctor --offline")
        #expect(behind.code == 1 && behind.output.contains("behind the store's"), "\(behind.output)")
        try world.setClock("2026-09-22T00:00:00Z")
        try world.write("rules/bad.json", #"{ "campaigns": { "a": {} } }"#)
        #expect(await world.care("doctor --offline").output.contains("  FAIL  rules "))
        try world.write("care.sqlite", "no store at all")
        #expect(
            await world.care("doctor --offline").output.contains(
                "  FAIL  store         care.sqlite is not a Care store"))
    }

    @Test func `the doctor says how long the server's certificate holds, and whether its key fits`() async throws {
        let world = try World()
        try world.write(
            "care.json", #"{ "timeZone": "UTC", "server": { "tls": { "certificate": "c.pem", "key": "c.key" } } }"#)
        try world.write("rules/none.json", "{}")
        func line() async -> (code: Int32, text: String) {
            let answer = await world.care("doctor --offline --quick")
            let line = answer.output.split(separator: "\n").first { $0.contains("  certificate  ") } ?? ""
            return (answer.code, line.split(separator: " ").joined(separator: " "))
        }
        var found = await line()
        #expect(found.code == 1)
        #expect(found.text.contains("FAIL certificate c.pem cannot be read: No such file or directory"), "\(found)")
        try world.write("c.pem", Self.fixture("short.pem"))
        try world.write("c.key", Self.fixture("long.key"))
        found = await line()
        #expect(found.text.contains("FAIL certificate c.key is not the key of the certificate in c.pem"), "\(found)")
        try world.write("c.key", Self.fixture("short.key"))
        // It holds from 1 September 2026 until 1 October, 00:00 UTC.
        for (now, words) in [
            ("2026-08-31T23:59:59Z", "FAIL certificate holds only from Tue 1 Sep 2026 00:00 on: nobody can call"),
            ("2026-09-01T00:00:00Z", "ok certificate until Thu 1 Oct 2026 00:00, 30 days; its key fits"),
            ("2026-09-17T00:00:00Z", "ok certificate until Thu 1 Oct 2026 00:00, 14 days; its key fits"),
            ("2026-09-17T00:00:01Z", "warn certificate ends Thu 1 Oct 2026 00:00, in 13 days. Renew it"),
            ("2026-09-30T23:59:59Z", "warn certificate ends Thu 1 Oct 2026 00:00, in 0 days. Renew it"),
            ("2026-10-01T00:00:00Z", "FAIL certificate ended Thu 1 Oct 2026 00:00: nobody can call. Renew it"),
        ] {
            try world.setClock(now)
            found = await line()
            #expect(found.text.hasPrefix(words), "\(now): \(found)")
            #expect(found.code == (words.hasPrefix("FAIL") ? 1 : 0))
        }
        let refused = try World()
        try refused.write(
            "care.json", #"{ "timeZone": "UTC", "server": { "tls": { "certificate": "c.pem", "key": "c.key" } } }"#)
        #expect(
            await refused.care("serve").error
                == "error: c.pem cannot be read: No such file or directory; care serve did not start\nserver.tls in care.json names the files.\n"
        )
    }

    @Test func `the configuration shows all that the server goes by`() async throws {
        let world = try World()
        try world.write("care.json", #"{ "timeZone": "UTC" }"#)
        func settings() async -> [String] {
            let output = await world.care("config").output
            return output.split(separator: "\n").filter { $0.hasPrefix("server.") }.map {
                $0.split(separator: " ").joined(separator: " ")
            }
        }
        #expect(
            await settings() == [
                "server.listen 127.0.0.1:8420 default", "server.tls none: plain HTTP default",
                "server.trustedProxies none default", "server.allowedOrigins none default",
                "server.watchRules false default", "server.bodyBytes 4194304 default",
                "server.connections 8192 default", "server.requestsPerSecond 10000 default",
            ])
        try world.write(
            "care.json",
            """
            { "timeZone": "UTC", "server": {
              "listen": "[::]:9000", "tls": { "certificate": "tls/care.pem", "key": "/etc/care.key" },
              "trustedProxies": ["10.0.0.0/8", "::1"], "allowedOrigins": ["https://a.example"], "watchRules": true,
              "bodyBytes": 1024, "connections": 16, "requestsPerSecond": 0.5e1 } }
            """)
        #expect(
            await settings() == [
                "server.listen [::]:9000 care.json", "server.tls tls/care.pem, key /etc/care.key care.json",
                "server.trustedProxies 10.0.0.0/8, 0:0:0:0:0:0:0:1 care.json",
                "server.allowedOrigins https://a.example care.json", "server.watchRules true care.json",
                "server.bodyBytes 1024 care.json", "server.connections 16 care.json",
                "server.requestsPerSecond 5 care.json",
            ])
    }

    /// A file of the server's tests: certificates and their keys.
    static func fixture(_ name: String) throws -> String {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return String(
            decoding: try Files.read("/\(folder)/CareAPITests/Fixtures/\(name)", atMost: 10_000), as: UTF8.self)
    }

    @Test func `the log leaves out lower levels, and quotes what could forge a line`() async throws {
        let world = try World()
        let console = Console(
            writeOutput: { _ in }, writeError: { _ in }, hasColour: false, showsProgress: false, environment: [:],
            workingDirectory: world.folder, now: { Timestamp(milliseconds: 0) })
        #expect(try console.setting("CARE_LOG_LEVEL") as LogLevel? == nil)
        #expect(LogLevel.allCases.sorted() == [.debug, .info, .warning, .error])
        let other = Console(
            writeOutput: { _ in }, writeError: { _ in }, hasColour: false, showsProgress: false,
            environment: ["CARE_LOG_LEVEL": "loud"], workingDirectory: world.folder,
            now: { Timestamp(milliseconds: 0) })
        #expect(throws: CommandFailure.usage("CARE_LOG_LEVEL is not one of debug, info, warning, error")) {
            try other.setting("CARE_LOG_LEVEL") as LogLevel?
        }
    }
}
