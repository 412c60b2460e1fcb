import CareAPI
import CareCalendar
import CareDispatch
import CareEngine
import CareIntake
import CareRules
import CareStore
import CareStoreSQLite
import CareValues

/// Finds and reads `care.json`.
enum EnvironmentFile {
    /// The environment of `--config`, or of the `care.json` in `place` or the nearest folder above, or here or in the
    /// nearest folder above; nil: there is none.
    ///
    /// - Parameter place: a folder of rule files or one file, as the user named it; nil: the working directory.
    /// - Throws: ``DiagnosticsFailure`` when it has mistakes; ``CommandFailure`` when `--config` cannot be read.
    static func find(config: String?, near place: String? = nil, console: Console) throws -> CareEnvironment? {
        let path: String
        if let config = config ?? console.environment[EnvironmentVariables.config], !config.isEmpty {
            path = console.resolved(config)
        } else {
            let beside = place.flatMap { nearest(to: console.resolved($0)) }
            guard let found = beside ?? nearest(to: console.workingDirectory) else { return nil }
            path = found
        }
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, atMost: CareEnvironment.maximumBytes)
        } catch let error as FileReadError {
            throw CommandFailure.usage("\(console.shown(path)) cannot be read: \(error.reason)")
        }
        let read = CareEnvironment.read(file: path, shownAs: console.shown(path), bytes: bytes, zones: Zones.system)
        guard var environment = read.environment else {
            throw DiagnosticsFailure(
                diagnostics: read.diagnostics, summary: "\(console.shown(path)) cannot be used; nothing was done.")
        }
        do {
            try EnvironmentVariables.apply(
                console.environment, to: &environment, zones: Zones.system, resolved: console.resolved)
        } catch {
            throw CommandFailure.usage("\(error.variable) is not \(error.expectation); nothing was done")
        }
        return environment
    }

    private static func nearest(to folder: String) -> String? {
        var folder = folder
        while true {
            let path = folder == "/" ? "/care.json" : folder + "/care.json"
            if Files.isFile(path) { return path }
            if folder == "/" || folder == "." { return nil }
            folder = Files.folder(of: folder)
        }
    }
}

/// The rule files of a folder or one file.
enum RuleFiles {
    /// Their texts, by name; `path` nil: the environment's folder, else `rules`. Rule tests and the environment itself,
    /// where it lies among the rules, are passed over.
    static func read(path: String?, environment: CareEnvironment?, console: Console) throws -> [RuleSource] {
        let place = console.resolved(path ?? environment?.rulesPath ?? "rules")
        let environmentFile = environment.map { console.resolved($0.file) }
        do {
            var files = [place]
            if Files.isFolder(place) {
                files = try Files.list(place, suffix: ".json").filter {
                    !$0.hasSuffix(RuleTestFiles.suffix) && $0 != environmentFile
                }
            } else if !Files.isFile(place) {
                throw CommandFailure.usage(
                    "there is no \(console.shown(place))", help: "Name a folder of rule files, or one file.")
            }
            return try files.map {
                RuleSource(file: console.shown($0), bytes: try Files.read($0, atMost: 1 << 24))
            }
        } catch let error as FileReadError {
            throw CommandFailure("\(console.shown(error.path)) cannot be read: \(error.reason)")
        }
    }
}

/// The holidays that rules can name: those that ship, and on top of them those of the environment's files.
enum HolidayFiles {
    /// All of them. - Throws: ``DiagnosticsFailure`` when a file has mistakes; ``CommandFailure`` when one cannot be read.
    static func table(of environment: CareEnvironment?, console: Console) throws -> HolidayTable {
        guard let paths = environment?.holidayPaths, !paths.isEmpty else { return ShippedHolidays.table }
        var reader = HolidayReader(base: ShippedHolidays.table)
        for path in paths.map(console.resolved) {
            do {
                reader.read(
                    file: console.shown(path), bytes: try Files.read(path, atMost: HolidayReader.maximumBytes))
            } catch let error as FileReadError {
                throw CommandFailure.usage(
                    "\(console.shown(path)), named in care.json under holidays, cannot be read: \(error.reason)")
            }
        }
        guard reader.diagnostics.isEmpty else {
            throw DiagnosticsFailure(
                diagnostics: reader.diagnostics, summary: "The holiday files cannot be used; nothing was done.")
        }
        return reader.table
    }
}

/// The message templates beside the environment.
enum TemplateFiles {
    /// All of them, and their findings. Where `care.json` does not say where they are, none need be there.
    /// - Throws: ``CommandFailure`` when a file cannot be read.
    static func read(
        of environment: CareEnvironment?, console: Console
    ) throws -> (templates: MessageTemplates, diagnostics: [Diagnostic]) {
        guard let environment else { return (.none, []) }
        let folder = console.resolved(environment.templatesPath)
        guard Files.isFolder(folder) || environment.namesTemplates else { return (.none, []) }
        do {
            let sources = try MessageTemplates.endings.flatMap { try Files.list(folder, suffix: $0) }.map { path in
                TemplateSource(
                    file: console.shown(path), path: String(path.dropFirst(folder.count + 1)),
                    bytes: try Files.read(path, atMost: MessageTemplates.largestFile * 2))
            }
            return MessageTemplates.read(sources)
        } catch let error as FileReadError {
            throw CommandFailure.usage("\(console.shown(error.path)) cannot be read: \(error.reason)")
        }
    }

    /// All of them. - Throws: ``DiagnosticsFailure`` when they have mistakes.
    static func templates(of environment: CareEnvironment, console: Console) throws -> MessageTemplates {
        let read = try read(of: environment, console: console)
        guard !read.diagnostics.hasErrors else {
            throw DiagnosticsFailure(
                diagnostics: read.diagnostics.filter { $0.severity == .error },
                summary: "The templates cannot be used; nothing was done.")
        }
        return read.templates
    }
}

/// Everything a command works with: the environment, the zones, and ways to the rules, the store, the destinations.
struct Workspace: Sendable {
    var environment: CareEnvironment
    let zones = Zones.system
    var console: Console
    /// The service that a command is carried out in; nil: the command is a process of its own.
    var service: RunningService?
    /// The files that came along with it, by the names the command has for them.
    var sentFiles: [String: [UInt8]] = [:]

    /// A workspace of its own process.
    init(environment: CareEnvironment, console: Console) {
        self.environment = environment
        self.console = console
    }

    /// The workspace of `--config`, or of the `care.json` here or above.
    static func open(config: String?, console: Console) throws -> Workspace {
        guard let environment = try EnvironmentFile.find(config: config, console: console) else {
            throw CommandFailure.usage(
                "no care.json here or in a folder above. Make one: care init, or add --config FILE")
        }
        return Workspace(environment: environment, console: console)
    }

    /// The rules of the files. - Throws: ``DiagnosticsFailure`` when they have mistakes.
    func rules(orElse summary: String = "The rule files cannot be used; nothing was done.") throws -> CandidateRules {
        try self.rules(
            of: RuleFiles.read(path: nil, environment: environment, console: console), orElse: summary)
    }

    /// The rules of other files. - Throws: ``DiagnosticsFailure`` when they have mistakes.
    func rules(of sources: [RuleSource], orElse summary: String) throws -> CandidateRules {
        let holidays = try HolidayFiles.table(of: environment, console: console)
        let loaded = RuleSetLoader.load(
            sources, destinations: environment.destinationNames, holidays: holidays, zones: zones)
        guard let rules = loaded.ruleSet else {
            throw DiagnosticsFailure(diagnostics: loaded.diagnostics.filter { $0.severity == .error }, summary: summary)
        }
        return CandidateRules(rules: rules, zone: environment.timeZone, holidays: holidays)
    }

    /// The store, made when there is none; inside a service its own. `consequence` ends the message when another process
    /// holds it.
    ///
    /// - Throws: ``StoreHeld``.
    func writableStore(owner: String, consequence: String) throws -> any CareStore {
        if let service { return service.store }
        do {
            return try SQLiteStore(path: storePath, access: .readWrite(owner: owner))
        } catch let error as StoreError where error.code == .inUse {
            let help =
                error.message.contains("care serve")
                ? "It takes no commands at the moment. If it is just beginning or ending, try again; else stop it first."
                : "Stop it first, or wait until it has ended."
            throw StoreHeld(
                storePath: storePath,
                failure: CommandFailure(
                    "\(error.message); \(consequence)", help: help, exitCode: ExitCode.temporary))
        }
    }

    /// The content of a file that a command was given, of at most `limit` bytes. - Throws: `FileReadError`.
    func content(of file: String, atMost limit: Int) throws -> [UInt8] {
        if let sent = sentFiles[file] { return sent }
        return try Files.read(console.resolved(file), atMost: limit)
    }

    /// What comes after what was changed in the outbox.
    var whatSends: String { service == nil ? "Next: care tick" : "care serve delivers it." }

    /// The store for a process that holds it itself. - Throws: ``CommandFailure`` when another does.
    func ownStore(owner: String, consequence: String) throws -> SQLiteStore {
        do {
            return try SQLiteStore(path: storePath, access: .readWrite(owner: owner))
        } catch let error as StoreError where error.code == .inUse {
            throw CommandFailure(
                "\(error.message); \(consequence)", help: "Stop it first, or wait until it has ended.",
                exitCode: ExitCode.temporary)
        }
    }

    /// The store for reading. - Throws: ``CommandFailure`` when there is none yet.
    func readableStore() throws -> SQLiteStore {
        do {
            return try SQLiteStore(path: storePath, access: .readOnly)
        } catch let error as StoreError where error.code == .missing {
            throw CommandFailure(
                "there is no data yet: no store at \(shownStore)",
                help: "Take some in: care import customers FILE, then care import events FILE")
        }
    }

    /// What the server speaks TLS with; nil: `care.json` does not say so. `consequence` ends the message when the files
    /// cannot be used.
    func serverTLS(orElse consequence: String) throws -> ServerTLS? {
        guard let files = environment.server.tls else { return nil }
        do {
            return try ServerTLS(
                TLSFiles(
                    certificatePath: console.resolved(files.certificatePath),
                    keyPath: console.resolved(files.keyPath)), shown: console.shown)
        } catch {
            throw CommandFailure(
                "\(error.message); \(consequence)", help: "server.tls in care.json names the files.")
        }
    }

    /// Says on standard error which scores nobody has, because no cut points were computed for them.
    func warnAboutCutPoints(_ candidate: CandidateRules, in store: any CareStore) throws {
        let traits = try store.read { try candidate.traitsWithoutCutPoints(in: $0) }
        guard !traits.isEmpty else { return }
        let names = traits.map { "'\($0)'" }.joined(separator: ", ")
        console.errorLine(
            Style(console).warning("warning: ") + "\(names): no cut points yet, all scores are missing. "
                + "Compute them: care cutpoints")
    }

    /// The store's path as people read it.
    var shownStore: String { console.shown(storePath) }
    /// The store's path as the system takes it.
    var storePath: String { console.resolved(environment.storePath) }

    /// Whether a store has been made yet.
    var hasStore: Bool { Files.isFile(storePath) }

    /// The destinations, their secrets read. - Throws: ``CommandFailure`` that names the first that cannot be used.
    func destinations() throws -> [Destination] {
        let templates = try TemplateFiles.templates(of: environment, console: console)
        return try environment.destinations.map { try destination($0, templates) }
    }

    /// The destination of that name, its secrets read. - Throws: ``CommandFailure`` when `care.json` names none, or it
    /// cannot be used.
    func destination(_ name: String) throws -> Destination {
        guard let settings = environment.destinations.first(where: { $0.name == name }) else {
            throw unknownDestination(name)
        }
        return try destination(settings, try TemplateFiles.templates(of: environment, console: console))
    }

    private func destination(_ settings: DestinationSettings, _ templates: MessageTemplates) throws -> Destination {
        let folder = Files.folder(of: console.resolved(environment.file))
        let variables = console.environment
        let system = SecretSource.system(folder: folder)
        let source = SecretSource(environment: { variables[$0] }, file: system.file)
        do {
            return try Destination(settings, secrets: source, templates: templates)
        } catch let error as DestinationError {
            throw CommandFailure(
                "destination \(error.destination): \(error.message); nothing was done", help: error.help + ".")
        }
    }

    /// The instant that an option names: with an offset, or local in `zone` (the project's unless said).
    func instant(_ text: String, option: String, zone: Zone? = nil) throws -> Timestamp {
        try CommandInstants.read(text, option: option, zone: zone ?? environment.timeZone)
    }

    /// The zone of that name. - Throws: ``CommandFailure`` when there is none.
    func zone(_ name: String, option: String) throws -> Zone {
        guard let zone = zones.zone(named: name) else {
            throw CommandFailure.usage("\(option) '\(name)' is no time zone", help: "An IANA name: Europe/Paris.")
        }
        return zone
    }

    /// The engine's clock, by the console's real one.
    var clock: DecisionClock { DecisionClock(realNow: console.now) }
}

/// Instants on the command line.
enum CommandInstants {
    /// The instant that an option names: with an offset, or local in `zone`.
    static func read(_ text: String, option: String, zone: Zone) throws -> Timestamp {
        guard let instant = TimeFormat.instant(text, zone: zone) else {
            throw CommandFailure.usage(
                "\(option) '\(text)' is no instant",
                help: "Write 2026-03-01, 2026-03-01T09:00 or 2026-03-01T09:00:00+08:00.")
        }
        return instant
    }
}
