import CareAPI
import CareEngine
import CareStore
import CareValues

/// A command that writes to the store: by itself, or inside `care serve` while that holds it.
protocol StoreCommand: CareSubcommand {
    /// `--config`.
    var config: String? { get }
    /// Files it reads as they were named: their content goes along to the service.
    var files: [String] { get }
    /// What it changes, for the record of changes; nil: it does not as it was called.
    var change: Change? { get }

    /// Does the work. - Throws: ``StoreHeld`` before anything was done or said, when another process holds the store.
    func carryOut(_ workspace: Workspace) throws -> Int32
}

/// What a command changes, as the record of changes has it: never a customer.
struct Change: Sendable, Hashable {
    /// `deliveries.redrive`.
    var action: String
    /// To what.
    var object = ""
}

extension StoreCommand {
    var files: [String] { [] }

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let code = try carryOut(workspace)
        if let change, code != ExitCode.temporary {
            do {
                try AuditLog(storePath: workspace.storePath, now: console.now)
                    .noteCommand(change.action, change.object)
            } catch let error as AccessError {
                throw CommandFailure(error)
            }
        }
        return code
    }
}

/// Another process holds the store.
struct StoreHeld: Error {
    /// The store.
    var storePath: String
    /// What is said where it is no service that takes commands.
    var failure: CommandFailure
}

/// What a command line is carried out with inside the service.
struct CommandOrder: Sendable, Hashable {
    /// The program's version: both must speak alike.
    var version = Version.number
    /// The words behind the program's name; of an import none.
    var arguments: [String]
    /// The folder that paths are shown relative to.
    var workingDirectory: String
    /// Whether the command's output may carry colour.
    var hasColour: Bool
    /// Whether progress may be shown.
    var showsProgress: Bool
    /// Files that follow, by name.
    var files: [String] = []
    /// Whether rows of an import follow.
    var isImport = false

    var json: JSONValue {
        [
            "version": .string(version), "arguments": .array(arguments.map { .string($0) }),
            "workingDirectory": .string(workingDirectory), "colour": .bool(hasColour),
            "progress": .bool(showsProgress), "files": .array(files.map { .string($0) }), "import": .bool(isImport),
        ]
    }
}

extension CommandOrder {
    init?(_ bytes: [UInt8]) {
        guard case .object(let object)? = JSONValue(jsonText: String(decoding: bytes, as: UTF8.self)),
            case .string(let version)? = object["version"], let arguments = object.texts("arguments"),
            case .string(let folder)? = object["workingDirectory"], let files = object.texts("files")
        else { return nil }
        self.init(
            version: version, arguments: arguments, workingDirectory: folder,
            hasColour: object["colour"] == .bool(true), showsProgress: object["progress"] == .bool(true), files: files,
            isImport: object["import"] == .bool(true))
    }
}

extension JSONObject {
    /// A list of texts; nil: it is none.
    fileprivate func texts(_ name: String) -> [String]? {
        guard case .array(let values)? = self[name] else { return nil }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value else { return nil }
            texts.append(text)
        }
        return texts
    }
}

/// The running service around a command that is carried out inside it.
struct RunningService: Sendable {
    /// The store, each of whose transactions is the service's.
    var store: LiveStore
    /// The one way in for what writes.
    var live: LiveEngine
    /// Reads the rule files anew, and the cut points with them.
    var reload: @Sendable () -> Void
    /// Takes deliveries back: no attempt at them begins any more. Waits so long for attempts under way, with 0 for none.
    var revoke: @Sendable ([DeliveryID], _ waitMilliseconds: Int64) -> Bool
    /// The decision clock.
    var now: @Sendable () -> Timestamp
    /// Its process.
    var process: Int32
}
