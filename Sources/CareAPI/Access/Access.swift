import CareThreads
import CareValues

/// Who may do what: API tokens, console users and their sessions.
///
/// Kept in a file beside the store, so that `care tokens` works beside a running service.
public final class Access: Sendable {
    /// What every token begins with.
    public static let tokenPrefix = "care_"
    /// A session that was not used for so long is over, in milliseconds.
    public static let sessionIdleMilliseconds: Int64 = 8 * 3_600_000
    /// A session is over so long after signing in, in milliseconds.
    public static let sessionLongestMilliseconds: Int64 = 7 * 86_400_000
    /// Sessions that one user may have; the oldest end beyond it.
    static let sessionsPerUser = 20
    /// The shortest password, in characters.
    public static let shortestPassword = 10
    /// The longest, in bytes.
    static let longestPassword = 1_024

    let file: AccessFile
    let now: @Sendable () -> Timestamp
    let passwordCost: Int
    let throttle = Lock(Throttle())
    let setupDigest = Lock<String?>(nil)
    /// When sessions were last used, by the digests of their ids, as far as that is newer than in the file.
    let sessionsSeen = Lock<[String: SessionSeen]>([:])
    /// A hash that no password has, to take as long for a name that does not exist.
    let nobody = Lock<PasswordHash?>(nil)

    /// The access rules of the store at `storePath`.
    ///
    /// - Parameter now: the real clock.
    public convenience init(storePath: String, now: @escaping @Sendable () -> Timestamp) {
        self.init(storePath: storePath, now: now, passwordCost: PasswordHash.cost)
    }

    /// As above; `passwordCost` is scrypt's exponent, so that tests need not wait.
    init(storePath: String, now: @escaping @Sendable () -> Timestamp, passwordCost: Int) {
        file = AccessFile(path: storePath + ".access")
        self.now = now
        self.passwordCost = passwordCost
    }

    // MARK: Tokens

    /// Every token, by name.
    public func tokens() throws -> [TokenRecord] {
        try file.records().tokens.sorted { $0.name < $1.name }
    }

    /// Makes a token.
    ///
    /// - Returns: the token, which is shown once and kept nowhere.
    /// - Throws: ``AccessError``.
    public func makeToken(_ name: String, scopes: Set<Scope>) throws -> String {
        try Self.check(name)
        let token = Self.tokenPrefix + Secrets.random(bytes: 32)
        try file.update { records in
            guard !records.tokens.contains(where: { $0.name == name }) else { throw AccessError.nameTaken(name) }
            records.tokens.append(
                TokenRecord(name: name, scopes: scopes, digest: Secrets.digest(token), madeAt: now()))
        }
        return token
    }

    /// Takes a token back: its next request is refused. - Throws: ``AccessError``.
    public func revokeToken(_ name: String) throws {
        try file.update { records in
            guard records.tokens.contains(where: { $0.name == name }) else { throw AccessError.unknownName(name) }
            records.tokens.removeAll { $0.name == name }
        }
    }

    /// Who a token is; nil: it is none, or was taken back. - Throws: ``AccessError/unusable``.
    public func identity(ofToken token: String) throws -> Identity? {
        guard token.hasPrefix(Self.tokenPrefix), token.utf8.count <= 128 else { return nil }
        let digest = Secrets.digest(token)
        guard let record = try file.token(digest: digest), Secrets.areEqual(record.digest, digest) else { return nil }
        return Identity(kind: .token, name: record.name, scopes: record.scopes)
    }

    static func check(_ name: String) throws {
        guard (1...64).contains(name.utf8.count),
            !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else { throw AccessError.badName }
    }
}
