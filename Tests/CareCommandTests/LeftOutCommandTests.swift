import CareStore
import CareStoreSQLite
import CareValues
import Testing

@testable import care

/// What commands say of a customer who cannot be read.
@Suite struct LeftOutCommandTests {
    static let line = "1 customer could not be read and is left out. See: care doctor\n"

    /// The shop with three customers, of whom c3 has a row that is none.
    static func world() async throws -> World {
        let world = try await LookCommandTests.world()
        let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readWrite(owner: "test"))
        try store.write { transaction in
            let stored = try transaction.customer("c3")
            try transaction.save(
                id: "c3", wakeUp: stored?.wakeUp, epoch: stored?.epoch ?? 1, row: [255, 255, 255],
                expectedVersion: stored?.version ?? 0)
        }
        try store.close()
        return world
    }

    @Test func `a plan says in its head, in JSON and on standard error that somebody is missing`() async throws {
        let world = try await Self.world()
        let plan = "plan --at 2026-09-21T08:30"
        let text = await world.care(plan)
        #expect(text.code == 0)
        #expect(text.error == "warning: " + Self.line)
        #expect(text.output.hasPrefix("1 action would go out. Nothing was sent.\n" + Self.line), "\(text.output)")
        let json = await world.care(plan + " --format json")
        #expect(json.output.contains(#""unreadable":1"#) && json.error == "warning: " + Self.line)
        let csv = await world.care(plan + " --format csv")
        #expect(csv.code == 0 && !csv.output.contains("left out") && csv.error == "warning: " + Self.line)
        let why = await world.care(plan + " --why-not birthday-gold")
        #expect(why.code == 0 && why.output.contains(Self.line), "\(why.output) \(why.error)")
        #expect(await world.care(plan + " --html plan.html").code == 0)
        #expect(world.read("plan.html")?.contains("1 customer could not be read and is left out.") == true)
        let one = await world.care(plan + " --customer c3")
        #expect(one.code == 1 && one.error.hasPrefix("error: a customer's row cannot be read"), "\(one.error)")
        #expect(one.error.hasSuffix("\n" + CommandFailure.unreadableHelp + "\n"), "\(one.error)")
    }

    @Test func `a comparison and its comment say so too`() async throws {
        let world = try await Self.world()
        let rules = try #require(world.read("rules/shop.json"))
        try world.write("old/shop.json", rules.replacing(#""at": "09:00""#, with: #""at": "10:00""#))
        let text = await world.care("diff old --at 2026-09-21T08:30")
        #expect(text.code == 2)
        #expect(text.output.contains(Self.line) && text.error == "warning: " + Self.line, "\(text.output)")
        #expect(
            await world.care("diff old --at 2026-09-21T08:30 --format json").output.contains(#""unreadable":1"#))
        #expect(
            await world.care("diff old --at 2026-09-21T08:30 --format markdown").output.contains("> " + Self.line))
    }

    @Test func `the doctor names the customer, unless it is to be quick`() async throws {
        let world = try await Self.world()
        let answer = await world.care("doctor --offline")
        #expect(answer.code == 1)
        #expect(
            answer.output.contains(
                "1 customer cannot be read, and is passed over: c3 (the row cannot be decoded). Restore a backup,"),
            "\(answer.output)")
        #expect(!(await world.care("doctor --offline --quick").output.contains("cannot be read")))
    }

    @Test func `the doctor counts the deliveries that cannot be read, unless it is to be quick`() async throws {
        let world = try DeliveryWorld()
        try world.world.write("rules/none.json", "{}")
        try world.write { store in
            for name in ["damaged", "whole"] {
                var order = try DeliveryWorld.order(name, to: "crm", decided: "21T00:10:00")
                // Later than every instant that can occur.
                if name == "damaged" { order.decidedAt = Timestamp(milliseconds: .max) }
                try store.enqueue(order, firstAttemptAt: try DeliveryWorld.at("21T00:10:00"))
            }
        }
        let answer = await world.world.care("doctor --offline")
        #expect(answer.code == 1)
        #expect(answer.output.contains("1 delivery cannot be read: dead when due, never sent, "), "\(answer.output)")
        #expect(!(await world.world.care("doctor --offline --quick").output.contains("cannot be read")))
        let list = await world.world.care("deliveries list")
        #expect(list.code == 0 && list.output.contains(DeliveryWorld.short("whole")), "\(list.output) \(list.error)")
        #expect(!list.output.contains(DeliveryWorld.short("damaged")))
        #expect(!list.output.contains("--limit"), "no limit brings what cannot be read: \(list.output)")
        try world.write { store in
            let order = try DeliveryWorld.order("third", to: "crm", decided: "21T00:20:00")
            try store.enqueue(order, firstAttemptAt: try DeliveryWorld.at("21T00:20:00"))
        }
        #expect(await world.world.care("deliveries list --limit 1").output.contains("older ones: add --limit"))
    }

    @Test func `a damaged chain is told with what to do about it`() throws {
        let failure = CommandFailure(storeError: StoreError(.unreadable, "fact 7 is missing from its chain"))
        #expect(failure.message == "something stored of a customer cannot be read: fact 7 is missing from its chain")
        #expect(failure.help == CommandFailure.unreadableHelp)
    }
}
