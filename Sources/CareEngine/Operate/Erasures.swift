import CareStore
import CareValues

/// That a customer was erased: remembered so that a late fact does not bring the customer back.
public struct Erasure: Sendable, Hashable {
    /// When, of the real clock.
    public var at: Timestamp
    /// How many lives the customer has had, this one included: 1 unless it was taken in again.
    public var generation: Int
    /// When it was taken in again, of the real clock; nil: it was not.
    public var readmittedAt: Timestamp?
}

/// Who was erased: of each id a hash with the store's own salt, the instants and the number of lives. The id itself is
/// not kept; who has the store can still ask whether a certain id is among them.
///
/// What a transaction asks is answered without a look at the store while nobody was ever erased.
public struct Erasures: Sendable {
    static let saltNote = "erasure.salt"
    static let prefix = "erased:"

    private let salt: String?

    /// As a store remembers them.
    public init(in store: any StoreSnapshot) throws {
        salt = try store.note(Self.saltNote)
    }

    /// What is remembered of a customer; nil: it was never erased.
    public func erasure(of id: String, in store: any StoreSnapshot) throws -> Erasure? {
        guard let salt else { return nil }
        return try store.note(Self.name(of: id, salt: salt)).flatMap(Self.erasure)
    }

    /// Whether facts about the customer are refused.
    public func isErased(_ id: String, in store: any StoreSnapshot) throws -> Bool {
        try erasure(of: id, in: store).map { $0.readmittedAt == nil } ?? false
    }

    /// Which of its lives the customer is in: 1 unless it was erased and taken in again.
    public func generation(of id: String, in store: any StoreSnapshot) throws -> Int {
        guard let erasure = try erasure(of: id, in: store) else { return 1 }
        return erasure.readmittedAt == nil ? erasure.generation : erasure.generation + 1
    }

    /// Which of its lives each customer is in, as the store has it now: for many customers, asked after the store is closed.
    public static func lives(in store: any StoreSnapshot) throws -> CustomerLives {
        guard let salt = try store.note(saltNote) else { return CustomerLives() }
        var lives = CustomerLives(salt: salt)
        for note in try store.notes(prefix: prefix) {
            guard let erasure = erasure(note.value), erasure.readmittedAt != nil else { continue }
            lives.byName[note.name] = erasure.generation + 1
        }
        return lives
    }

    // MARK: Writing

    /// Remembers that a customer is erased now; what it was before counts as one more life.
    static func note(_ id: String, at now: Timestamp, in transaction: any StoreTransaction) throws -> Erasure {
        let salt = try transaction.note(saltNote) ?? newSalt()
        try transaction.setNote(saltNote, salt)
        let name = name(of: id, salt: salt)
        var erasure = Erasure(at: now, generation: 1, readmittedAt: nil)
        if let before = try transaction.note(name).flatMap(Self.erasure) {
            erasure.generation = before.readmittedAt == nil ? before.generation : before.generation + 1
        }
        try transaction.setNote(name, text(of: erasure))
        return erasure
    }

    /// Lets facts about an erased customer in again; nil: it is not erased.
    static func readmit(_ id: String, at now: Timestamp, in transaction: any StoreTransaction) throws -> Erasure? {
        let known = try Erasures(in: transaction)
        guard let salt = known.salt, var erasure = try known.erasure(of: id, in: transaction),
            erasure.readmittedAt == nil
        else { return nil }
        erasure.readmittedAt = now
        try transaction.setNote(name(of: id, salt: salt), text(of: erasure))
        return erasure
    }

    // MARK: Lists of them

    /// The salt and all that is remembered, as lines that ``merge`` reads; empty: nobody was ever erased.
    public static func list(in store: any StoreSnapshot) throws -> String {
        guard let salt = try store.note(saltNote) else { return "" }
        return try store.notes(prefix: prefix).reduce("salt \(salt)\n") {
            $0 + "\($1.name.dropFirst(prefix.count)) \($1.value)\n"
        }
    }

    /// Takes over what another copy of the same store remembers, where that is newer, and erases who is still here.
    ///
    /// - Returns: how many customers were erased by it; nil: the list is of another store or not a list.
    public static func replay(_ list: String, in store: any CareStore) throws -> Int? {
        let lines = list.split(separator: "\n")
        guard let first = lines.first else { return 0 }
        guard first.hasPrefix("salt ") else { return nil }
        let salt = String(first.dropFirst(5))
        var listed: [String: Erasure] = [:]
        for line in lines.dropFirst() {
            guard let blank = line.firstIndex(of: " "), let erasure = erasure(String(line[line.index(after: blank)...]))
            else { return nil }
            listed[String(line[..<blank])] = erasure
        }
        return try store.write { transaction in
            guard try transaction.note(saltNote) ?? salt == salt else { return nil }
            try transaction.setNote(saltNote, salt)
            var gone: [String] = []
            try transaction.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { id, _, _, _ in
                guard let later = listed[hash(id, salt: salt)] else { return true }
                let known = try transaction.note(name(of: id, salt: salt)).flatMap(Self.erasure)
                if known?.at ?? .distantPast < later.at { gone.append(id) }
                return true
            }
            for (hash, later) in listed {
                let known = try transaction.note(prefix + hash).flatMap(Self.erasure)
                let isNewer = known.map {
                    ($0.at, $0.readmittedAt ?? .distantPast) < (later.at, later.readmittedAt ?? .distantPast)
                }
                if isNewer ?? true { try transaction.setNote(prefix + hash, text(of: later)) }
            }
            for id in gone { _ = try transaction.erase(customer: id) }
            return gone.count
        }
    }

    // MARK: Parts

    private static func hash(_ id: String, salt: String) -> String {
        let digits = Array("0123456789abcdef")
        return String(SHA256.hash(utf8: salt + id).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    fileprivate static func name(of id: String, salt: String) -> String { prefix + hash(id, salt: salt) }

    /// 32 hex digits of the system's randomness.
    private static func newSalt() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        return String((0..<32).map { _ in digits[Int(generator.next() & 15)] })
    }

    private static func text(of erasure: Erasure) -> String {
        "\(erasure.at.milliseconds) \(erasure.generation) \(erasure.readmittedAt.map { String($0.milliseconds) } ?? "-")"
    }

    private static func erasure(_ text: String) -> Erasure? {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let at = Int64(parts[0]), let generation = Int(parts[1]) else { return nil }
        return Erasure(
            at: Timestamp(milliseconds: at), generation: generation,
            readmittedAt: Int64(parts[2]).map { Timestamp(milliseconds: $0) })
    }
}

/// Which of its lives each customer is in: the keys of one are not those of another.
public struct CustomerLives: Sendable {
    fileprivate var salt = ""
    /// Of those who were erased and taken in again, by the name of their note.
    fileprivate var byName: [String: Int] = [:]

    /// Everybody's first.
    public init() {}

    fileprivate init(salt: String) { self.salt = salt }

    /// 1 unless the customer was erased and taken in again.
    public func generation(of id: String) -> Int {
        byName.isEmpty ? 1 : byName[Erasures.name(of: id, salt: salt)] ?? 1
    }
}
