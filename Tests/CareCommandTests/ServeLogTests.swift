import CareEngine
import CareStore
import CareStoreSQLite
import CareThreads
import CareValues
import Testing

@testable import care

/// What the log of `care serve` says of single decisions.
@Suite struct ServeLogTests {
    /// A console that keeps what is written to it.
    static func console(_ written: Lock<String>, in world: World) -> Console {
        Console(
            writeOutput: { text in written.withLock { $0 += text } }, writeError: { _ in }, hasColour: false,
            showsProgress: false, environment: [:], workingDirectory: world.folder, now: { world.now })
    }

    @Test func `a refused decision has the key of the life that its customer is in`() async throws {
        let world = try await ApplyCommandTests.world()
        #expect(await world.care("customers erase c1 --yes").code == 0)
        #expect(await world.care("customers readmit c1").code == 0)
        try world.write("again.csv", "customer,tier,offerOn\nc1,gold,2026-09-22\n")
        #expect(await world.care("import customers again.csv --fire").code == 0)
        #expect(await world.care("plan --at 2026-09-21T08:30 --days 2 --campaign offer --out w.careplan").code == 0)
        #expect(await world.care("apply w.careplan --when-due").code == 0)
        try world.write("t.csv", "customer,tier\nc1,silver\n")
        try world.setClock("2026-09-22T01:00:00Z")
        #expect(await world.care("import customers t.csv --fire").code == 0)

        let written = Lock("")
        let console = Self.console(written, in: world)
        let workspace = try Workspace.open(config: nil, console: console)
        let store = try SQLiteStore(path: workspace.storePath, access: .readWrite(owner: "test"))
        defer { try? store.close() }
        let instant = try #require(Timestamp(iso8601: "2026-09-22T02:05:00Z"))
        let rules = try store.read { try RulesInForce(in: $0, zones: workspace.zones) }
        let ticker = Ticker(
            store: store, clock: DecisionClock(realNow: { instant }), recoveryRate: 1_000,
            approved: ApprovedPlans(storePath: workspace.storePath), pause: { _ in true })
        let summary = try ticker.tick(rules)
        #expect(summary.approved.map(\.summary.refused) == [1])
        #expect(summary.approved.first?.summary.refusals.map(\.life) == [2])
        ServeLog(console: console, zone: .utc, isJSON: true).write(Service.Event.decided(summary, milliseconds: 1))

        func line(_ customer: String) -> String {
            let key = CanonicalJSON.array(of: ["offer", customer, "2026-09-22/1", "first", "1"])
            return #""event":"decision_refused","key":"\#(DeliveryID(hashing: key).text)","campaign":"offer""#
        }
        let text = written.withLock { $0 }
        #expect(text.contains(line("c1~2")), "\(text)")
        #expect(!text.contains(line("c1")), "\(text)")
    }
}
