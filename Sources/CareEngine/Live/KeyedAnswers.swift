import CareStore
import CareValues

/// The answers to requests that their callers named, kept as notes of the store for the day they came and the next: item
/// by item as they were given, refusals too.
enum KeyedAnswers {
    /// How many a turn takes away of what is older.
    static let forgottenAtOnce = 500

    /// What was answered to `key`; nil: it is new.
    static func find(
        _ key: RequestKey, on day: CivilDate, in store: any StoreSnapshot
    ) throws -> Result<[LiveAnswer], any Error>? {
        for day in [day, CivilDate(dayNumber: day.dayNumber - 1)] {
            guard let text = try store.note(note(key, day)) else { continue }
            guard case .object(let object)? = JSONValue(storedText: text), object["content"] == .string(key.content),
                case .array(let items)? = object["items"]
            else { return .failure(LiveRefusal.keyReused) }
            return .success(items.map(LiveAnswer.init))
        }
        return nil
    }

    /// Keeps what is answered to `key`.
    static func keep(
        _ answers: [LiveAnswer], of key: RequestKey, on day: CivilDate, in transaction: any StoreTransaction
    ) throws {
        let text = JSONWriter.text(["content": .string(key.content), "items": .array(answers.map(\.json))])
        try transaction.setNote(note(key, day), text)
    }

    /// Takes away up to ``forgottenAtOnce`` of what is older than the day before `day`; whether there may be more.
    static func forget(before day: CivilDate, in transaction: any StoreTransaction) throws -> Bool {
        // Days as they are written sort by time.
        let oldest = prefix + CivilDate(dayNumber: day.dayNumber - 1).text
        return try transaction.removeNotes(from: prefix, until: oldest, limit: forgottenAtOnce) == forgottenAtOnce
    }

    private static let prefix = "answer:"

    private static func note(_ key: RequestKey, _ day: CivilDate) -> String { "\(prefix)\(day.text):\(key.name)" }
}

extension LiveAnswer {
    /// As it is kept.
    fileprivate var json: JSONValue {
        switch self {
        case .stored: "stored"
        case .duplicate: "duplicate"
        case .erased: "erased"
        case .changed(let tag): .array(["changed", tag.map(JSONValue.string) ?? .null])
        case .set(let tag, let isNew): .array(["set", .string(tag), .bool(isNew)])
        case .refused(let code, let reason): .array([.string(code), .string(reason)])
        case .unreadable: "unreadable"
        }
    }

    fileprivate init(_ json: JSONValue) {
        switch json {
        case "stored": self = .stored
        case "duplicate": self = .duplicate
        case "erased": self = .erased
        case .array(let parts) where parts.count == 2 && parts[0] == "changed":
            if case .string(let tag) = parts[1] { self = .changed(tag: tag) } else { self = .changed(tag: nil) }
        case .array(let parts) where parts.count == 3 && parts[0] == "set":
            guard case .string(let tag) = parts[1] else {
                self = .unreadable
                return
            }
            self = .set(tag: tag, isNew: parts[2] == .bool(true))
        case .array(let parts):
            guard parts.count == 2, case .string(let code) = parts[0], case .string(let reason) = parts[1] else {
                self = .unreadable
                return
            }
            self = .refused(code: code, reason: reason)
        default: self = .unreadable
        }
    }
}
