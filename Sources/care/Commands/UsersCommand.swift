import ArgumentParser
import CareAPI
import CareValues

/// `care users list|add|passwd|remove`
struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "Who can sign in to the console of care serve.",
        discussion: """
            Examples:
              care users add lin --scope operate
              care users list
              care users passwd lin
              care users remove lin

            A running service follows at once. A password is asked for, twice, or read as one line of standard input where
            that is no terminal; it has at least 10 characters. Scopes: read looks at everything; operate changes what is
            delivered too; admin does everything.
            """,
        subcommands: [UsersListCommand.self, UsersAddCommand.self, UsersPasswdCommand.self, UsersRemoveCommand.self])
}

/// `care users list`
struct UsersListCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every user: the name, the scopes, since when.",
        discussion: """
            Examples:
              care users list
              care users list --format json
            """)

    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let users: [UserRecord]
        do {
            users = try workspace.access.access.users()
        } catch let error as AccessError {
            throw CommandFailure(error, of: .user)
        }
        func scopes(_ user: UserRecord) -> [String] { Scope.allCases.filter(user.scopes.contains).map(\.rawValue) }
        switch format {
        case .json:
            console.json(
                .array(
                    users.map { user in
                        [
                            "name": .string(user.name), "scopes": .array(scopes(user).map { .string($0) }),
                            "madeAt": .string(user.madeAt.iso8601),
                        ]
                    }))
        case .text:
            if users.isEmpty {
                console.line("No users. Make one: care users add NAME --scope admin, or open the link of care serve.")
            }
            let time = TimeText(zone: workspace.environment.timeZone)
            let width = users.map { $0.name.count }.max() ?? 0
            for user in users {
                let name = user.name + String(repeating: " ", count: width - user.name.count)
                console.line("\(name)  \(scopes(user).joined(separator: ", "))  since \(time.short(user.madeAt))")
            }
        }
        return ExitCode.fine
    }
}

/// `care users add NAME --scope SCOPE`
struct UsersAddCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Let somebody sign in.",
        discussion: """
            Examples:
              care users add lin --scope operate
              pass show care/lin | care users add lin --scope operate
            """)

    /// The scopes that pages ask for; `ingest` is for programs.
    private static let scopes: [Scope] = [.read, .operate, .admin]

    @Argument(help: "What they sign in as.") var name: String
    @Option(help: "read, operate or admin.") var scope: String?
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    func execute(_ console: Console) async throws -> Int32 {
        let names = Self.scopes.map(\.rawValue).joined(separator: ", ")
        guard let text = scope else {
            throw CommandFailure.usage(
                "say what they may: --scope \(names)", help: "It should be no more than needed.")
        }
        guard let scope = Scope(rawValue: text), Self.scopes.contains(scope) else {
            throw CommandFailure.usage("no scope '\(text)' for people", help: "There are: \(names)")
        }
        let (access, audit) = try Workspace.open(config: config, console: console).access
        do {
            guard try !access.users().contains(where: { $0.name == name }) else { throw AccessError.nameTaken(name) }
            let password = try NewPassword.read(for: name, console)
            try access.makeUser(name, password: password, scopes: [scope])
            try audit.noteCommand("users.add", name)
        } catch let error as AccessError {
            throw CommandFailure(error, of: .user)
        }
        console.line("\(name) can sign in (\(scope.rawValue)).")
        return ExitCode.fine
    }
}

/// `care users passwd NAME`
struct UsersPasswdCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd", abstract: "Give a user another password; their sessions end.",
        discussion: """
            Examples:
              care users passwd lin
            """)

    @Argument(help: "Whose.") var name: String
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    func execute(_ console: Console) async throws -> Int32 {
        let (access, audit) = try Workspace.open(config: config, console: console).access
        do {
            guard try access.users().contains(where: { $0.name == name }) else { throw AccessError.unknownName(name) }
            let password = try NewPassword.read(for: name, console)
            try access.setPassword(password, of: name)
            try audit.noteCommand("users.passwd", name)
        } catch let error as AccessError {
            throw CommandFailure(error, of: .user)
        }
        console.line("\(name) has another password; their sessions have ended.")
        return ExitCode.fine
    }
}

/// `care users remove NAME`
struct UsersRemoveCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Let somebody sign in no more; their sessions end.",
        discussion: """
            Examples:
              care users remove lin
            """)

    @Argument(help: "Whom.") var name: String
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    func execute(_ console: Console) async throws -> Int32 {
        let (access, audit) = try Workspace.open(config: config, console: console).access
        do {
            try access.removeUser(name)
            try audit.noteCommand("users.remove", name)
            console.line("\(name) can sign in no more; their sessions have ended.")
            if try !access.hasUsers {
                console.line("Nobody can sign in now. Make a user: care users add NAME --scope admin")
            }
        } catch let error as AccessError {
            throw CommandFailure(error, of: .user)
        }
        return ExitCode.fine
    }
}

/// A password that somebody sets.
enum NewPassword {
    /// Asks for it, on a terminal twice. - Throws: ``CommandFailure`` when none came, or two that differ.
    static func read(for name: String, _ console: Console) throws -> String {
        let password = console.readSecret("Password for \(name): ")
        if console.asksForSecrets, console.isInterrupted() {
            throw CommandFailure("interrupted; nothing was changed", exitCode: ExitCode.interrupted)
        }
        guard let password, !password.isEmpty else {
            throw CommandFailure.usage(
                "no password was given; nothing was changed",
                help: "It is asked for on a terminal, or read as one line of standard input.")
        }
        guard console.asksForSecrets else { return password }
        guard console.readSecret("The same again: ") == password else {
            throw CommandFailure("that was not the same; nothing was changed")
        }
        return password
    }
}
