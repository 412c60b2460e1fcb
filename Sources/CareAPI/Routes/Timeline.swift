import CareEngine
import CareStore
import CareValues

/// What happened to a customer and what was decided, the last told first, a page at a time: a page costs what it shows,
/// and what comes meanwhile moves none.
enum Timeline {
    /// Where a page ends: behind the last fact and the last decision that were seen; nil: none was.
    struct Place {
        var fact: Int64?
        var decision: Int64?
    }

    /// One thing of it, and the place behind it.
    struct Item {
        enum Content {
            case fact(Fact)
            case decision(LedgerEntry)
        }
        var content: Content
        var place: Place
    }

    /// Up to `limit` of them that come after `place`.
    static func newestFirst(
        of id: String, before place: Place, limit: Int, in store: any StoreSnapshot
    ) throws -> [Item] {
        var facts = try store.recentFacts(of: id, before: place.fact, limit: limit)[...]
        var decisions = try store.recentLedger(of: id, before: place.decision, limit: limit)[...]
        var place = place
        var items: [Item] = []
        while items.count < limit {
            // A decision of the same instant was taken after the fact it rests on.
            if let decision = decisions.first, facts.first.map({ $0.fact.receivedAt <= decision.entry.now }) ?? true {
                decisions.removeFirst()
                place.decision = decision.place
                items.append(Item(content: .decision(decision.entry), place: place))
            } else if let fact = facts.popFirst() {
                place.fact = fact.place
                items.append(Item(content: .fact(fact.fact), place: place))
            } else {
                break
            }
        }
        return items
    }
}

extension Timeline.Place {
    /// The place that a cursor stands for. - Throws: a ``Problem`` when it is none.
    init(cursor: String) throws {
        let parts = try Cursor.text(cursor).split(separator: " ")
        guard parts.count == 2 else { throw Cursor.bad }
        func number(_ part: Substring) throws -> Int64? {
            if part == "-" { return nil }
            guard let number = Int64(part), number >= 0 else { throw Cursor.bad }
            return number
        }
        self.init(fact: try number(parts[0]), decision: try number(parts[1]))
    }

    /// As clients carry it.
    var cursor: String {
        Cursor.make([fact, decision].map { $0.map { String($0) } ?? "-" }.joined(separator: " "))
    }
}

extension Timeline.Item {
    /// As clients read it.
    ///
    /// - Parameter mask: hides what is personal; nil: it is shown.
    func json(_ mask: PersonalMask?) -> JSONValue {
        switch content {
        case .fact(.event(let event)):
            let properties = mask?.masked(event.properties) ?? event.properties
            return .object(
                JSONObject(uniqueMembers: [
                    ("kind", "event"), ("time", .string(event.time.iso8601)), ("type", .string(event.type)),
                    ("source", .string(event.source)), ("id", .string(event.id)),
                    ("receivedAt", .string(event.receivedAt.iso8601)), ("properties", .object(properties)),
                ]))
        case .fact(.attributes(let fact)):
            return .object(
                JSONObject(uniqueMembers: [
                    ("kind", "attributes"), ("time", .string(fact.time.iso8601)),
                    ("receivedAt", .string(fact.receivedAt.iso8601)),
                    ("attributes", .object(mask?.masked(fact.values) ?? fact.values)),
                ]))
        case .decision(let entry): return LedgerView.json(mask?.masked(entry) ?? entry, kind: true)
        }
    }
}
