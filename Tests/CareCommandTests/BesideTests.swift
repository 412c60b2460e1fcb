import CareStore
import CareStoreSQLite
import CareThreads
import CareValues
import Glibc
import Testing

@testable import care

/// Commands that write, while a service holds the store.
@Suite struct BesideTests {
    static let customers = """
        customer,tier,email
        c1,gold,a@example.com
        c2,bronze,

        """
    static let events = """
        customer,type,time,id,amount
        c1,purchase,2023-01-01,a,5
        c1,purchase,2026-09-01,b,7
        c2,purchase,2026-09-02,c,7
        c2,purchase,2026-02-30,d,7

        """

    private static func shop() throws -> World {
        let world = try World.shop()
        try world.write("c.csv", Self.customers)
        try world.write("e.csv", Self.events)
        try world.write("f.csv", "customer,type,time,id,amount\nc9,purchase,2026-09-21T00:20:00Z,f1,3\n")
        return world
    }

    /// What both ways say alike: who delivers apart.
    private static func alike(_ text: String) -> String {
        text.replacing("Next: care tick", with: "care serve delivers it.")
            .replacing("What waits goes out with: care tick", with: "care serve delivers what waits.")
    }

    /// Facts, decisions and deliveries of a store.
    private static func contents(_ world: World) throws -> [String] {
        let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readOnly)
        defer { try? store.close() }
        return try store.read { snapshot in
            var lines: [String] = []
            try snapshot.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { id, wakeUp, epoch, _ in
                lines.append("\(id) \(String(describing: wakeUp)) \(epoch)")
                return true
            }
            for line in lines {
                let id = String(line.prefix { $0 != " " })
                lines += try snapshot.facts(of: id, receivedUntil: nil).map { "\(id) \($0)" }
                lines += try snapshot.ledger(of: id, campaign: nil).map { "\(id) \($0.key) \($0.outcome) \($0.reason)" }
            }
            lines += try snapshot.deliveries(states: [], limit: 1_000).map { "\($0.order.id) \($0.state) \($0.reason)" }
            lines += try snapshot.disabledDestinations().map { "off \($0.name) \($0.reason)" }
            return lines.sorted()
        }
    }

    @Test func `each says, ends and leaves in the store what it does alone`() async throws {
        let lines: [(line: String, code: Int32)] = [
            ("import customers c.csv", 0), ("import events e.csv --history-until 2026-09-02T12:00", 1),
            ("import events e.csv --history-until 2026-09-02T12:00 --format json", 1),
            ("import events e.csv --fire", 1), ("import events f.csv --fire", 0), ("import events f.csv --fire", 0),
            ("destinations disable crm --reason maintenance", 0), ("destinations disable crm", 1),
            ("destinations disable crn", 64), ("destinations enable crm", 0), ("destinations enable crm", 1),
            ("deliveries cancel --campaign thanks", 0), ("deliveries cancel --campaign thanks --yes", 0),
            ("deliveries redrive --destination crm --yes", 0), ("deliveries redrive dlv_zzz", 1),
            ("customers erase c2", 0), ("customers erase c2 --yes", 0), ("customers erase c2 --yes", 0),
            ("customers readmit c2", 0), ("customers readmit c2", 1), ("prune", 64), ("prune --facts P1Y --dry-run", 0),
            ("prune --facts P1Y", 0), ("cutpoints", 1),
        ]
        let alone = try Self.shop()
        let twin = try Self.shop()
        #expect(await alone.care("tick").code == 0)
        let beside = try BesideWorld(twin)
        for (line, code) in lines {
            let answer = await alone.care(line)
            let other = await beside.care(line)
            #expect(answer.code == code, "\(line): \(answer.output)\(answer.error)")
            #expect(other.code == code, "\(line) beside: \(other.output)\(other.error)")
            #expect(other.output == Self.alike(answer.output), "\(line)")
            #expect(other.error == Self.alike(answer.error), "\(line)")
            #expect(try Self.contents(twin) == Self.contents(alone), "\(line)")
            // Until erasing takes the rows of whom it forgets.
            guard line.hasPrefix("import events e.csv") else { continue }
            #expect(twin.read("e.csv.rejects") == alone.read("e.csv.rejects") && twin.read("e.csv.rejects") != nil)
        }
        #expect(try Self.contents(alone).count > 4)
        let changes = [
            "command destinations.disable crm", "command destinations.enable crm",
            "command deliveries.cancel campaign=thanks", "command deliveries.redrive destination=crm",
            "command customers.erase ", "command customers.erase ", "command customers.readmit ", "command prune ",
        ]
        #expect(try beside.changes() == changes)
        #expect(twin.read("care.sqlite.audit.jsonl").map { $0.split(separator: "\n").count } == changes.count)
        #expect(alone.read("care.sqlite.audit.jsonl").map { $0.split(separator: "\n").count } == changes.count)
        try beside.stop()
        // What the service leaves is a store like any other.
        #expect(await twin.care("tick").code == 0)
    }

    @Test func `a plan is carried out by the service, and refused as it is alone`() async throws {
        let world = try Self.shop()
        #expect(await world.care("import customers c.csv").code == 0)
        try world.write("b.csv", "customer,birthday\nc1,1988-09-29\n")
        #expect(await world.care("import customers b.csv").code == 0)
        #expect(await world.care("tick --decide-only").code == 0)
        #expect(await world.care("plan --days 3 --out p.careplan").code == 0)
        try world.setClock("2026-09-22T02:00:00Z")
        let beside = try BesideWorld(world)
        let moved = await beside.care("apply p.careplan --at 2026-09-22T10:00")
        #expect(moved.code == 75 && moved.error.hasPrefix("error: care serve holds the store: "), "\(moved.error)")
        let applied = await beside.care("apply p.careplan")
        #expect(applied.code == 0, "\(applied.error)")
        #expect(applied.output.hasPrefix("Applied 0 of 1 decision. 1 already done.\n"), "\(applied.output)")
        try world.write("broken.careplan", "x")
        let broken = await beside.care("apply broken.careplan")
        #expect(broken.code == 1 && broken.error.contains("[plan.not-a-plan]"))
        let other = try Self.shop()
        #expect(await other.care("import customers c.csv").code == 0)
        #expect(await other.care("tick --decide-only").code == 0)
        #expect(await other.care("plan --days 3 --out p.careplan").code == 0)
        try world.write("other.careplan", try #require(other.read("p.careplan")))
        let refused = await beside.care("apply other.careplan")
        #expect(refused.code == 1 && refused.error.contains("[plan.other-store]"), "\(refused.error)")
        try beside.stop()
    }

    @Test func `a tick says how the service stands, and takes no other clock`() async throws {
        let world = try Self.shop()
        let beside = try BesideWorld(world)
        let imported = await beside.care("import events f.csv --fire")
        #expect(imported.code == 0, "\(imported.error)")
        let tick = await beside.care("tick")
        #expect(
            tick.output.hasPrefix(
                "care serve, process \(getpid()), decides and delivers by itself; nothing was left to be done.\n"),
            "\(tick.error)")
        #expect(
            tick.code == 0 && tick.error == "" && tick.output.contains("\n  waiting  1 delivery\n"), "\(tick.output)")
        #expect(await beside.care("tick --format json").output.contains(#""behind":false,"waiting":1}"#))
        let moved = await beside.care("tick --at 2026-01-01")
        #expect(moved.code == 75 && moved.error.contains("decides by the real clock; nothing was decided\n"))
        // What the files say since is not what it goes by, and it says so.
        let text = try #require(world.read("rules/shop.json"))
        try world.write("rules/shop.json", text.replacing(#""at": "09:00""#, with: #""at": "10:00""#))
        let warned = await beside.care("tick")
        let warning = "warning: the rule files are not what care serve has in force"
        #expect(warned.code == 0 && warned.error.hasPrefix(warning), "\(warned.error)")
        #expect(await beside.care("import events e.csv --fire").error.hasPrefix("warning: the rule files"))
        try beside.stop()
    }

    @Test func `where nobody takes commands it is said that the store is in use`() async throws {
        let world = try Self.shop()
        for (owner, help) in [
            ("care serve", "It takes no commands at the moment."),
            ("care import", "Stop it first, or wait until it has"),
        ] {
            let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readWrite(owner: owner))
            for line in ["tick", "import events e.csv", "prune --facts P1Y", "destinations enable crm"] {
                let answer = await world.care(line)
                #expect(answer.code == 75, "\(line)")
                #expect(answer.error.hasPrefix("error: store in use by \(owner), process \(getpid()); nothing was "))
                #expect(answer.error.contains("\n" + help), "\(answer.error)")
            }
            try store.close()
        }
        // What a killed service left is no service.
        let left = CommandSocket(storePath: world.folder + "/care.sqlite")
        let descriptor = try #require(left.listen())
        close(descriptor)
        #expect(left.connect() == nil)
        let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readWrite(owner: "care serve"))
        #expect(await world.care("tick").code == 75)
        try store.close()
        #expect(await world.care("tick --decide-only").code == 0)
        let beside = try BesideWorld(world)
        #expect(await beside.care("tick").code == 0)
        try beside.stop()
        #expect(world.read("care.sqlite.socket") == nil)
        #expect(await world.care("tick --decide-only").code == 0)
    }

    @Test(arguments: [57, 58, 200], [0, 120])
    func `names and folders may be long`(nameLength: Int, folderLength: Int) async throws {
        let world = try World.shop()
        let name = String(repeating: "s", count: nameLength)
        let folder = folderLength == 0 ? "" : String(repeating: "d", count: folderLength) + "/"
        let text = try #require(world.read("care.json"))
        try world.write(folder + "x", "")
        try world.write("care.json", text.replacing("care.sqlite", with: folder + name))
        let beside = try BesideWorld(world)
        #expect(beside.socket.path.hasSuffix("/" + name + ".socket") == (nameLength == 57))
        var status = stat()
        #expect(lstat(beside.socket.path, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFSOCK && status.st_mode & 0o777 == 0o600)
        let tick = await beside.care("tick")
        #expect(tick.code == 0, "\(tick.error)")
        try beside.stop()
        #expect(lstat(beside.socket.path, &status) != 0)
    }

    @Test func `the service carries out nothing else, and nothing of another version`() throws {
        let world = try Self.shop()
        let beside = try BesideWorld(world)
        func answer(_ order: CommandOrder?) throws -> (said: String, code: String) {
            let wire = CommandWire(try #require(beside.socket.connect()))
            let bytes = order.map { Array(JSONWriter.text($0.json).utf8) } ?? Array("{}".utf8)
            #expect(wire.send(.order, bytes))
            var said = ""
            while let frame = wire.receive() {
                let text = String(decoding: frame.bytes, as: UTF8.self)
                if frame.kind == .exit { return (said, text) }
                said += text
            }
            return (said, "")
        }
        func order(_ arguments: [String]) -> CommandOrder {
            CommandOrder(arguments: arguments, workingDirectory: world.folder, hasColour: false, showsProgress: false)
        }
        #expect(try answer(order(["tick"])).code == "0")
        let others = [
            ["init"], ["tokens", "list"], ["serve"], ["customers", "export", "c1"], ["import", "events", "e.csv"],
        ]
        for arguments in others {
            let refused = try answer(order(arguments))
            #expect(refused.code == "64", "\(arguments)")
            #expect(refused.said.contains("no command that care serve carries out"), "\(arguments): \(refused.said)")
        }
        #expect(try answer(order(["tick", "--nonsense"])).code != "0")
        var newer = order(["tick"])
        newer.version = "999.0.0"
        let refused = try answer(newer)
        #expect(refused.code == "75" && refused.said.contains("this is 999.0.0: restart the service; nothing was done"))
        #expect(try answer(nil).code == "")
        // One that says nothing keeps nobody from ending.
        let silent = try #require(beside.socket.connect())
        try beside.stop()
        close(silent)
    }

    @Test func `an import whose service ends says how far it came, and the same again completes it`() async throws {
        let world = try Self.shop()
        var text = "customer,type,time,id,amount\n"
        for number in 0..<20_000 { text += "c\(number % 50),purchase,2026-01-02T00:00:00Z,e\(number),1\n" }
        try world.write("many.csv", text)
        let beside = try BesideWorld(world)
        let link = try CommandLink(
            StoreHeld(storePath: world.folder + "/care.sqlite", failure: CommandFailure("nobody")),
            Console(
                writeOutput: { _ in }, writeError: { _ in }, hasColour: false, showsProgress: false, environment: [:],
                workingDirectory: world.folder, now: { world.now }))
        link.beginImport()
        #expect(try link.exchange(Array(#"{"kind":"events","until":0,"allowsNew":false}"#.utf8)) == Array("{}".utf8))
        try beside.stop()
        #expect(try link.exchange(Array(#"{"rows":[]}"#.utf8)) == nil)
        #expect(await world.care("import events many.csv").code == 0)
        let again = try BesideWorld(world)
        let known = await again.care("import events many.csv")
        #expect(known.code == 0, "\(known.error)")
        #expect(known.output.contains("  already stored  20,000   unchanged\n"), "\(known.output)")
        try again.stop()
    }
}
