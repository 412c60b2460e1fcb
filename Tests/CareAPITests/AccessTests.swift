import CareThreads
import CareValues
import Foundation
import Testing

@testable import CareAPI

/// Tokens, users and sessions, on a clock set by hand.
@Suite struct AccessTests {
    final class World {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("care-access-\(UUID().uuidString)")
        let time = Lock(APIWorld.start)
        var path: String { folder.appendingPathComponent("care.sqlite").path }

        init() throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(at: folder) }

        func access() -> Access {
            let time = time
            return Access(storePath: path, now: { time.withLock { $0 } }, passwordCost: 4)
        }
        func pass(_ milliseconds: Int64) {
            time.withLock { $0 = $0.advanced(byMilliseconds: milliseconds) }
        }
    }

    @Test func `a token is known by its text alone, and kept only as a hash`() throws {
        let world = try World()
        let access = world.access()
        let token = try access.makeToken("shop", scopes: [.ingest])
        #expect(token.hasPrefix("care_"))
        #expect(token.utf8.count == 48)
        #expect(try access.identity(ofToken: token)?.name == "shop")
        #expect(try access.identity(ofToken: token + "x") == nil)
        #expect(try access.identity(ofToken: "care_") == nil)
        #expect(try access.identity(ofToken: "") == nil)
        let file = try String(contentsOfFile: world.path + ".access", encoding: .utf8)
        #expect(!file.contains(token.dropFirst(5)))
        let mode = try FileManager.default.attributesOfItem(atPath: world.path + ".access")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `a session's use is noted beside the request, and counts before it is written`() throws {
        let world = try World()
        let access = world.access()
        try access.makeUser("lin", password: "long enough", scopes: [.read])
        let session = try access.signIn("lin", password: "long enough", from: "::1").sessionID
        let file = { try String(contentsOfFile: world.path + ".access", encoding: .utf8) }
        let before = try file()
        // Used every hour for longer than a session may rest, while the file cannot be written at all.
        for _ in 0..<10 {
            world.pass(3_600_000)
            #expect(try access.identity(ofSession: session)?.name == "lin")
        }
        #expect(try file() == before, "no request waits for the file")
        let seen = access.takeSessionsSeen()
        #expect(seen.count == 1)
        #expect(access.takeSessionsSeen().isEmpty, "handed out once")
        try access.note(sessionsSeen: seen)
        #expect(try file() != before)
        #expect(try world.access().identity(ofSession: session)?.name == "lin", "after a restart too")
        world.pass(59_999)
        _ = try access.identity(ofSession: session)
        #expect(access.takeSessionsSeen().isEmpty, "once a minute")
        world.pass(1)
        _ = try access.identity(ofSession: session)
        #expect(access.takeSessionsSeen().count == 1)
        world.pass(Access.sessionIdleMilliseconds)
        #expect(try access.identity(ofSession: session) == nil)
    }

    @Test(
        arguments: [
            #"{"tokens":[{"name":"new","scopes":["read","invent"],"digest":"d","madeAt":"2026-01-01T00:00:00Z"}],"users":[],"sessions":[]}"#,
            #"{"tokens":[{"name":"new","scopes":["read"],"madeAt":"2026-01-01T00:00:00Z"}],"users":[],"sessions":[]}"#,
            #"{"tokens":[],"users":[7],"sessions":[]}"#,
            #"{"tokens":[],"users":[],"sessions":[{"digest":"d","user":"u","madeAt":"yesterday","seenAt":"2026-01-01T00:00:00Z"}]}"#,
            #"{"tokens":[],"users":[]}"#, "{",
        ])
    func `a record that cannot be read is never lost with the next change`(text: String) throws {
        let world = try World()
        try text.write(toFile: world.path + ".access", atomically: true, encoding: .utf8)
        let access = world.access()
        #expect(throws: AccessError.self) { try access.tokens() }
        #expect(throws: AccessError.self) { _ = try access.makeToken("shop", scopes: [.read]) }
        #expect(try String(contentsOfFile: world.path + ".access", encoding: .utf8) == text)
    }

    @Test func `a line that a full disk has cut short does not swallow the next`() throws {
        let world = try World()
        let time = world.time
        let log = AuditLog(storePath: world.path, now: { time.withLock { $0 } })
        try log.noteCommand("tokens.make", "a")
        let whole = try Data(contentsOf: URL(filePath: log.path))
        try (whole + whole.prefix(20)).write(to: URL(filePath: log.path))
        try log.noteCommand("tokens.make", "b")
        try log.noteCommand("tokens.make", "c")
        #expect(try log.entries(limit: 9).map(\.object) == ["c", "b", "a"])
        #expect(
            try String(contentsOfFile: log.path, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false
            ).count == 5)
    }

    @Test func `another process's tokens and revocations are seen at the next question`() throws {
        let world = try World()
        let (service, command) = (world.access(), world.access())
        #expect(try service.tokens().isEmpty)
        let token = try command.makeToken("shop", scopes: [.read])
        #expect(try service.identity(ofToken: token)?.may(.read) == true)
        try command.revokeToken("shop")
        #expect(try service.identity(ofToken: token) == nil)
        #expect(throws: AccessError.unknownName("shop")) { try command.revokeToken("shop") }
    }

    @Test(
        arguments: [
            (Scope.ingest, [Scope.ingest]), (.read, [.read]), (.operate, [.read, .operate]),
            (.admin, [.ingest, .read, .operate, .admin]),
        ])
    func `a scope holds what it says and no more`(scope: Scope, holds: [Scope]) {
        let identity = Identity(kind: .token, name: "t", scopes: [scope])
        for other in Scope.allCases { #expect(identity.may(other) == holds.contains(other), "\(scope) \(other)") }
    }

    @Test func `the setup link makes the first user, once`() throws {
        let world = try World()
        let access = world.access()
        let first = try #require(try access.makeSetupKey())
        let key = try #require(try access.makeSetupKey())
        #expect(try !access.isSetupKey(first), "a new link takes the place of the last")
        #expect(try access.isSetupKey(key))
        #expect(throws: AccessError.badSetupLink) { try access.setUp(key: first, name: "a", password: "long enough") }
        #expect(throws: AccessError.badPassword) { try access.setUp(key: key, name: "a", password: "too short") }
        let signedIn = try access.setUp(key: key, name: "ana", password: "long enough")
        #expect(signedIn.identity.may(.admin))
        #expect(throws: AccessError.badSetupLink) { try access.setUp(key: key, name: "b", password: "long enough") }
        #expect(try access.makeSetupKey() == nil)
        #expect(try access.identity(ofSession: signedIn.sessionID)?.name == "ana")
    }

    @Test func `a session ends by signing out, by rest, by age, and when its user goes`() throws {
        let world = try World()
        let access = world.access()
        try access.makeUser("ana", password: "long enough", scopes: [.read])
        func session() throws -> String {
            try access.signIn("ana", password: "long enough", from: "10.0.0.1").sessionID
        }
        let out = try session()
        try access.signOut(out)
        #expect(try access.identity(ofSession: out) == nil)

        let resting = try session()
        world.pass(Access.sessionIdleMilliseconds - 1)
        #expect(try access.identity(ofSession: resting) != nil)
        world.pass(Access.sessionIdleMilliseconds)
        #expect(try access.identity(ofSession: resting) == nil)

        let old = try session()
        for _ in 0..<(Access.sessionLongestMilliseconds / (4 * 3_600_000) - 1) {
            world.pass(4 * 3_600_000)
            #expect(try access.identity(ofSession: old) != nil)
        }
        world.pass(4 * 3_600_000)
        #expect(try access.identity(ofSession: old) == nil)

        let gone = try session()
        try access.removeUser("ana")
        #expect(try access.identity(ofSession: gone) == nil)
    }

    @Test func `signing in begins a new session and ends the one sent along`() throws {
        let world = try World()
        let access = world.access()
        try access.makeUser("ana", password: "long enough", scopes: [.read])
        let planted = try access.signIn("ana", password: "long enough", from: "10.0.0.1")
        let second = try access.signIn(
            "ana", password: "long enough", from: "10.0.0.1", endingSession: planted.sessionID)
        #expect(second.sessionID != planted.sessionID)
        #expect(second.identity.csrfToken != planted.identity.csrfToken)
        #expect(try access.identity(ofSession: planted.sessionID) == nil)
        #expect(try access.identity(ofSession: second.sessionID)?.csrfToken == second.identity.csrfToken)
    }

    @Test func `guessing is slowed down by name and by address`() throws {
        let world = try World()
        let access = world.access()
        try access.makeUser("ana", password: "long enough", scopes: [.read])
        for _ in 0..<Throttle.free {
            #expect(throws: AccessError.wrongCredentials) {
                try access.signIn("ana", password: "wrong", from: "10.0.0.1")
            }
        }
        #expect(throws: AccessError.throttled(retryAfterSeconds: 1)) {
            try access.signIn("ana", password: "long enough", from: "10.0.0.2")
        }
        #expect(throws: AccessError.throttled(retryAfterSeconds: 1)) {
            try access.signIn("bob", password: "wrong", from: "10.0.0.1")
        }
        #expect(throws: AccessError.wrongCredentials) { try access.signIn("bob", password: "wrong", from: "10.0.0.3") }
    }

    @Test func `strangers cannot keep a user out who has come in from a place before`() throws {
        let world = try World()
        let access = world.access()
        try access.makeUser("ana", password: "long enough", scopes: [.read])
        _ = try access.signIn("ana", password: "long enough", from: "2001:db8:1:2::5")
        for number in 0..<Throttle.free {
            #expect(throws: AccessError.wrongCredentials) {
                try access.signIn("ana", password: "wrong", from: "10.0.0.\(number)")
            }
        }
        #expect(throws: AccessError.throttled(retryAfterSeconds: 1)) {
            try access.signIn("ana", password: "long enough", from: "10.0.1.1")
        }
        // Another address of the same network is the same place.
        _ = try access.signIn("ana", password: "long enough", from: "2001:db8:1:2:ffff::1")
        for _ in 0..<Throttle.free {
            #expect(throws: AccessError.wrongCredentials) {
                try access.signIn("ana", password: "wrong", from: "2001:db8:1:2::6")
            }
        }
        #expect(throws: AccessError.throttled(retryAfterSeconds: 1)) {
            try access.signIn("ana", password: "long enough", from: "2001:db8:1:2::5")
        }
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8::1", "2001:db8::/64"),
        ("::1", "::/64"), ("unknown", "unknown"),
    ])
    func `an address counts with its network`(address: String, network: String) {
        #expect(Throttle.network(of: address) == network)
    }

    @Test func `each wrong one more doubles the wait, up to a quarter of an hour`() {
        var throttle = Throttle()
        for _ in 0..<(Throttle.free - 1) { throttle.fail(["k"], now: 0) }
        #expect(throttle.wait(["k"], now: 0) == 0)
        throttle.fail(["k"], now: 0)
        #expect(throttle.wait(["k"], now: 0) == 1_000)
        #expect(throttle.wait(["k"], now: 999) == 1)
        #expect(throttle.wait(["k"], now: 1_000) == 0)
        throttle.fail(["k"], now: 1_000)
        #expect(throttle.wait(["k"], now: 1_000) == 2_000)
        for _ in 0..<40 { throttle.fail(["k"], now: 1_000) }
        #expect(throttle.wait(["k"], now: 1_000) == Throttle.longest)
        for number in 0..<(Throttle.most * 2) { throttle.fail(["n\(number)"], now: 2_000) }
        #expect(throttle.wait(["n\(Throttle.most * 2 - 1)"], now: 2_000) == 0)
    }

    @Test func `a name stays blocked however many others are tried`() {
        var throttle = Throttle()
        for number in 0..<(Throttle.most * 2) {
            if number % 100 == 0 { throttle.fail(["k"], now: Int64(number)) }
            throttle.fail(["n\(number)"], now: Int64(number))
        }
        #expect(throttle.wait(["k"], now: Int64(Throttle.most * 2)) > 0)
    }

    @Test func `a password's hash is scrypt's, salted, and only the password matches it`() throws {
        let hash = try PasswordHash.make(of: "correct horse", cost: 4)
        #expect(hash.text.hasPrefix("scrypt$4$8$1$"))
        #expect(hash.matches("correct horse"))
        #expect(!hash.matches("correct horsf"))
        #expect(!hash.matches(""))
        #expect(try PasswordHash.make(of: "correct horse", cost: 4) != hash)
        for bad in ["", "scrypt", "scrypt$99$8$1$a$b", "scrypt$4$8$1$a$", "md5$4$8$1$a$b", "scrypt$-1$8$1$a$b"] {
            #expect(!PasswordHash(text: bad).matches("correct horse"), "\(bad)")
        }
    }

    @Test func `a file that is not ours is refused, not overwritten`() throws {
        let world = try World()
        try "[]".write(toFile: world.path + ".access", atomically: true, encoding: .utf8)
        let access = world.access()
        #expect(throws: AccessError.self) { try access.tokens() }
        #expect(throws: AccessError.self) { try access.makeToken("shop", scopes: [.read]) }
        #expect(try String(contentsOfFile: world.path + ".access", encoding: .utf8) == "[]")
    }

    @Test func `the audit log keeps who, what and when, newest first`() throws {
        let world = try World()
        let time = world.time
        let log = AuditLog(storePath: world.path, now: { time.withLock { $0 } })
        #expect(try log.entries(limit: 10).isEmpty)
        let identity = Identity(kind: .session, name: "ana\n\"x", scopes: [.operate])
        for number in 0..<5 {
            try log.note("deliveries.redrive", "dlv_\(number)", by: identity, request: "req_1")
            world.pass(1_000)
        }
        let entries = try log.entries(limit: 2)
        #expect(entries.map(\.object) == ["dlv_4", "dlv_3"])
        #expect(entries[0].who == "ana\n\"x")
        #expect(entries[0].at == APIWorld.start.advanced(byMilliseconds: 4_000))
        #expect(try log.entries(limit: 100).count == 5)
    }
}
