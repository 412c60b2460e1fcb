import GRDB
import Testing

@testable import CareStoreSQLite

/// What is asked again and again while the service runs must not read what lies in the outbox, row by row.
@Suite struct QueueCountTests {
    private static func plan(of sql: String) throws -> [String] {
        let folder = try Folder()
        let store = try folder.open()
        defer { try? store.close() }
        let steps = try #require(store.writer).queue.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql.replacing("?1", with: "'crm'")).map { row -> String in
                row["detail"]
            }
        }
        return steps.filter { $0.contains("outbox") }
    }

    @Test func `queues are counted in indexes, but for what is being sent`() throws {
        let plan = try Self.plan(of: SQLiteSnapshot.queues)
        #expect(
            plan == [
                "SEARCH outbox USING COVERING INDEX outbox_waiting (state=?)", "SCAN outbox USING INDEX outbox_sending",
                "SEARCH outbox USING COVERING INDEX outbox_aside_for (state>? AND state<?)",
            ])
    }

    @Test func `the oldest that waits is found in an index, and one row of each state read`() throws {
        let plan = try Self.plan(of: SQLiteSnapshot.oldest)
        #expect(plan.contains("SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)"))
        #expect(plan.contains("SEARCH outbox USING COVERING INDEX outbox_waiting (state=? AND destination=?)"))
    }

    @Test(arguments: [HotQuery.waitingDestinations, .nextAttemptAfter])
    func `which destinations wait, and until when, is read in an index`(query: HotQuery) throws {
        let plan = try Self.plan(of: query.sql.replacing("?2", with: "5"))
        #expect(!plan.isEmpty)
        for step in plan { #expect(step.contains("COVERING INDEX outbox_waiting")) }
    }
}
