import CareAPI
import CareThreads
import CareValues
import Testing

@testable import care

@Suite struct UsersCommandTests {
    private static func access(_ world: World) -> Access {
        Access(storePath: world.folder + "/care.sqlite", now: { world.now })
    }

    @Test func `users are made, listed, given another password and taken away, and their sessions end`() async throws {
        let world = try World.shop()
        let access = Self.access(world)
        let none = await world.care("users list")
        #expect(none.code == 0 && none.output.hasPrefix("No users. Make one: care users add NAME --scope admin"))
        let added = await world.care("users add lin --scope operate", input: ["long enough", " words\nrest\n"])
        #expect(added.output == "lin can sign in (operate).\n" && added.code == 0, "\(added.error)")
        let session = try access.signIn("lin", password: "long enough words", from: "127.0.0.1")
        #expect(session.identity.may(.operate) && !session.identity.may(.admin))
        #expect(await world.care("users list").output == "lin  operate  since Mon 21 Sep 08:30\n")
        #expect(
            await world.care("users list --format json").output
                == #"[{"name":"lin","scopes":["operate"],"madeAt":"2026-09-21T00:30:00.000Z"}]"# + "\n")
        let changed = await world.care("users passwd lin", input: ["quite other words\r\n"])
        #expect(changed.output == "lin has another password; their sessions have ended.\n", "\(changed.error)")
        #expect(try access.identity(ofSession: session.sessionID) == nil)
        #expect(throws: AccessError.wrongCredentials) {
            try access.signIn("lin", password: "long enough words", from: "127.0.0.1")
        }
        let second = try access.signIn("lin", password: "quite other words", from: "127.0.0.1")
        let removed = await world.care("users remove lin")
        #expect(
            removed.output == """
                lin can sign in no more; their sessions have ended.
                Nobody can sign in now. Make a user: care users add NAME --scope admin

                """)
        #expect(try access.identity(ofSession: second.sessionID) == nil)
        let log = try AuditLog(storePath: world.folder + "/care.sqlite", now: { world.now }).entries(limit: 10)
        #expect(
            log.reversed().map { "\($0.by) \($0.action) \($0.object)" } == [
                "command users.add lin", "command users.passwd lin", "command users.remove lin",
            ])
        #expect(world.read("care.sqlite.audit.jsonl")?.contains("words") == false)
        #expect(world.read("care.sqlite.access")?.contains("words") == false)
    }

    @Test func `mistakes change nothing and say what is right`() async throws {
        let world = try World.shop()
        func error(_ line: String, input: [String] = ["long enough words\n"]) async -> String {
            let answer = await world.care(line, input: input)
            #expect(answer.code != 0, "\(line)")
            return answer.error
        }
        #expect(await error("users add lin").hasPrefix("error: say what they may: --scope read, operate, admin\n"))
        #expect(await error("users add lin --scope ingest").hasPrefix("error: no scope 'ingest' for people\n"))
        #expect(await error("users add lin --scope boss").hasPrefix("error: no scope 'boss' for people\n"))
        let short = await error("users add lin --scope read", input: ["ninechars\n"])
        #expect(short.contains("has at least 10 characters; nothing was changed"))
        for input in [[], ["\n"]] {
            #expect(await error("users add lin --scope read", input: input).contains("no password was given"))
        }
        #expect(await error("users add '' --scope read").contains("a name has 1 to 64 bytes"))
        let unknown = "error: there is no user 'lin'; nothing was changed\ncare users list\n"
        #expect(await error("users passwd lin") == unknown)
        #expect(await error("users remove lin") == unknown)
        #expect(try Self.access(world).users().isEmpty)
        #expect(await world.care("users add lin --scope read", input: ["ten chars!"]).code == 0)
        #expect(
            await error("users add lin --scope admin")
                == "error: there is a user 'lin' already; nothing was changed\ncare users passwd lin\n")
        #expect(await error("tokens revoke lin").hasPrefix("error: there is no token 'lin'; nothing was changed\n"))
    }

    @Test func `a person is asked twice, and two that differ change nothing`() async throws {
        let world = try World.shop()
        func add(_ typed: [String?]) async -> Int32 {
            let answers = LockedAnswers(typed)
            let console = Console(
                writeOutput: { _ in }, writeError: { _ in }, hasColour: false, showsProgress: false, environment: [:],
                workingDirectory: world.folder, now: { world.now }, readSecret: { _ in answers.next() })
            return await CommandLineRun.run(["users", "add", "lin", "--scope", "admin"], console: console)
        }
        #expect(await add(["long enough words", "long enough word"]) == 1)
        #expect(await add(["long enough words", nil]) == 1)
        #expect(await add([nil]) == 64)
        #expect(try Self.access(world).users().isEmpty)
        #expect(await add(["long enough words", "long enough words"]) == 0)
        #expect(try Self.access(world).users().map(\.name) == ["lin"])
    }
}

/// What somebody types, one after another.
private final class LockedAnswers: Sendable {
    private let left: Lock<ArraySlice<String?>>

    init(_ answers: [String?]) {
        left = Lock(answers[...])
    }

    func next() -> String? { left.withLock { $0.popFirst() ?? nil } }
}
