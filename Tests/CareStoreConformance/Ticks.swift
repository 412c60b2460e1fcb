import CareStore
import CareValues
import Testing

/// Scans and zones: one scan per campaign and zone, the newest; zones once.
func exerciseTicks(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let monthly = StoredScan(campaign: "monthly", zone: "Asia/Shanghai", tick: at(5))
        let elsewhere = StoredScan(campaign: "monthly", zone: "Europe/Paris", tick: at(9), cursor: "c1")
        let greeting = StoredScan(campaign: "谢谢", zone: "Asia/Shanghai", tick: at(1), cursor: "é\u{0}'", isDone: true)
        try store.write { transaction throws in
            #expect(try transaction.scans().isEmpty)
            for scan in [greeting, elsewhere, monthly] { try transaction.save(scan) }
            #expect(try transaction.scans() == [monthly, elsewhere, greeting])
        }
        #expect(try store.read { try $0.scans() } == [monthly, elsewhere, greeting])
        var later = monthly
        later.tick = at(6)
        later.cursor = ""
        later.isDone = true
        try store.write { transaction throws in
            try transaction.save(later)
            try transaction.removeScan(campaign: "monthly", zone: "Europe/Paris")
            try transaction.removeScan(campaign: "monthly", zone: "nowhere")
            #expect(try transaction.scans() == [later, greeting])
        }
        #expect(try store.read { try $0.scans() } == [later, greeting])

        #expect(try store.read { try $0.zonesInUse() }.isEmpty)
        try store.write { try $0.noteZones(["Asia/Shanghai", "Europe/Paris"]) }
        try store.write { transaction throws in
            try transaction.noteZones(["Europe/Paris", "谢谢"])
            try transaction.noteZones([])
            #expect(try transaction.zonesInUse() == ["Asia/Shanghai", "Europe/Paris", "谢谢"])
        }
        #expect(try store.read { try $0.zonesInUse() } == ["Asia/Shanghai", "Europe/Paris", "谢谢"])
    }
}
