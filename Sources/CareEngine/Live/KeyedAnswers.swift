import CareStore
import CareValues

/// The answers to requests that their callers named, kept as notes of the store for the day they came and the next.
enum KeyedAnswers {
    /// What was answered to `key`; nil: it is new.
    static func find(
        _ key: RequestKey, on day: CivilDate, in store: any StoreSnapshot
    ) throws -> Result<[[LiveAnswer]], any Error>? {
        for day in [day, CivilDate(dayNumber: day.dayNumber - 1)] {
            guard let text = try store.note(note(key, day)) else { continue }
            guard case .object(let object)? = JSONValue(jsonText: text), object["content"] == .string(key.content),
                case .array(let requests)? = object["answers"]
            else { return .failure(LiveRefusal.keyReused) }
            return .success(
                requests.map { request in
                    guard case .array(let answers) = request else { return [] }
                    return answers.map(LiveAnswer.init)
                })
        }
        return nil
    }

    /// Keeps what is answered to `key`.
    static func keep(
        _ answers: [[LiveAnswer]], of key: RequestKey, on day: CivilDate, in transaction: any StoreTransaction
    ) throws {
        let text = JSONWriter.text([
            "content": .string(key.content), "answers": .array(answers.map { .array($0.map(\.json)) }),
        ])
        try transaction.setNote(note(key, day), text)
        if try transaction.note(forgottenNote) != day.text { try forget(before: day, in: transaction) }
    }

    /// Takes away, once a day, what is older than a day.
    private static func forget(before day: CivilDate, in transaction: any StoreTransaction) throws {
        let oldest = prefix + CivilDate(dayNumber: day.dayNumber - 1).text
        // Days as they are written sort by time.
        for (name, _) in try transaction.notes(prefix: prefix) where name < oldest {
            try transaction.setNote(name, nil)
        }
        try transaction.setNote(forgottenNote, day.text)
    }

    private static let prefix = "answer:"
    /// On which day what is old was last taken away.
    private static let forgottenNote = "answers.forgotten"

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
        case .refused(let code, let reason): .array([.string(code), .string(reason)])
        }
    }

    fileprivate init(_ json: JSONValue) {
        switch json {
        case "stored": self = .stored
        case "duplicate": self = .duplicate
        case "erased": self = .erased
        case .array(let parts) where parts.count == 2 && parts[0] == "changed":
            if case .string(let tag) = parts[1] { self = .changed(tag: tag) } else { self = .changed(tag: nil) }
        case .array(let parts):
            guard parts.count == 2, case .string(let code) = parts[0], case .string(let reason) = parts[1] else {
                self = .refused(code: "unreadable", reason: "")
                return
            }
            self = .refused(code: code, reason: reason)
        default: self = .refused(code: "unreadable", reason: "")
        }
    }
}
