import ArgumentParser
import CareEngine
import CareStore
import CareStoreSQLite
import CareValues

/// `care customers show|export|erase|readmit`
struct CustomersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customers", abstract: "What is stored about one customer; forgetting one.",
        discussion: """
            Examples:
              care customers show c1187
              care customers export c1187 --out c1187.json
              care customers erase c1187 --yes
              care customers readmit c1187
            """,
        subcommands: [
            CustomersShowCommand.self, CustomersExportCommand.self, CustomersEraseCommand.self,
            CustomersReadmitCommand.self,
        ])
}

/// `care customers show ID`
struct CustomersShowCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Attributes, traits, segments and what happened.",
        discussion: """
            Examples:
              care customers show c1187
              care customers show c1187 --limit 200 --show-pii

            What the rule files mark as personal is masked unless --show-pii, in events too.
            """)

    @Argument(help: "The customer's id.") var id: String
    @Option(help: "At most so many lines of what happened, the newest.") var limit = 30
    @Flag(name: [.long, .customLong("reveal")], help: "Show personal values.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        guard (0...100_000).contains(limit) else { throw CommandFailure.usage("--limit is 0 to 100000, not \(limit)") }
        let workspace = try Workspace.open(config: config, console: console)
        let record = try CustomerLookup.record(id, workspace)
        let view = CustomerView(record: record, showsPII: showPii, limit: limit)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }
}

/// `care customers export ID`
struct CustomersExportCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Everything stored about a customer, as JSON.",
        discussion: """
            Examples:
              care customers export c1187 > c1187.json
              care customers export c1187 --out c1187.json

            Facts, decisions with their inputs, deliveries with what they said, what approved plans and files of rejects
            hold: nothing is masked. A file that --out makes is read by its owner only.
            """)

    @Argument(help: "The customer's id.") var id: String
    @Option(help: "The file to write.") var out: String?
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let record = try CustomerLookup.record(id, workspace)
        let planned: [(plan: String, line: String)]
        let rejected: [String]
        do {
            planned = try ApprovedPlans(storePath: workspace.storePath).lines(of: id)
            rejected = try workspace.readableStore().read { try CustomerFiles.rejectedRows(of: id, in: $0) }
        } catch let error as FileReadError {
            throw CommandFailure("\(console.shown(error.path)) cannot be read: \(error.reason); nothing was exported")
        }
        let text =
            JSONWriter.text(record.export(at: console.now(), planned: planned, rejected: rejected)) + "\n"
        guard let out else {
            console.writeOutput(text)
            return ExitCode.fine
        }
        try OutputFile.write(to: console.resolved(out), shownAs: out, mode: 0o600) { try $0(text) }
        console.line(
            "Wrote \(counted(record.facts.count, "fact")), \(counted(record.decisions.count, "decision")) and "
                + "\(counted(record.deliveries.count, "delivery", "deliveries")) about \(id) to \(out).")
        return ExitCode.fine
    }
}

/// Finds customers by their ids.
enum CustomerLookup {
    /// What is stored about the customer. - Throws: ``CommandFailure`` when nothing is.
    static func record(_ id: String, _ workspace: Workspace) throws -> CustomerRecord {
        let store = try workspace.readableStore()
        let (record, erasure) = try store.read { snapshot in
            do {
                return (
                    try CustomerRecord.read(id, in: snapshot, zones: workspace.zones),
                    try Erasures(in: snapshot).erasure(of: id, in: snapshot)
                )
            } catch let error as EngineError {
                throw CommandFailure(engineError: error, zone: workspace.environment.timeZone, option: nil)
            }
        }
        if let record { return record }
        if let erasure {
            let day = TimeText(zone: workspace.environment.timeZone).full(erasure.at)
            throw CommandFailure(
                erasure.readmittedAt == nil
                    ? "'\(id)' was erased \(day); facts about it are refused"
                    : "'\(id)' was erased \(day) and is let in again; nothing has come since",
                help: erasure.readmittedAt == nil ? "To let it in again: care customers readmit \(id)" : nil)
        }
        throw CommandFailure("the store has no customer '\(id)'", help: "Its id is as in the file imported.")
    }
}

/// `care customers erase ID`
struct CustomersEraseCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Forget a customer everywhere.",
        discussion: """
            Examples:
              care customers erase c1187          says what would be forgotten
              care customers erase c1187 --yes

            Gone are its facts, its row, what deliveries said, its lines in approved plans and in files of rejects. Of
            its decisions key, campaign, outcome, reason and day stay. That it was erased is remembered by a salted hash
            of the id, so that later facts are refused. What other systems were sent is theirs to forget.
            """)

    @Argument(help: "The customer's id.") var id: String
    @Flag(help: "Do it, instead of saying what would be forgotten.") var yes = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    var change: Change? { yes ? Change(action: "customers.erase") : nil }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        guard yes else {
            let record = try CustomerLookup.record(id, workspace)
            let pending = record.deliveries.count { [.waiting, .sending, .parked].contains($0.state) }
            console.line(
                "Would forget \(counted(record.facts.count, "fact")) about \(id), and whom "
                    + "\(counted(record.decisions.count, "decision")) and "
                    + "\(counted(record.deliveries.count, "delivery", "deliveries")) are about; "
                    + "\(grouped(pending)) of these would be cancelled. Nothing was changed.")
            console.line("To do it, add --yes. To keep a copy for the person: care customers export \(id) --out FILE")
            return ExitCode.fine
        }
        guard workspace.hasStore else {
            throw CommandFailure("there is no store at \(workspace.shownStore); nothing was erased")
        }
        let store = try workspace.writableStore(owner: "care customers", consequence: "nothing was erased")
        let revoke = workspace.service?.revoke
        let eraser = Eraser(
            store: store, approved: ApprovedPlans(storePath: workspace.storePath),
            // An attempt of the service that is under way ends, or is waited for.
            revoke: { revoke?($0, 5_000) ?? true })
        let summary: Eraser.Summary
        do {
            summary = try eraser.erase(id, at: console.now())
            try ErasureFile.write(of: store, at: workspace.storePath, console)
        } catch let refusal as Eraser.Refusal {
            throw CommandFailure(refusal, id: id)
        }
        try store.close()
        let view = ErasedView(id: id, summary: summary, zone: workspace.environment.timeZone, console: console)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return summary.unreadable.isEmpty ? ExitCode.fine : ExitCode.findings
    }
}

/// `care customers readmit ID`
struct CustomersReadmitCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "readmit", abstract: "Let facts about an erased customer in again.",
        discussion: """
            Examples:
              care customers readmit c1187

            Nothing of before comes back: it is as if the customer had never been known. In keys the id gets ~2 behind
            it, so that what was decided before does not count as decided.
            """)

    @Argument(help: "The customer's id.") var id: String
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    var change: Change? { Change(action: "customers.readmit") }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        guard workspace.hasStore else {
            throw CommandFailure("there is no store at \(workspace.shownStore); nothing was changed")
        }
        let store = try workspace.writableStore(owner: "care customers", consequence: "nothing was changed")
        let erasure: Erasure
        do {
            erasure = try Eraser(store: store, approved: ApprovedPlans(storePath: workspace.storePath)).readmit(
                id, at: console.now())
            try ErasureFile.write(of: store, at: workspace.storePath, console)
        } catch let refusal as Eraser.Refusal {
            throw CommandFailure(refusal, id: id)
        }
        try store.close()
        console.line("Facts about \(id) are taken in again; its keys are those of \(id)~\(erasure.generation + 1).")
        return ExitCode.fine
    }
}

/// The list of who was erased, beside the store: a backup of before does not know of them.
enum ErasureFile {
    static func path(of storePath: String) -> String { storePath + ".erasures" }

    /// Writes what the store remembers.
    static func write(of store: any CareStore, at storePath: String, _ console: Console) throws {
        let list = try store.read { try Erasures.list(in: $0) }
        let path = path(of: storePath)
        try OutputFile.write(to: path, shownAs: console.shown(path), mode: 0o600) { try $0(list) }
    }
}

extension CommandFailure {
    /// Why nobody was erased or let in again.
    fileprivate init(_ refusal: Eraser.Refusal, id: String) {
        switch refusal {
        case .unknown:
            self.init(
                "the store has no customer '\(id)'; nothing was erased", help: "Its id is as in the file imported.")
        case .notErased: self.init("'\(id)' is not erased; nothing was changed")
        }
    }
}
