import CareValues

/// An API token as it is kept: never the token itself.
public struct TokenRecord: Sendable, Hashable {
    /// What it is called; unique.
    public var name: String
    /// What it may.
    public var scopes: Set<Scope>
    /// The SHA-256 of the token, 64 hex digits.
    var digest: String
    /// When it was made.
    public var madeAt: Timestamp
}

/// A console user as it is kept.
public struct UserRecord: Sendable, Hashable {
    /// What they sign in as; unique.
    public var name: String
    /// What they may.
    public var scopes: Set<Scope>
    /// Their password's hash.
    var password: PasswordHash
    /// When they were made.
    public var madeAt: Timestamp
}

/// A console session as it is kept: never its id.
struct SessionRecord: Sendable, Hashable {
    /// The SHA-256 of the id, 64 hex digits.
    var digest: String
    var user: String
    var madeAt: Timestamp
    /// When it was last used, as of at most a minute ago.
    var seenAt: Timestamp
}

/// Everything that is kept about who may do what: one JSON object, in one file.
struct AccessRecords: Sendable, Hashable {
    var tokens: [TokenRecord] = []
    var users: [UserRecord] = []
    var sessions: [SessionRecord] = []

    init() {}

    /// The records of a file's text; nil: it is none of ours, or some of it cannot be read. Nothing is left out: what was
    /// would be lost with the next change.
    init?(text: String) {
        guard case .object(let root)? = JSONValue(storedText: text),
            let tokens = Self.list("tokens", of: root, Self.token), let users = Self.list("users", of: root, Self.user),
            let sessions = Self.list("sessions", of: root, Self.session)
        else { return nil }
        self.tokens = tokens
        self.users = users
        self.sessions = sessions
    }

    private static func list<Record>(
        _ name: String, of root: JSONObject, _ read: (JSONObject) -> Record?
    ) -> [Record]? {
        guard case .array(let items)? = root[name] else { return nil }
        let records = items.compactMap { item -> Record? in
            if case .object(let object) = item { read(object) } else { nil }
        }
        return records.count == items.count ? records : nil
    }

    private static func token(_ token: JSONObject) -> TokenRecord? {
        guard let name = token.text("name"), let digest = token.text("digest"), let madeAt = token.instant("madeAt"),
            let scopes = token.scopes
        else { return nil }
        return TokenRecord(name: name, scopes: scopes, digest: digest, madeAt: madeAt)
    }

    private static func user(_ user: JSONObject) -> UserRecord? {
        guard let name = user.text("name"), let password = user.text("password"), let madeAt = user.instant("madeAt"),
            let scopes = user.scopes
        else { return nil }
        return UserRecord(name: name, scopes: scopes, password: PasswordHash(text: password), madeAt: madeAt)
    }

    private static func session(_ session: JSONObject) -> SessionRecord? {
        guard let digest = session.text("digest"), let user = session.text("user"),
            let madeAt = session.instant("madeAt"), let seenAt = session.instant("seenAt")
        else { return nil }
        return SessionRecord(digest: digest, user: user, madeAt: madeAt, seenAt: seenAt)
    }

    /// The file's text.
    var text: String {
        func scopes(_ scopes: Set<Scope>) -> JSONValue {
            .array(Scope.allCases.filter(scopes.contains).map { .string($0.rawValue) })
        }
        let root = JSONObject(uniqueMembers: [
            (
                "tokens",
                .array(
                    tokens.map { token in
                        .object(
                            JSONObject(uniqueMembers: [
                                ("name", .string(token.name)), ("scopes", scopes(token.scopes)),
                                ("digest", .string(token.digest)), ("madeAt", .string(token.madeAt.iso8601)),
                            ]))
                    })
            ),
            (
                "users",
                .array(
                    users.map { user in
                        .object(
                            JSONObject(uniqueMembers: [
                                ("name", .string(user.name)), ("scopes", scopes(user.scopes)),
                                ("password", .string(user.password.text)), ("madeAt", .string(user.madeAt.iso8601)),
                            ]))
                    })
            ),
            (
                "sessions",
                .array(
                    sessions.map { session in
                        .object(
                            JSONObject(uniqueMembers: [
                                ("digest", .string(session.digest)), ("user", .string(session.user)),
                                ("madeAt", .string(session.madeAt.iso8601)),
                                ("seenAt", .string(session.seenAt.iso8601)),
                            ]))
                    })
            ),
        ])
        return JSONWriter.indentedText(.object(root)) + "\n"
    }
}

extension JSONObject {
    /// The text of a member, or nil.
    func text(_ name: String) -> String? {
        if case .string(let text)? = self[name] { text } else { nil }
    }

    /// The instant of a member in ISO 8601, or nil.
    func instant(_ name: String) -> Timestamp? {
        text(name).flatMap { Timestamp(iso8601: $0) }
    }

    /// The scopes of a record; nil: one of them is none that this program knows.
    fileprivate var scopes: Set<Scope>? {
        guard case .array(let items)? = self["scopes"] else { return nil }
        let scopes = items.compactMap { if case .string(let text) = $0 { Scope(rawValue: text) } else { nil } }
        return scopes.count == items.count ? Set(scopes) : nil
    }
}
