import ArgumentParser
import CareAPI
import CareValues

/// `care tokens create|list|revoke`
struct TokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "What programs call the interface of care serve with.",
        discussion: """
            Examples:
              care tokens create shop --scope ingest
              care tokens list
              care tokens revoke shop

            A running service takes new ones at once, and refuses revoked ones at once. Scopes: ingest sends customers
            and events in; read looks at everything; operate changes what is delivered; admin does everything.
            """,
        subcommands: [TokensCreateCommand.self, TokensListCommand.self, TokensRevokeCommand.self])
}

extension Workspace {
    /// Who may do what with the store, and the record of changes.
    var access: (access: Access, audit: AuditLog) {
        let now = console.now
        return (Access(storePath: storePath, now: now), AuditLog(storePath: storePath, now: now))
    }
}

/// Of what something went wrong with who may do what.
enum AccessThing: String {
    case token
    case user
}

extension CommandFailure {
    /// What went wrong with who may do what.
    init(_ error: AccessError, of thing: AccessThing = .token) {
        let (name, list) = (thing.rawValue, "care \(thing.rawValue)s list")
        switch error {
        case .unusable(let path, let reason): self.init("\(path) cannot be used: \(reason)")
        case .nameTaken(let taken):
            self.init(
                "there is a \(name) '\(taken)' already; nothing was changed",
                help: thing == .token ? "care tokens revoke \(taken)" : "care users passwd \(taken)")
        case .unknownName(let unknown): self.init("there is no \(name) '\(unknown)'; nothing was changed", help: list)
        case .badPassword:
            self.init(
                "a password has at least \(Access.shortestPassword) characters; nothing was changed",
                exitCode: ExitCode.usage)
        default: self.init("a name has 1 to 64 bytes and no control characters", exitCode: ExitCode.usage)
        }
    }
}

/// `care tokens create NAME --scope SCOPE`
struct TokensCreateCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token. It is shown once.",
        discussion: """
            Examples:
              care tokens create shop --scope ingest
              care tokens create dashboard --scope read --scope ingest

            Keep it where secrets are kept: only its hash is stored.
            """)

    @Argument(help: "What it is called.") var name: String
    @Option(help: "ingest, read, operate or admin; may be given several times.") var scope: [String] = []
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let scopes = try Set(
            scope.map { text in
                guard let scope = Scope(rawValue: text) else {
                    throw CommandFailure.usage("no scope '\(text)'", help: "There are: ingest, read, operate, admin")
                }
                return scope
            })
        guard !scopes.isEmpty else {
            throw CommandFailure.usage(
                "say what the token may: --scope ingest, read, operate or admin",
                help: "It should be no more than needed.")
        }
        let (access, audit) = try Workspace.open(config: config, console: console).access
        do {
            let token = try access.makeToken(name, scopes: scopes)
            try audit.noteCommand("tokens.create", name)
            switch format {
            case .text:
                console.line(token)
                console.errorLine(
                    "This is the only time it is shown. Use: Authorization: Bearer \(Access.tokenPrefix)…")
            case .json: console.json(["name": .string(name), "token": .string(token)])
            }
        } catch let error as AccessError {
            throw CommandFailure(error)
        }
        return ExitCode.fine
    }
}

/// `care tokens list`
struct TokensListCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every token: its name, its scopes, since when.",
        discussion: """
            Examples:
              care tokens list
              care tokens list --format json
            """)

    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let tokens: [TokenRecord]
        do {
            tokens = try workspace.access.access.tokens()
        } catch let error as AccessError {
            throw CommandFailure(error)
        }
        func scopes(_ token: TokenRecord) -> [String] { Scope.allCases.filter(token.scopes.contains).map(\.rawValue) }
        switch format {
        case .json:
            console.json(
                .array(
                    tokens.map { token in
                        [
                            "name": .string(token.name), "scopes": .array(scopes(token).map { .string($0) }),
                            "madeAt": .string(token.madeAt.iso8601),
                        ]
                    }))
        case .text:
            if tokens.isEmpty { console.line("No tokens. Make one: care tokens create NAME --scope ingest") }
            let time = TimeText(zone: workspace.environment.timeZone)
            let width = tokens.map { $0.name.count }.max() ?? 0
            for token in tokens {
                let name = token.name + String(repeating: " ", count: width - token.name.count)
                console.line("\(name)  \(scopes(token).joined(separator: ", "))  since \(time.short(token.madeAt))")
            }
        }
        return ExitCode.fine
    }
}

/// `care tokens revoke NAME`
struct TokensRevokeCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a token back: its next request is refused.",
        discussion: """
            Examples:
              care tokens revoke shop
            """)

    @Argument(help: "What it is called.") var name: String
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    func execute(_ console: Console) async throws -> Int32 {
        let (access, audit) = try Workspace.open(config: config, console: console).access
        do {
            try access.revokeToken(name)
            try audit.noteCommand("tokens.revoke", name)
        } catch let error as AccessError {
            throw CommandFailure(error)
        }
        console.line("\(name) is revoked.")
        return ExitCode.fine
    }
}
