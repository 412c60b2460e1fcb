import CareStore
import CareValues

/// Forgets customers everywhere, and lets them in again.
public struct Eraser: Sendable {
    /// What was forgotten.
    public struct Summary: Sendable {
        /// What is remembered.
        public var erasure: Erasure
        /// What the store held; nil: nothing.
        public var content: ErasedContent?
        /// Whether it was erased before: what may have been left outside the store then was looked through again.
        public var wasErased = false
        /// Lines of plans that were approved ahead.
        public var planLines = 0
        /// Rows in files of rejects that imports left.
        public var rejectedRows = 0
        /// Files that could not be looked through, by path: what the system said.
        public var unreadable: [FileReadError] = []
        /// Whether the store's log holds nothing of it any more; false: somebody still reads the store as it was.
        public var isLogEmpty = true
        /// Whether every attempt at its deliveries that was under way has ended.
        public var isSendingOver = true
    }

    /// Why nothing was done.
    public enum Refusal: Error, Sendable, Hashable {
        /// The store holds nothing of a customer of that id, and none was erased.
        case unknown
        /// It is not erased.
        case notErased
    }

    private let store: any CareStore
    private let approved: ApprovedPlans
    /// Takes deliveries back from a dispatcher that runs, waiting for attempts under way; whether none is any more.
    private let revoke: @Sendable ([DeliveryID]) -> Bool

    /// An eraser for `store` and the plans beside it.
    ///
    /// - Parameter revoke: gets the deliveries that were cancelled, before anything else is done.
    public init(
        store: any CareStore, approved: ApprovedPlans,
        revoke: @escaping @Sendable ([DeliveryID]) -> Bool = { _ in true }
    ) {
        self.store = store
        self.approved = approved
        self.revoke = revoke
    }

    /// Forgets a customer: once it returns no attempt at a delivery about the customer begins any more.
    ///
    /// What lies outside the store is done after the store's part is on disk. Where that failed, the same again does it;
    /// the log that is not empty yet is emptied by ``scrubAgain(_:)`` too.
    /// - Parameter now: of the real clock. - Throws: ``Refusal``; ``StoreError``.
    public func erase(_ id: String, at now: Timestamp) throws -> Summary {
        var summary = try store.write { transaction -> Summary in
            let content = try transaction.erase(customer: id)
            if content == nil {
                guard let known = try Erasures(in: transaction).erasure(of: id, in: transaction) else {
                    throw Refusal.unknown
                }
                if known.readmittedAt == nil {
                    try Self.wantScrub(in: transaction)
                    return Summary(erasure: known, content: nil, wasErased: true)
                }
            }
            try Self.wantScrub(in: transaction)
            return Summary(erasure: try Erasures.note(id, at: now, in: transaction), content: content)
        }
        if let cancelled = summary.content?.cancelled, !cancelled.isEmpty {
            summary.isSendingOver = revoke(cancelled)
        }
        do {
            summary.planLines = try approved.erase(customer: id)
        } catch let error as FileReadError {
            summary.unreadable.append(error)
        }
        for (name, _) in try store.read({ try $0.notes(prefix: RejectsFile.notePrefix) }) {
            let path = String(name.dropFirst(RejectsFile.notePrefix.count))
            do {
                guard let rows = try RejectsFile.erase(id, from: path) else {
                    try store.write { try $0.setNote(name, nil) }
                    continue
                }
                summary.rejectedRows += rows
            } catch let error as FileReadError {
                summary.unreadable.append(error)
            }
        }
        summary.isLogEmpty = try Self.scrub(store, patienceMilliseconds: Self.scrubPatience)
        return summary
    }

    // MARK: The log

    /// Says that the store's log is to be emptied: a value of its own each time.
    static let scrubNote = "erasure.scrub"
    /// How long whoever erases waits for readers of the store as it was, in milliseconds.
    private static let scrubPatience = 2_000

    private static func wantScrub(in transaction: any StoreTransaction) throws {
        try transaction.setNote(scrubNote, String(UInt64.random(in: 0 ... .max)))
    }

    /// Empties the store's log if an erasure has left that to do; waits for nobody.
    ///
    /// - Returns: whether nothing is left to do. - Throws: ``StoreError``.
    @discardableResult
    public static func scrubAgain(_ store: any CareStore) throws -> Bool {
        try scrub(store, patienceMilliseconds: 0)
    }

    private static func scrub(_ store: any CareStore, patienceMilliseconds: Int) throws -> Bool {
        guard let wanted = try store.read({ try $0.note(scrubNote) }) else { return true }
        guard try store.scrub(patienceMilliseconds: patienceMilliseconds) else { return false }
        try store.write { transaction in
            // Another erasure may have come meanwhile.
            if try transaction.note(scrubNote) == wanted { try transaction.setNote(scrubNote, nil) }
        }
        return true
    }

    /// Lets facts about an erased customer in again, as one who was never known.
    ///
    /// - Parameter now: of the real clock. - Throws: ``Refusal``; ``StoreError``.
    public func readmit(_ id: String, at now: Timestamp) throws -> Erasure {
        try store.write { transaction in
            guard let erasure = try Erasures.readmit(id, at: now, in: transaction) else { throw Refusal.notErased }
            return erasure
        }
    }
}
