import ArgumentParser
import CareDecisions
import CareDispatch
import CareEngine
import CareStore
import CareStoreSQLite
import CareValues

/// `care restore FILE`
struct RestoreCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the store's place; the store is kept aside.",
        discussion: """
            Examples:
              care restore /backup/care-2026-09-21.sqlite
              care restore nightly.sqlite --after 2026-09-21T12:00

            Stop care serve first. The file is checked whole before anything is exchanged. What waits in the outbox of the
            backup may have been sent since it was made: it keeps its ids, so that receivers can tell; where they cannot,
            it is parked. What fell due after the backup is decided again, unless --after says until when it was
            sent: that becomes skip restored.
            """)

    @Argument(help: "The backup.") var file: String
    @Option(help: "Take what fell due until this instant as sent; local in the project's zone unless it has an offset.")
    var after: String?
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let last = try after.map { try workspace.instant($0, option: "--after") }
        if let last, last > console.now() {
            throw CommandFailure.usage("--after is still to come; nothing was restored")
        }
        Interruption.watch()
        let progress = PageProgress(console: console)
        let summary: StoreRestoration.Summary<Prepared>
        do {
            defer { progress.end() }
            summary = try StoreRestoration.run(
                console.resolved(file), to: workspace.storePath, owner: "care restore", at: console.now(),
                progress: { done, total in
                    progress.show(.copying, Int(done), Int(total))
                    return !Interruption.isRequested
                },
                prepare: { try prepare($0, workspace, through: last) })
        } catch let refusal as StoreBackup.Refusal {
            throw CommandFailure(refusal, file: file)
        } catch let error as StoreError {
            throw CommandFailure(restoring: error)
        }
        let view = RestoreView(
            file: file, store: workspace.shownStore, aside: summary.aside.map(console.shown), content: summary.content,
            prepared: summary.prepared, through: last, zone: workspace.environment.timeZone)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }

    /// What was made of the backup before it took its place.
    struct Prepared {
        /// Customers erased since, who were forgotten again.
        var erasedAgain: Int
        var unsure: [Restoration.Unsure]
        /// What fell due since and was passed over, by outcome; nil: that was not asked for.
        var passedOver: [Outcome: Int]?
    }

    private func prepare(_ store: SQLiteStore, _ workspace: Workspace, through last: Timestamp?) throws -> Prepared {
        var erasedAgain = 0
        for list in try erasureLists(workspace) {
            guard let count = try Erasures.replay(list, in: store) else {
                console(workspace, "the list of erased customers beside the store is of another store; it was not used")
                continue
            }
            erasedAgain += count
        }
        if erasedAgain > 0 { _ = try store.scrub() }
        let unsure = try Restoration.settleOutbox(of: store) { name in
            guard let settings = workspace.environment.destinations.first(where: { $0.name == name }) else {
                return false
            }
            // Without its secrets a destination cannot be asked: what waits for it is not sent by accident.
            return settings.repeatsLostAnswers ?? (try? workspace.destination(name))?.repeatsSafely ?? false
        }
        let passedOver = try last.map { try Restoration.passOver(in: store, through: $0, zones: workspace.zones) }
        return Prepared(erasedAgain: erasedAgain, unsure: unsure, passedOver: passedOver)
    }

    /// What is known of customers erased since: by the store that is there, where it can be read, and by the file beside
    /// it, which may have come with the backup.
    private func erasureLists(_ workspace: Workspace) throws -> [String] {
        var lists: [String] = []
        if workspace.hasStore, let old = try? workspace.readableStore(),
            let list = try? old.read({ try Erasures.list(in: $0) })
        {
            lists.append(list)
            try? old.close()
        }
        let path = ErasureFile.path(of: workspace.storePath)
        guard Files.isFile(path) else { return lists }
        do {
            lists.append(String(decoding: try Files.read(path, atMost: 1 << 30), as: UTF8.self))
        } catch let error as FileReadError {
            throw CommandFailure(
                "\(workspace.console.shown(path)) cannot be read: \(error.reason); nothing was restored",
                help: "It says who was erased since the backup was made.")
        }
        return lists
    }

    private func console(_ workspace: Workspace, _ warning: String) {
        workspace.console.errorLine(Style(workspace.console).warning("warning: ") + warning)
    }
}

extension CommandFailure {
    /// Why a backup was not restored: the store is as it was.
    fileprivate init(restoring error: StoreError) {
        switch error.code {
        case .inUse:
            self.init(
                "\(error.message); nothing was restored", help: "Stop it first, or wait until it has ended.",
                exitCode: ExitCode.temporary)
        case .newerSchema: self.init(error.message, help: "Restore it with a newer care.")
        case .full: self.init("\(error.message); nothing was restored", help: "Make room for a second store.")
        default: self.init("\(error.message); nothing was restored")
        }
    }
}

/// `care restore`
struct RestoreView {
    let file: String
    let store: String
    let aside: String?
    let content: StoreBackup.Content
    let prepared: RestoreCommand.Prepared
    let through: Timestamp?
    let zone: Zone

    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        let view = StoreContentView(content: content, zone: zone)
        var lines = [
            style.bold("Restored \(store) from \(file): \(view.counts)."), "Taken \(view.taken), \(view.clock).",
        ]
        if let aside { lines.append("The store that was there is kept: \(aside)") }
        if prepared.erasedAgain > 0 {
            lines.append(
                prepared.erasedAgain == 1
                    ? "1 customer who was erased since is forgotten again."
                    : "\(grouped(prepared.erasedAgain)) customers who were erased since are forgotten again.")
        }
        let unsure = prepared.unsure.reduce(0) { $0 + $1.count }
        if unsure > 0 {
            lines.append(
                "\(counted(unsure, "delivery", "deliveries")) waited when the backup was made, and may have been sent since:"
            )
            for part in prepared.unsure {
                lines.append(
                    part.isParked
                        ? "  \(part.destination) \(grouped(part.count)): parked, a receiver there cannot tell a repetition. "
                            + "Ask there, then redrive or cancel"
                        : "  \(part.destination) \(grouped(part.count)): to be sent under the same ids, by which receivers can tell"
                )
            }
        }
        if let passedOver = prepared.passedOver, let through {
            let skipped = passedOver[.skip] ?? 0
            lines.append(
                "What fell due until \(time.full(through)) counts as sent: \(counted(skipped, "action")) skipped (restored)."
            )
        } else {
            lines.append(
                "What was decided after that is not known to this store: what is still in time is decided again.")
            lines.append("If it was sent, restore again with --after and the instant at which the old store ended.")
        }
        lines.append("Next: care doctor, then care serve")
        return lines.joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        let unsure = prepared.unsure.map { part in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("destination", .string(part.destination)), ("count", .number(Double(part.count))),
                    ("parked", .bool(part.isParked)),
                ]))
        }
        var members: [(name: String, value: JSONValue)] = [
            ("file", .string(file)), ("keptAs", aside.map { .string($0) } ?? .null),
        ]
        members += StoreContentView(content: content, zone: zone).members
        members.append(("erasedAgain", .number(Double(prepared.erasedAgain))))
        members.append(("mayHaveBeenSent", .array(unsure)))
        members.append(("after", through.map { .string($0.iso8601) } ?? .null))
        members.append(("skipped", prepared.passedOver.map { .number(Double($0[.skip] ?? 0)) } ?? .null))
        return .object(JSONObject(uniqueMembers: members))
    }
}
