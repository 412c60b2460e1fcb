import CareThreads
import CareValues

/// What signing in gives: the session's id, for the cookie, and who it is.
public struct SignedIn: Sendable, Hashable {
    /// The session's id: goes into the cookie, and is kept nowhere.
    public var sessionID: String
    /// Who signed in.
    public var identity: Identity
}

extension Access {
    /// The console's users, by name.
    public func users() throws -> [UserRecord] {
        try file.records().users.sorted { $0.name < $1.name }
    }

    /// Whether there is a user: before that nobody can sign in, and the setup link is the only way.
    public var hasUsers: Bool {
        get throws { try !file.records().users.isEmpty }
    }

    /// Makes a console user. - Throws: ``AccessError``.
    public func makeUser(_ name: String, password: String, scopes: Set<Scope>) throws {
        try Self.check(name)
        let user = UserRecord(
            name: name, scopes: scopes, password: try hash(of: password), madeAt: now())
        try file.update { records in
            guard !records.users.contains(where: { $0.name == name }) else { throw AccessError.nameTaken(name) }
            records.users.append(user)
        }
    }

    /// Takes a console user away, and ends their sessions. - Throws: ``AccessError``.
    public func removeUser(_ name: String) throws {
        try file.update { records in
            guard records.users.contains(where: { $0.name == name }) else { throw AccessError.unknownName(name) }
            records.users.removeAll { $0.name == name }
            records.sessions.removeAll { $0.user == name }
        }
    }

    /// Gives a user another password, and ends their sessions. - Throws: ``AccessError``.
    public func setPassword(_ password: String, of name: String) throws {
        let hash = try hash(of: password)
        try file.update { records in
            guard let place = records.users.firstIndex(where: { $0.name == name }) else {
                throw AccessError.unknownName(name)
            }
            records.users[place].password = hash
            records.sessions.removeAll { $0.user == name }
        }
    }

    // MARK: The first user

    /// Makes the one-time key of the setup link; nil: there is a user already. A new one takes the place of the last.
    public func makeSetupKey() throws -> String? {
        guard try !hasUsers else { return nil }
        let key = Secrets.random(bytes: 32)
        setupDigest.withLock { $0 = Secrets.digest(key) }
        return key
    }

    /// Whether `key` is that of the setup link, and the link is still good.
    public func isSetupKey(_ key: String) throws -> Bool {
        guard try !hasUsers, let digest = setupDigest.withLock({ $0 }) else { return false }
        return Secrets.areEqual(digest, Secrets.digest(key))
    }

    /// Makes the first user, an admin, and signs them in; the link is used up.
    ///
    /// - Throws: ``AccessError/badSetupLink`` when the key is not the link's or there is a user by now; ``AccessError``.
    public func setUp(key: String, name: String, password: String) throws -> SignedIn {
        guard try isSetupKey(key) else { throw AccessError.badSetupLink }
        try Self.check(name)
        let user = UserRecord(name: name, scopes: [.admin], password: try hash(of: password), madeAt: now())
        try file.update { records in
            guard records.users.isEmpty else { throw AccessError.badSetupLink }
            records.users.append(user)
        }
        setupDigest.withLock { $0 = nil }
        return try begin(user, endingSession: nil)
    }

    // MARK: Sessions

    /// Signs a user in, with a new session: one that the browser had before ends (no fixation).
    ///
    /// Blocks for about a tenth of a second.
    /// - Parameters:
    ///   - address: where the request comes from, for the throttling.
    ///   - endingSession: the session id that the browser sent along, or nil.
    /// - Throws: ``AccessError/wrongCredentials``, ``AccessError/throttled``, ``AccessError/unusable``.
    public func signIn(
        _ name: String, password: String, from address: String, endingSession: String? = nil
    ) throws -> SignedIn {
        let (keys, wait) = throttle.withLock { throttle in
            let keys = throttle.keys(name: name, address: address)
            return (keys, throttle.wait(keys, now: monotonicMilliseconds()))
        }
        guard wait == 0 else { throw AccessError.throttled(retryAfterSeconds: Int((wait + 999) / 1000)) }
        let user = try file.records().users.first { $0.name == name }
        let hash = try user?.password ?? hashOfNobody()
        let isRight = password.utf8.count <= Self.longestPassword && hash.matches(password)
        guard let user, isRight else {
            throttle.withLock { $0.fail(keys, now: monotonicMilliseconds()) }
            throw AccessError.wrongCredentials
        }
        throttle.withLock { $0.succeed(name: name, address: address) }
        return try begin(user, endingSession: endingSession)
    }

    /// Ends a session; one that is over already is no mistake.
    public func signOut(_ sessionID: String) throws {
        let digest = Secrets.digest(sessionID)
        try file.update { records in records.sessions.removeAll { $0.digest == digest } }
    }

    /// Who a session is; nil: it is none, or over.
    public func identity(ofSession sessionID: String) throws -> Identity? {
        guard !sessionID.isEmpty, sessionID.utf8.count <= 128 else { return nil }
        let records = try file.records()
        let digest = Secrets.digest(sessionID)
        let now = now()
        guard var session = records.sessions.first(where: { Secrets.areEqual($0.digest, digest) }),
            let user = records.users.first(where: { $0.name == session.user })
        else { return nil }
        if let seen = sessionsSeen.withLock({ $0[session.digest] }) { session.seenAt = max(session.seenAt, seen.at) }
        guard session.isGood(at: now) else { return nil }
        if now.milliseconds(since: session.seenAt) >= 60_000 {
            // Kept here until it is written, which may wait for whoever holds the file.
            sessionsSeen.withLock { $0[session.digest] = SessionSeen(at: now) }
        }
        return identity(of: user, sessionID)
    }

    /// Sessions whose last use is to be written, each handed out once.
    func takeSessionsSeen() -> [String: Timestamp] {
        sessionsSeen.withLock { seen in
            let taken = seen.filter { !$0.value.isTaken }.mapValues(\.at)
            for digest in taken.keys { seen[digest]?.isTaken = true }
            return taken
        }
    }

    /// Writes when sessions were last used, and takes those away that are over. Blocks.
    ///
    /// - Throws: ``AccessError/unusable``; they are handed out again then.
    func note(sessionsSeen taken: [String: Timestamp]) throws {
        let now = now()
        do {
            let left = try file.update { records in
                for place in records.sessions.indices {
                    guard let at = taken[records.sessions[place].digest] else { continue }
                    records.sessions[place].seenAt = max(records.sessions[place].seenAt, at)
                }
                records.sessions.removeAll { !$0.isGood(at: now) }
                return Set(records.sessions.map(\.digest))
            }
            sessionsSeen.withLock { seen in seen = seen.filter { left.contains($0.key) } }
        } catch {
            sessionsSeen.withLock { seen in
                for digest in taken.keys { seen[digest]?.isTaken = false }
            }
            throw error
        }
    }

    private func begin(_ user: UserRecord, endingSession: String?) throws -> SignedIn {
        let id = Secrets.random(bytes: 32)
        let now = now()
        try file.update { records in
            if let endingSession {
                let digest = Secrets.digest(endingSession)
                records.sessions.removeAll { $0.digest == digest }
            }
            records.sessions.removeAll { !$0.isGood(at: now) }
            records.sessions.append(
                SessionRecord(digest: Secrets.digest(id), user: user.name, madeAt: now, seenAt: now))
            let own = records.sessions.filter { $0.user == user.name }
            for session in own.dropLast(Self.sessionsPerUser) {
                records.sessions.removeAll { $0.digest == session.digest }
            }
        }
        return SignedIn(sessionID: id, identity: identity(of: user, id))
    }

    private func identity(of user: UserRecord, _ sessionID: String) -> Identity {
        // Reckoned from the id, which only the browser has: nothing more is kept.
        Identity(
            kind: .session, name: user.name, scopes: user.scopes, csrfToken: Secrets.digest("csrf:" + sessionID))
    }

    private func hash(of password: String) throws -> PasswordHash {
        guard password.count >= Self.shortestPassword, password.utf8.count <= Self.longestPassword else {
            throw AccessError.badPassword
        }
        return try PasswordHash.make(of: password, cost: passwordCost)
    }

    private func hashOfNobody() throws -> PasswordHash {
        if let known = nobody.withLock({ $0 }) { return known }
        let hash = try PasswordHash.make(of: Secrets.random(bytes: 32), cost: passwordCost)
        nobody.withLock { $0 = hash }
        return hash
    }
}

/// When a session was last used.
struct SessionSeen: Sendable {
    var at: Timestamp
    /// Whether it was handed out to be written.
    var isTaken = false
}

extension SessionRecord {
    /// Whether it is not over.
    fileprivate func isGood(at now: Timestamp) -> Bool {
        now.milliseconds(since: seenAt) < Access.sessionIdleMilliseconds
            && now.milliseconds(since: madeAt) < Access.sessionLongestMilliseconds
    }
}
