import CareStore
import GRDB

/// One step of the store's schema: what takes a store from the version before to `version`.
struct SchemaStep: Sendable {
    /// The version reached, kept in `PRAGMA user_version`; steps count up by one from 1.
    var version: Int
    /// The statements.
    var sql: String
}

/// The schema of the store.
///
/// What shapes it: an event dirties the page of its customer's row and, when the wake-up moves, a page of the wake-up
/// index; everything else is appended. Each random page costs a frame of the log and again at the checkpoint. So
/// facts and ledger are not indexed by customer: each is a chain through `previous`, its head in the customer's row,
/// which is written anyway.
enum StoreSchema {
    /// Marks the file as a Care store: "Care" in ASCII, in the header's application id.
    static let applicationID: Int32 = 0x4361_7265

    /// All steps, in order. A step that has shipped is never edited; a change is a new step.
    static let steps = [
        SchemaStep(version: 1, sql: first), SchemaStep(version: 2, sql: cutPoints), SchemaStep(version: 3, sql: ticks),
        SchemaStep(version: 4, sql: languages), SchemaStep(version: 5, sql: terms),
        SchemaStep(version: 6, sql: answers), SchemaStep(version: 7, sql: queues),
    ]

    private static let first = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
        CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- version 0: only facts or decisions so far, no row; such a customer is invisible.
        CREATE TABLE customers (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL, wakeUp INTEGER, version INTEGER NOT NULL,
            epoch INTEGER NOT NULL, lastFact INTEGER NOT NULL, lastDecision INTEGER NOT NULL, row BLOB NOT NULL);
        CREATE UNIQUE INDEX customers_id ON customers(id);
        CREATE INDEX customers_wakeUp ON customers(wakeUp) WHERE wakeUp IS NOT NULL;

        -- Attribute facts have neither type nor source nor id.
        CREATE TABLE facts (
            number INTEGER PRIMARY KEY, customer INTEGER NOT NULL, previous INTEGER NOT NULL,
            time INTEGER NOT NULL, receivedAt INTEGER NOT NULL, hasOwnTime INTEGER NOT NULL,
            type TEXT, source TEXT, id TEXT, body TEXT NOT NULL);
        CREATE UNIQUE INDEX facts_event ON facts(source, id, customer) WHERE source IS NOT NULL;
        CREATE INDEX facts_attributes ON facts(time, customer) WHERE source IS NULL;

        -- provisional: 0 for a final decision, 1, 2 … for holds and errors before it.
        CREATE TABLE ledger (
            number INTEGER PRIMARY KEY, customer INTEGER NOT NULL, previous INTEGER NOT NULL, key BLOB NOT NULL,
            provisional INTEGER NOT NULL, campaign TEXT NOT NULL, occurrence TEXT NOT NULL, step TEXT NOT NULL,
            action TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, now INTEGER NOT NULL,
            due INTEGER NOT NULL, epoch INTEGER NOT NULL, inputs TEXT NOT NULL);
        CREATE UNIQUE INDEX ledger_final ON ledger(key) WHERE provisional = 0;
        CREATE INDEX ledger_now ON ledger(now);

        -- state: 0 waiting, 1 sending (nextAttemptAt is the lease's end), 2 delivered, 3 dead, 4 parked, 5 cancelled.
        -- staysParked: 1 when it was parked because an answer was lost; enabling its destination does not return it.
        CREATE TABLE outbox (
            number INTEGER PRIMARY KEY, id BLOB NOT NULL, state INTEGER NOT NULL, nextAttemptAt INTEGER NOT NULL,
            attempts INTEGER NOT NULL, staysParked INTEGER NOT NULL, reason TEXT NOT NULL, customer TEXT NOT NULL,
            campaign TEXT NOT NULL, key TEXT NOT NULL, destination TEXT NOT NULL, address TEXT NOT NULL,
            type TEXT NOT NULL, data TEXT NOT NULL, decidedAt INTEGER NOT NULL, expiresAt INTEGER);
        CREATE UNIQUE INDEX outbox_id ON outbox(id);
        CREATE INDEX outbox_waiting ON outbox(destination, nextAttemptAt) WHERE state = 0;
        CREATE INDEX outbox_sending ON outbox(nextAttemptAt) WHERE state = 1;
        CREATE INDEX outbox_aside ON outbox(state) WHERE state > 2;
        CREATE TABLE delivery_counts (state INTEGER PRIMARY KEY, count INTEGER NOT NULL);
        CREATE TABLE attempts (
            delivery INTEGER NOT NULL, number INTEGER NOT NULL, startedAt INTEGER NOT NULL,
            durationMilliseconds INTEGER NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL,
            detail TEXT NOT NULL, PRIMARY KEY (delivery, number)) WITHOUT ROWID;
        CREATE TABLE destinations (name TEXT PRIMARY KEY, since INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE rule_sets (
            epoch INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, text TEXT NOT NULL, activatedAt INTEGER NOT NULL,
            zone TEXT NOT NULL, zoneDataVersion TEXT NOT NULL);
        CREATE TABLE rule_set_starts (
            epoch INTEGER NOT NULL, campaign TEXT NOT NULL, start INTEGER NOT NULL,
            PRIMARY KEY (epoch, campaign)) WITHOUT ROWID;
        CREATE TABLE counters (
            kind TEXT NOT NULL, name TEXT NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (kind, name, day)) WITHOUT ROWID;
        """

    /// The sets of cut points; an activated rule set names the one it reads, if it reads any.
    private static let cutPoints = """
        CREATE TABLE cut_points (version INTEGER PRIMARY KEY, computedAt INTEGER NOT NULL, text TEXT NOT NULL);
        ALTER TABLE rule_sets ADD COLUMN cutPoints INTEGER;
        """

    private static let ticks = """
        -- The holidays that the rules of the epoch read; empty: none.
        ALTER TABLE rule_sets ADD COLUMN holidays TEXT NOT NULL DEFAULT '';

        -- cursor: the last customer touched, in the order of creation; NULL: none yet.
        CREATE TABLE scans (
            campaign TEXT NOT NULL, zone TEXT NOT NULL, tick INTEGER NOT NULL, cursor TEXT, isDone INTEGER NOT NULL,
            PRIMARY KEY (campaign, zone)) WITHOUT ROWID;
        CREATE TABLE zones (name TEXT PRIMARY KEY) WITHOUT ROWID;
        """

    /// The customer's language when a delivery was decided; empty: not known.
    private static let languages = "ALTER TABLE outbox ADD COLUMN language TEXT NOT NULL DEFAULT '';"

    private static let terms = """
        -- quietTimes: at these hours no attempt is made; consents: attributes that must be granted, between full stops,
        -- which no attribute's name has; NULL: none.
        ALTER TABLE outbox ADD COLUMN quietTimes TEXT;
        ALTER TABLE outbox ADD COLUMN consents TEXT;

        -- Rows of ordered destinations stand in a line for each customer: by place, else number, then number.
        ALTER TABLE outbox ADD COLUMN isOrdered INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE outbox ADD COLUMN place REAL;
        CREATE INDEX outbox_line ON outbox(destination, customer) WHERE isOrdered = 1 AND state < 2;
        CREATE TABLE ordered_destinations (name TEXT PRIMARY KEY) WITHOUT ROWID;
        """

    /// Every answer of the ledger is a run of its own, by time: what is searched and summed by campaign, outcome, reason.
    /// Each run grows at its end, so that few pages are dirtied.
    private static let answers = "CREATE INDEX ledger_answers ON ledger(campaign, outcome, reason, now);"

    /// What waits, and what lies aside for a destination, is counted and looked for without reading its rows, of which
    /// there may be millions: SQLite asks a row for its state where the index has it in its condition alone.
    private static let queues = """
        DROP INDEX outbox_waiting;
        CREATE INDEX outbox_waiting ON outbox(state, destination, nextAttemptAt) WHERE state = 0;
        CREATE INDEX outbox_aside_for ON outbox(state, destination) WHERE state > 2;
        -- Those whose answer was lost: mostly few of what is parked.
        CREATE INDEX outbox_lost ON outbox(staysParked, state, destination) WHERE staysParked = 1;
        """

    /// Brings the store behind `db` up to the last of `steps`, each step in a transaction of its own.
    ///
    /// - Parameter file: the file's name, for messages.
    /// - Throws: ``StoreError/Code/newerSchema`` when the store is of a later version; nothing is changed then.
    static func migrate(_ db: Database, steps: [SchemaStep], file: String) throws {
        let stored = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let known = steps.last?.version ?? 0
        guard stored <= known else { throw newer(file: file, stored: stored, known: known) }
        for step in steps where step.version > stored {
            try db.inTransaction(.immediate) {
                try db.execute(sql: step.sql)
                try db.execute(sql: "PRAGMA user_version = \(step.version)")
                return .commit
            }
        }
    }

    /// The refusal of a store of schema `stored` by a program that knows up to `known`.
    static func newer(file: String, stored: Int, known: Int) -> StoreError {
        StoreError(.newerSchema, "\(file) has schema \(stored), this care knows up to \(known); unchanged")
    }
}
