import CareDecisions
import CareStore
import CareValues

/// What one request says about one customer, taken in: each item is held against what the ones before it have made of
/// the customer.
struct RequestTaking {
    private let request: LiveRequest
    private let now: Timestamp
    /// The answers so far; of what is not answered yet, that it could not be read.
    private(set) var answers: [LiveAnswer]

    /// Facts that are to be stored and decided on together, with their places and what is answered for one that is new.
    private var pending: [(place: Int, fact: Fact, tag: String?)] = []
    /// The attributes among ``pending`` that are so since the request.
    private var pendingNames: Set<String> = []
    /// The customer's attributes with all that is pending; nil: not asked for yet.
    private var current: CurrentAttributes?
    private var exists = false

    init(_ request: LiveRequest, at now: Timestamp) {
        self.request = request
        self.now = now
        answers = [LiveAnswer](repeating: .unreadable, count: request.items.count)
    }

    /// Stores the items and decides.
    ///
    /// - Throws: what cannot be read of the customer; what is answered by then is stored.
    mutating func run(_ writer: inout CustomerWriter, _ transaction: any StoreTransaction) throws {
        for (place, item) in request.items.enumerated() {
            switch item {
            case .fact(let fact):
                pending.append((place, fact, nil))
                if case .attributes(let attributes) = fact { current?.take(attributes, at: now) }
            case .change(let setting): try take(setting, at: place, &writer, transaction)
            }
        }
        try store(&writer)
    }

    private mutating func take(
        _ setting: AttributeSetting, at place: Int, _ writer: inout CustomerWriter, _ transaction: any StoreTransaction
    ) throws {
        try readCustomer(transaction)
        let tag = exists ? current?.tag : nil
        let isAsAsked = setting.ifMatch.map { exists && ($0 == "*" || $0 == tag) } ?? true
        guard isAsAsked, !(setting.createsOnly && exists) else {
            answers[place] = .changed(tag: tag)
            return
        }
        let values = exists ? current?.missing(from: setting) ?? setting.values : setting.values
        guard !exists || !values.isEmpty else {
            answers[place] = setting.wantsTag ? .set(tag: tag ?? "", isNew: false) : .duplicate
            return
        }
        let fact = AttributeFact(
            values: values, time: setting.time ?? now, receivedAt: now, hasOwnTime: setting.time != nil)
        if !fact.hasOwnTime {
            // Facts that are stored together are so since one instant: what is set twice is set one after the other.
            if values.members.contains(where: { pendingNames.contains($0.name) }) { try store(&writer) }
            pendingNames.formUnion(values.members.map(\.name))
        }
        exists = true
        if try !Fact.attributes(fact).isOlder(than: writer.foldedBefore()) { current?.take(fact, at: now) }
        pending.append((place, .attributes(fact), setting.wantsTag ? current?.tag : nil))
    }

    private mutating func readCustomer(_ transaction: any StoreTransaction) throws {
        guard current == nil else { return }
        exists = try transaction.customer(request.customer) != nil
        var read = CurrentAttributes(of: exists ? try transaction.facts(of: request.customer, receivedUntil: nil) : [])
        for case (_, .attributes(let fact), _) in pending { read.take(fact, at: now) }
        exists = exists || !pending.isEmpty
        current = read
    }

    /// Stores what is pending, and decides on it.
    private mutating func store(_ writer: inout CustomerWriter) throws {
        guard !pending.isEmpty else { return }
        let (erased, tooOld) = (writer.summary.factsErased, writer.summary.factsTooOld)
        let isNew = try writer.receive(
            pending.map(\.fact), customer: request.customer, at: now, advancesFirst: false)
        let isErased = writer.summary.factsErased > erased
        for (one, isNew) in zip(pending, isNew) {
            if isErased, !isNew {
                answers[one.place] = .erased
            } else if let tag = one.tag {
                answers[one.place] = .set(tag: tag, isNew: isNew)
            } else {
                answers[one.place] = isNew ? .stored : .duplicate
            }
        }
        if writer.summary.factsTooOld > tooOld {
            let horizon = try writer.foldedBefore()
            for one in pending where one.fact.isOlder(than: horizon) {
                answers[one.place] = .tooOld
            }
        }
        pending.removeAll(keepingCapacity: true)
        pendingNames.removeAll(keepingCapacity: true)
    }
}

extension Fact {
    /// Whether it is of a time before `instant`; attributes without a time of their own are of now.
    fileprivate func isOlder(than instant: Timestamp) -> Bool {
        if case .attributes(let attributes) = self, !attributes.hasOwnTime { return false }
        return time < instant
    }
}
