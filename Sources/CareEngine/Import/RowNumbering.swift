import CareIntake
import CareValues

/// Counts equal rows of one file, so that each gets an id of its own and the same one every time.
struct RowNumbering {
    /// What became of a row without an id.
    enum Answer: Sendable, Hashable {
        /// Its id.
        case id(String)
        /// It is stored with other properties.
        case otherProperties
    }

    /// How often each row was met, by a hash of all its parts.
    private var met: [UInt64: UInt32] = [:]
    /// What ``met`` had for each row named since ``begin()``, in their order.
    private var before: [(key: UInt64, count: UInt32?)] = []

    /// Begins a transaction: what is named from here on can be taken back.
    mutating func begin() { before.removeAll(keepingCapacity: true) }

    /// Takes back what was named since ``begin()``: the transaction has failed, and the rows are to be named again.
    mutating func takeBack() {
        for one in before.reversed() { met[one.key] = one.count }
        before.removeAll()
    }

    /// Names the next row of the file with that identity.
    ///
    /// A row is a correction of a stored one when something is stored for the same customer, type and time that is
    /// not in this file so far: `stored` holds those ids.
    /// - Parameter upcoming: identities of rows that follow in the same transaction.
    mutating func name(
        _ identity: EventIdentity, stored: [String], upcoming: Set<EventIdentity>, allowsNew: Bool
    ) -> Answer {
        let key = XXH64.hash(utf8: identity.prefix + identity.properties)
        let number = met[key, default: 0] + 1
        let id = identity.id(number: Int(number))
        if !allowsNew, !stored.contains(id) {
            for other in stored {
                guard let properties = identity.propertiesPart(of: other), properties != identity.properties else {
                    continue
                }
                var corrected = identity
                corrected.properties = properties
                let isOfThisFile = met[XXH64.hash(utf8: corrected.prefix + properties)] != nil
                if !isOfThisFile, !upcoming.contains(corrected) { return .otherProperties }
            }
        }
        before.append((key, met[key]))
        met[key] = number
        return .id(id)
    }
}
