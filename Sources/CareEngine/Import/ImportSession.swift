import CareDecisions
import CareStore
import CareThreads
import CareValues

/// One import as the service that holds the store carries it out: each message of rows is one of its transactions.
///
/// Belongs to one thread, that of whoever sends the rows.
public final class ImportSession {
    /// What a message was that is none of an import.
    public struct Unreadable: Error, Sendable {}

    private let store: LiveStore
    private let zones: any ZoneDirectory
    private let clock: DecisionClock
    private let rules: CandidateRules
    private let revoke: ([DeliveryID]) -> Void
    private let preparer = Preparer()
    private let deciding: Worker
    private var writer: ImportWriter?
    private var revoked = 0

    /// An import into `store`.
    ///
    /// - Parameters:
    ///   - rules: those in force now.
    ///   - revoke: gets deliveries that were taken back because of what was imported.
    /// - Throws: ``StoreError`` when there is no thread for it.
    public init(
        _ store: LiveStore, zones: any ZoneDirectory, clock: DecisionClock, rules: CandidateRules,
        revoke: @escaping ([DeliveryID]) -> Void
    ) throws {
        self.store = store
        self.zones = zones
        self.clock = clock
        self.rules = rules
        self.revoke = revoke
        guard let deciding = preparer.start() else { throw StoreError(.io, "no thread can be had") }
        self.deciding = deciding
    }

    deinit {
        preparer.end()
        deciding.join()
    }

    /// Does what a message says; the answer.
    ///
    /// - Throws: ``Unreadable``; `StoreError`, ``EngineError``, ``LiveRefusal``: nothing of the message was written.
    public func answer(_ message: [UInt8]) throws -> [UInt8] {
        guard let object = ImportWire.value(message) else { throw Unreadable() }
        if let orders = ImportOrders(object) {
            writer = ImportWriter(
                orders, store: store, zones: zones, clock: clock, candidate: rules, preparer: preparer)
            return Array("{}".utf8)
        }
        guard writer != nil else { throw Unreadable() }
        if case .array(let values)? = object["rows"] { return try take(values) }
        guard object["finish"] == .bool(true) else { throw Unreadable() }
        var rejects: String?
        if case .string(let path)? = object["rejects"] { rejects = path }
        try writer?.finish(rejects: rejects)
        return Array("{}".utf8)
    }

    private func take(_ values: [JSONValue]) throws -> [UInt8] {
        let rows = try values.map { value in
            guard let row = ImportRow(value) else { throw Unreadable() }
            return row
        }
        var summary = ImportSummary()
        let before = writer?.decisions ?? CustomerWriter.Summary()
        let refusals = try writer?.write(rows, &summary) ?? []
        let after = writer?.decisions ?? CustomerWriter.Summary()
        if after.revoked.count > revoked {
            revoke(Array(after.revoked[revoked...]))
            revoked = after.revoked.count
        }
        let decisions = after.decisions.merging(before.decisions) { $0 - $1 }.filter { $0.value > 0 }
        return Array(JSONWriter.text(ImportAnswer(summary, refusals, decisions).json).utf8)
    }
}
