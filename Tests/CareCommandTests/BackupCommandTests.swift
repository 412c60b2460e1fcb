import CareStore
import CareStoreSQLite
import CareValues
import Testing

@testable import care

@Suite struct BackupCommandTests {
    @Test func `copies and restores, and says what may have been sent since`() async throws {
        let world = try DeliveryWorld.full()
        let backup = await world.care("backup nightly.sqlite")
        #expect(backup.code == 0, "\(backup.error)")
        #expect(
            backup.output.replacing(#/[0-9.]+ MB/#, with: "… MB") == """
                Copied care.sqlite to nightly.sqlite: 0 customers, 0 facts, 0 decisions, 7 deliveries, … MB.
                Taken Mon 21 Sep 2026 08:30 Asia/Shanghai, the store had nothing in it. Checked: every page, index and count.
                Back: care restore nightly.sqlite

                """)
        let again = await world.care("backup nightly.sqlite")
        #expect(
            again.error == "error: nightly.sqlite is there already; nothing was copied\nTake another name.\n"
                && again.code == 1)
        try world.write { store in
            try store.enqueue(
                try DeliveryWorld.order("later", to: "sms", decided: "21T00:25:00"),
                firstAttemptAt: try DeliveryWorld.at("21T00:25:00"))
        }
        #expect(await world.care("backup second.sqlite --format json").output.contains(#""deliveries":8,"#))
        let restored = await world.care("restore second.sqlite")
        #expect(
            restored.output == """
                Restored care.sqlite from second.sqlite: 0 customers, 0 facts, 0 decisions, 8 deliveries.
                Taken Mon 21 Sep 2026 08:30 Asia/Shanghai, the store had nothing in it.
                The store that was there is kept: care.sqlite.before-20260921T003000Z
                2 deliveries waited when the backup was made, and may have been sent since:
                  crm 1: to be sent under the same ids, by which receivers can tell
                  sms 1: parked, a receiver there cannot tell a repetition. Ask there, then redrive or cancel
                What was decided after that is not known to this store: what is still in time is decided again.
                If it was sent, restore again with --after and the instant at which the old store ended.
                Next: care doctor, then care serve

                """, "\(restored.error)")
        #expect(try world.state("later").state == .parked)
        let json = await world.care("restore nightly.sqlite --after 2026-09-21T08:00 --format json")
        #expect(json.output.contains(#""mayHaveBeenSent":[{"destination":"crm","count":1,"parked":false}]"#))
        #expect(json.output.contains(#""after":"2026-09-21T00:00:00.000Z","skipped":0"#))
    }

    static let mistakes: [(String, Int32, String)] = [
        ("restore none.sqlite", 1, "error: there is no none.sqlite; nothing was restored\n"),
        ("restore care.json", 1, "error: care.json is not a Care store; unchanged; nothing was restored\n"),
        ("restore care.sqlite", 1, "error: care.sqlite is the store itself; nothing was restored\n"),
        (
            "restore care.json --after 2027-01-01", 64,
            "error: --after is still to come; nothing was restored\n"
        ),
        ("backup", 64, "error: care backup: missing expected argument '<file>'\n"),
    ]

    @Test(arguments: mistakes) func `names the mistake`(_ line: String, _ code: Int32, _ message: String) async throws {
        let answer = await (try DeliveryWorld.full()).care(line)
        #expect(answer.error == message && answer.code == code)
    }

    @Test func `a store in use is not exchanged, but can be copied`() async throws {
        let world = try DeliveryWorld.full()
        #expect(await world.care("backup a.sqlite").code == 0)
        let holder = try SQLiteStore(
            path: world.world.folder + "/care.sqlite", access: .readWrite(owner: "care serve"))
        #expect(await world.care("backup b.sqlite").code == 0)
        let refused = await world.care("restore a.sqlite")
        #expect(refused.code == 75)
        #expect(refused.error.hasPrefix("error: store in use by care serve, process "))
        #expect(refused.error.hasSuffix("; nothing was restored\nStop it first, or wait until it has ended.\n"))
        try holder.close()
    }
}
