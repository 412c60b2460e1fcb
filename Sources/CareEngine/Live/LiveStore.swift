import CareStore
import CareThreads

/// The store of a running service, as other work writes to it: each transaction is handed to the service's thread and
/// carried out between its own. What was made for a store of its own, an import or the erasing of a customer, works with
/// this one unchanged.
///
/// Calls block. Never call ``write(_:)`` from the service's own thread, which would wait for itself. A transaction is
/// best short: nothing else is written meanwhile.
public struct LiveStore: CareStore {
    private let live: LiveEngine
    private let store: any CareStore

    /// The store that the service of `live` holds.
    public init(_ store: any CareStore, live: LiveEngine) {
        self.store = store
        self.live = live
    }

    /// As of any store. - Throws: ``LiveRefusal`` too, and then nothing was written.
    public func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        try live.carryOut { transaction, _ in try body(transaction) }
    }

    /// The same, with the rules that are in force while it runs: a reload may come between two of them.
    public func writeByRules<Result>(
        _ body: (any StoreTransaction, RulesInForce) throws -> Result
    ) throws -> Result {
        try live.carryOut(body)
    }

    /// As of any store, beside the service.
    public func read<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result {
        try store.read(body)
    }

    /// As of any store: it takes its turn with the service's transactions by itself.
    public func checkpoint() throws { try store.checkpoint() }

    /// As of any store: it takes its turn with the service's transactions by itself.
    public func scrub(patienceMilliseconds: Int) throws -> Bool {
        try store.scrub(patienceMilliseconds: patienceMilliseconds)
    }

    /// Nothing: the store is the service's.
    public func close() {}
}

/// A transaction that its caller's thread waits for.
final class AwaitedTransaction<Answer>: @unchecked Sendable {
    // Safety: `body` and the answer of `run` are the service's thread's until `outcome` is set, and the caller's
    // afterwards; the caller waits for that.
    private var body: ((any StoreTransaction, RulesInForce) throws -> Answer)?
    private let outcome = Monitor<Result<Answer, any Error>?>(nil)

    init(_ body: @escaping (any StoreTransaction, RulesInForce) throws -> Answer) {
        self.body = body
    }

    /// Runs it, on the service's thread; what ends the service.
    func run(_ store: any CareStore, _ rules: RulesInForce) -> (any Error)? {
        let result = perform(store, rules)
        outcome.update { $0 = result }
        guard case .failure(let error as StoreError) = result, error.endsTheService else { return nil }
        return error
    }

    /// The body is let go of before anybody is told: it is the caller's, who may return then.
    private func perform(_ store: any CareStore, _ rules: RulesInForce) -> Result<Answer, any Error> {
        let taken = body.take()
        guard let taken else { return .failure(LiveRefusal.notRunning) }
        return Result { try store.write { try taken($0, rules) } }
    }

    /// Answers without having run.
    func refuse(_ refusal: LiveRefusal) {
        body = nil
        outcome.update { $0 = .failure(refusal) }
    }

    /// Waits for what became of it.
    func answer() throws -> Answer {
        let result = outcome.wait(milliseconds: nil) { $0 }
        guard let result else { throw LiveRefusal.notRunning }
        return try result.get()
    }
}
