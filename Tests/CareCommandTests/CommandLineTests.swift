import CareThreads
import CareValues
import Glibc
import Testing

@testable import care

@Suite struct CommandLineTests {
    @Test func `care alone shows the commands by intent`() async throws {
        let world = try World()
        for line in ["", "--help", "-h", "help"] {
            let answer = await world.care(line)
            #expect(answer.code == 0)
            #expect(
                answer.output.hasPrefix(
                    "care: customer care as code. Rules say who is cared for, when and how.\n\nStart "))
            #expect(answer.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
        }
    }

    @Test func `every command of the overview exists, and every command is in it`() async throws {
        let world = try World()
        for command in CareCommand.configuration.subcommands {
            let name = command._commandName
            #expect(Overview.text.contains(" \(name) "), "\(name) is not in the overview")
            let help = await world.care("\(name) --help")
            #expect(help.code == 0)
            #expect(help.output.contains("Examples:"), "care \(name) --help has no examples")
        }
    }

    @Test func `the version can be asked for as an option too`() async throws {
        let world = try World()
        let answer = await world.care("--version")
        #expect(answer.code == 0)
        let command = await world.care("version")
        #expect(answer.output == command.output)
    }

    @Test func `help breaks its lines once`() async throws {
        let lines = await try World().care("import --help").output.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasSuffix("The same file imported twice") })
        #expect(lines.allSatisfy { $0.count <= 120 })
    }

    @Test func `no help is torn within a sentence`() {
        var commands = CareCommand.configuration.subcommands
        var next = 0
        while next < commands.count {
            let command = commands[next]
            next += 1
            commands += command.configuration.subcommands
            let lines = command.configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
            for (line, following) in zip(lines, lines.dropFirst()) where line != "Examples:" && !line.hasPrefix(" ") {
                let isInside = !line.isEmpty && !following.isEmpty
                #expect(!isInside || line.count >= 80, "care \(command._commandName): \(line)")
            }
        }
        #expect(commands.count > 40)
    }

    @Test func `help says that events that fire need a time`() async throws {
        let world = try World()
        #expect(await world.care("import --help").output.contains("Events need a time with it too"))
        let events = await world.care("import events --help").output
        #expect(events.contains("Without a time a row is refused (import.no-time)"))
    }

    static let mistakes: [(String, Int32, String)] = [
        ("plann", 64, "error: no command 'plann'. Did you mean 'plan'?\n"),
        ("deliveries lst", 64, "error: care deliveries has no 'lst'. Did you mean 'list'?\n"),
        ("deliveries", 64, "error: care deliveries needs one of: list, show, redrive, cancel\n"),
        ("plan --day 7", 64, "error: care plan has no option '--day'. Did you mean '--days'?\n"),
        (
            "import events a.csv --hist x", 64,
            "error: care import events has no option '--hist'. Did you mean '--history-until'?\n"
        ),
        ("check --sarif", 64, "error: care check has no option '--sarif'\n"),
        ("plan --days x", 64, "error: care plan: the value 'x' is invalid for '--days <days>'\n"),
        ("plan --days 0", 64, "error: --days is 1 to 366, not 0\n"),
        ("plan --days 367", 64, "error: --days is 1 to 366, not 367\n"),
        ("plan", 64, "error: no care.json here or in a folder above. Make one: care init, or add --config FILE\n"),
        ("plan --config x.json", 64, "error: x.json cannot be read: No such file or directory\n"),
        ("check nowhere", 64, "error: there is no nowhere\nName a folder of rule files, or one file.\n"),
        (
            "receive", 64,
            "error: care receive needs --secret\nThe one the destination signs with: --secret env:NAME or file:PATH.\n"
        ),
        (
            "receive --secret hush", 64,
            "error: --secret is env:NAME or file:PATH, so that it stands in no command line\n"
        ),
    ]

    @Test(arguments: mistakes) func `names the mistake and the way out`(
        _ line: String, _ code: Int32, _ message: String
    )
        async throws
    {
        let world = try World()
        let answer = await world.care(line)
        #expect(answer.error == message)
        #expect(answer.code == code)
        #expect(answer.output == "")
    }

    @Test func `init makes files that check without findings, and leaves what is there`() async throws {
        let world = try World()
        #expect(
            await world.care("init --zone Asia/Shanghai").output
                == "Made care.json and rules/thanks.json.\nNext: care check, then care import customers FILE\n")
        #expect(
            await world.care("check").output
                == "No findings. 1 file: 1 campaign, 1 attribute, 1 trait, 0 segments, 1 destination.\n")
        try world.write("care.json", "{}")
        let again = await world.care("init")
        #expect(again.output.hasPrefix("care.json is there already; left as it is.\n"))
        #expect(world.read("care.json") == "{}")
    }

    @Test func `mistakes in care.json are shown at their place`() async throws {
        let world = try World()
        try world.write(
            "care.json",
            "{\n  \"timezone\": \"Asia/Shanghai\",\n  \"timeZone\": \"Asia/Shangai\", \"recoveryRate\": 0\n}\n")
        let answer = await world.care("plan")
        #expect(answer.code == 1)
        #expect(
            answer.error == """
                care.json:2:3: error: unknown key 'timezone' [config.unknown-key]
                    2 |   "timezone": "Asia/Shanghai",
                      |   ^~~~~~~~~~  did you mean 'timeZone'?
                care.json:3:15: error: no time zone 'Asia/Shangai' [config.unknown-zone]
                    3 |   "timeZone": "Asia/Shangai", "recoveryRate": 0
                      |               ^~~~~~~~~~~~~~  did you mean 'Asia/Shanghai'?
                care.json:3:47: error: recoveryRate is a number above 0: decisions a second [config.wrong-value]
                    3 |   "timeZone": "Asia/Shangai", "recoveryRate": 0
                      |                                               ^

                care.json cannot be used; nothing was done.

                """)
    }

    @Test func `care.json is found in a folder above`() async throws {
        let world = try World.shop()
        try world.write("deep/er/file", "")
        #expect(await world.care("check").code == 0)
        let answer = await world.care("check --config deep/../care.json")
        #expect(answer.output == "No findings. 1 file: 2 campaigns, 4 attributes, 1 trait, 1 segment, 1 destination.\n")
    }

    @Test func `check prints all findings of all files, ends with 1, and the same as JSON`() async throws {
        let world = try World.shop()
        try world.write(
            "rules/bad.json",
            "{ \"campaigns\": { \"x\": { \"trigger\": { \"event\": \"purchase\" }, \"reentry\": \"once\", \"condition\": { \"iff\": [true] }, \"actions\": [{ \"send\": \"crmm\", \"type\": \"a.b\", \"data\": {} }] } } }\n"
        )
        let text = await world.care("check rules")
        #expect(text.code == 1)
        #expect(text.error == "")
        #expect(text.output.contains("rules/bad.json:1:95: error: unknown operator 'iff' [rule.unknown-operator]"))
        #expect(text.output.contains("[rule.unknown-destination]"))
        #expect(text.output.contains("did you mean 'crm'?"))
        #expect(text.output.hasSuffix("\n2 errors in 1 of 2 files. Not usable; the active rules stay as they are.\n"))
        let json = await world.care("check rules --format json")
        #expect(json.code == 1)
        #expect(json.output.hasPrefix(#"{"usable":false,"files":2,"errors":2,"warnings":0,"#))
    }

    @Test func `a result that cannot be printed is a failure`() async {
        let errors = Lock("")
        let console = Console(
            writeOutput: { _ in }, writeError: { text in errors.withLock { $0 += text } }, hasColour: false,
            showsProgress: false, environment: [:], workingDirectory: "/", now: { .distantPast },
            outputFailure: { "No space left on device" })
        #expect(await CommandLineRun.run(["version"], console: console) == 1)
        #expect(errors.withLock { $0 } == "error: the result cannot be printed: No space left on device\n")
    }

    @Test func `a link among the rule files that leads nowhere is not passed over`() async throws {
        let world = try World.shop()
        #expect(symlink("nowhere.json", world.folder + "/rules/gone.json") == 0)
        let answer = await world.care("check")
        #expect(answer.code == 1)
        #expect(answer.error == "error: rules/gone.json cannot be read: No such file or directory\n")
    }

    @Test func `check shows the program of a campaign's conditions`() async throws {
        let world = try World.shop()
        try world.write(
            "rules/more.json",
            #"""
            { "attributes": { "renewsOn": { "type": "date" }, "town": { "type": "string" } },
              "campaigns": {
                "renewal": { "trigger": { "event": "visit", "where": { ">": [{ "var": "event.pages" }, 3] } },
                  "condition": { "and": [
                    { ">": [{ "days_since": [{ "var": "renewsOn" }] }, 60] },
                    { "<=": [{ "days_since": [{ "var": "renewsOn" }] }, 180] },
                    { "!": [{ "in": [{ "var": "town" }, ["Bern", "Ulm"]] }] } ] },
                  "actions": [{ "send": "crm", "type": "a.b", "data": {} }] },
                "free": { "trigger": { "event": "visit" }, "actions": [{ "send": "crm", "type": "a.b", "data": {} }] } } }
            """#)
        let answer = await world.care("check --show-program renewal")
        #expect(answer.error == "")
        #expect(
            answer.output == """
                columns
                  c0  renewsOn as day
                  c1  town as text
                masks
                  m0  each customer: (event.pages > 3)
                  m3  town not in "Bern", "Ulm" or missing
                  m4  days_since(renewsOn) > 60 and days_since(renewsOn) <= 180
                  m5  m3 and m4
                conditions
                  where  m0
                  condition  m5

                2 columns, 3 leaves, 1 combination, 1 left to one customer at a time; 4 steps for one customer

                """)
        let json = await world.care("check --show-program renewal --format json")
        #expect(json.output.contains(#""campaign":"renewal""#) && json.output.contains(#""leaves":3"#))
        #expect(await world.care("check --show-program free").output == "free has no conditions.\n")
        let unknown = await world.care("check --show-program renewl")
        #expect(unknown.code == 64)
        #expect(unknown.error == "error: no campaign 'renewl'\nDid you mean 'renewal'?\n")
    }
}
