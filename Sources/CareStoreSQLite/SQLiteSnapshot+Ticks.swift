import CareStore
import CareValues

/// Scans, and the zones they go by.
extension SQLiteSnapshot {
    func scans() throws -> [StoredScan] {
        let query = try statement(sql: "SELECT campaign, zone, tick, cursor, isDone FROM scans ORDER BY campaign, zone")
        defer { query.reset() }
        var scans: [StoredScan] = []
        while try query.step() {
            scans.append(
                StoredScan(
                    campaign: query.text(0), zone: query.text(1), tick: Timestamp(milliseconds: query.integer(2)),
                    cursor: query.isNull(3) ? nil : query.text(3), isDone: query.integer(4) != 0))
        }
        return scans
    }

    func zonesInUse() throws -> Set<String> {
        let query = try statement(sql: "SELECT name FROM zones")
        defer { query.reset() }
        var names: Set<String> = []
        while try query.step() { names.insert(query.text(0)) }
        return names
    }
}

extension SQLiteTransaction {
    func save(_ scan: StoredScan) throws {
        let save = try statement(sql: "INSERT OR REPLACE INTO scans VALUES (?1, ?2, ?3, ?4, ?5)")
        save.bind(1, scan.campaign)
        save.bind(2, scan.zone)
        save.bind(3, scan.tick.milliseconds)
        save.bind(4, scan.cursor)
        save.bind(5, scan.isDone ? 1 : 0)
        try save.run()
    }

    func removeScan(campaign: String, zone: String) throws {
        let remove = try statement(sql: "DELETE FROM scans WHERE campaign = ?1 AND zone = ?2")
        remove.bind(1, campaign)
        remove.bind(2, zone)
        try remove.run()
    }

    func noteZones(_ names: Set<String>) throws {
        let insert = try statement(sql: "INSERT OR IGNORE INTO zones VALUES (?1)")
        for name in names {
            insert.bind(1, name)
            try insert.run()
        }
    }
}
