import CareValues

/// What somebody may do with the interface.
public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Send customers, events and calls in.
    case ingest
    /// Look at everything.
    case read
    /// Change what is delivered: redrive, cancel, enable, disable, reload, approve. May read too.
    case operate
    /// Everything, erasing and exporting of customers included.
    case admin

    /// The scopes that this one holds, itself among them.
    public var implied: Set<Scope> {
        switch self {
        case .ingest: [.ingest]
        case .read: [.read]
        case .operate: [.operate, .read]
        case .admin: Set(Scope.allCases)
        }
    }
}

/// Who makes a request.
public struct Identity: Sendable, Hashable {
    /// How somebody showed who they are.
    public enum Kind: String, Sendable, Hashable {
        /// By an API token.
        case token
        /// By a console session's cookie.
        case session
    }

    /// How they showed it.
    public var kind: Kind
    /// The token's or the console user's name.
    public var name: String
    /// What they were given.
    public var scopes: Set<Scope>
    /// Of a session: what forms and scripts must send along with every change; empty for tokens.
    public var csrfToken: String

    /// Somebody called `name`.
    public init(kind: Kind, name: String, scopes: Set<Scope>, csrfToken: String = "") {
        self.kind = kind
        self.name = name
        self.scopes = scopes
        self.csrfToken = csrfToken
    }

    /// Whether they may do what `scope` allows.
    public func may(_ scope: Scope) -> Bool {
        scopes.contains { $0.implied.contains(scope) }
    }
}
