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

    /// The records of a file's text; nil: it is none of ours.
    init?(text: String) {
        guard case .object(let root)? = JSONValue(jsonText: text) else { return nil }
        func list(_ name: String) -> [JSONObject]? {
            guard case .array(let items)? = root[name] else { return nil }
            return items.compactMap { if case .object(let object) = $0 { object } else { nil } }
        }
        guard let tokens = list("tokens"), let users = list("users"), let sessions = list("sessions") else {
            return nil
        }
        self.tokens = tokens.compactMap { token in
            guard let name = token.text("name"), let digest = token.text("digest"), let madeAt = token.instant("madeAt")
            else { return nil }
            return TokenRecord(name: name, scopes: token.scopes, digest: digest, madeAt: madeAt)
        }
        self.users = users.compactMap { user in
            guard let name = user.text("name"), let password = user.text("password"),
                let madeAt = user.instant("madeAt")
            else { return nil }
            return UserRecord(
                name: name, scopes: user.scopes, password: PasswordHash(text: password), madeAt: madeAt)
        }
        self.sessions = sessions.compactMap { session in
            guard let digest = session.text("digest"), let user = session.text("user"),
                let madeAt = session.instant("madeAt"), let seenAt = session.instant("seenAt")
            else { return nil }
            return SessionRecord(digest: digest, user: user, madeAt: madeAt, seenAt: seenAt)
        }
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

    fileprivate var scopes: Set<Scope> {
        guard case .array(let items)? = self["scopes"] else { return [] }
        return Set(items.compactMap { if case .string(let text) = $0 { Scope(rawValue: text) } else { nil } })
    }
}
