import CareStore
import CareValues
import Testing

/// The one suite that every store must pass.
///
/// `make` gives a new empty store each time it is called, open for writing.
public func exercise(_ make: () throws -> any CareStore) throws {
    try exerciseTransactions(make)
    try exerciseCustomers(make)
    try exerciseScans(make)
    try exerciseWakeUps(make)
    try exerciseEpochs(make)
    try exerciseTicks(make)
    try exerciseFacts(make)
    try exerciseLedger(make)
    try exerciseOutbox(make)
    try exerciseAttempts(make)
    try exerciseDestinations(make)
    try exerciseDeliveryLists(make)
    try exerciseLines(make)
    try exerciseDeliveryQuestions(make)
    try exercisePendingDeliveries(make)
    try exerciseDeliveryFilters(make)
    try exerciseSmallThings(make)
    try exerciseCutPoints(make)
    try exerciseErasing(make)
    try exerciseLookingBack(make)
    try exercisePruning(make)
    for seed in UInt64(1)...10 { try exerciseAgainstModel(make, seed: seed) }
}

/// Runs `body` on a new store and closes it.
func with(_ make: () throws -> any CareStore, _ body: (any CareStore) throws -> Void) throws {
    let store = try make()
    try body(store)
    try store.close()
}

/// Expects `body` to throw a `StoreError` of `code`, or nothing at all for nil.
func expect(
    _ code: StoreError.Code?, sourceLocation: SourceLocation = #_sourceLocation, from body: () throws -> Void
) {
    var thrown: (any Error)?
    do { try body() } catch { thrown = error }
    #expect((thrown as? StoreError)?.code == code, sourceLocation: sourceLocation)
    if code == nil { #expect(thrown == nil, sourceLocation: sourceLocation) }
}

/// The instant `milliseconds` after 2026-01-01T00:00:00Z.
func at(_ milliseconds: Int64) -> Timestamp {
    Timestamp(milliseconds: 1_767_225_600_000 + milliseconds)
}

/// An event of the id `id`.
func event(
    _ id: String, source: String = "shop", type: String = "purchase", time: Timestamp = at(0),
    receivedAt: Timestamp? = nil, properties: JSONObject = [:]
) -> Fact {
    .event(
        Event(
            type: type, source: source, id: id, time: time, receivedAt: receivedAt ?? time, properties: properties))
}

/// Attributes set at `time`.
func attributes(_ values: JSONObject, time: Timestamp = at(0), hasOwnTime: Bool = true) -> Fact {
    .attributes(AttributeFact(values: values, time: time, receivedAt: time, hasOwnTime: hasOwnTime))
}

/// A decision of the key `key`.
func decision(
    _ key: UInt64, number: Int = 0, customer: String = "ada", campaign: String = "thanks", outcome: String = "act",
    reason: String = "", now: Timestamp = at(0)
) -> LedgerEntry {
    LedgerEntry(
        key: DeliveryID(high: key, low: ~key), number: number, customer: customer, campaign: campaign,
        occurrence: #"["shop","e\#(key)"]"#, step: "1", action: "mail", outcome: outcome, reason: reason, now: now,
        due: now.advanced(byMilliseconds: -1), epoch: 1, inputs: #"{"tier":"gold"}"#)
}

/// A delivery of the key `key`.
func delivery(
    _ key: UInt64, customer: String = "ada", destination: String = "crm", expiresAt: Timestamp? = nil
) -> NewDelivery {
    NewDelivery(
        id: DeliveryID(high: key, low: ~key), customer: customer, campaign: "thanks", key: #"["thanks","ada"]"#,
        destination: destination, address: "", type: "care.thanks", data: #"{"text":"谢谢"}"#, decidedAt: at(0),
        expiresAt: expiresAt, language: "zh-CN")
}

extension StoreTransaction {
    /// Creates a customer whose row is `row`.
    func create(_ id: String, wakeUp: Timestamp? = nil, epoch: Int64 = 1, row: [UInt8] = [1]) throws {
        try save(id: id, wakeUp: wakeUp, epoch: epoch, row: row, expectedVersion: 0)
    }
}
