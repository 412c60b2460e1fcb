import ArgumentParser
import CareStore
import CareStoreSQLite
import CareValues
import Glibc

/// `care backup FILE`
struct BackupCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the store into one file, also while care serve runs.",
        discussion: """
            Examples:
              care backup /backup/care-2026-09-21.sqlite
              care backup nightly.sqlite --format json

            The copy is of one instant, is checked, and only its owner may read it. Nothing is written over: take another
            name each time. Back: care restore FILE.
            """)

    @Argument(help: "The file to make.") var file: String
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        guard workspace.hasStore else {
            throw CommandFailure("there is no store at \(workspace.shownStore); nothing was copied")
        }
        let path = console.resolved(file)
        Interruption.watch()
        let progress = PageProgress(console: console)
        let content: StoreBackup.Content
        do {
            defer { progress.end() }
            content = try StoreBackup.make(of: workspace.storePath, to: path, at: console.now()) {
                progress.show($0, $1, $2)
                return !Interruption.isRequested
            }
        } catch let refusal as StoreBackup.Refusal {
            throw CommandFailure(refusal, file: file)
        }
        let view = StoreContentView(content: content, zone: workspace.environment.timeZone)
        switch format {
        case .text:
            console.line("Copied \(workspace.shownStore) to \(file): \(view.counts), \(view.size).")
            console.line("Taken \(view.taken), \(view.clock). Checked: every page, index and count.")
            console.line("Back: care restore \(file)")
        case .json: console.json(.object(JSONObject(uniqueMembers: [("file", .string(file))] + view.members)))
        }
        return ExitCode.fine
    }
}

extension CommandFailure {
    /// Why no backup was made or restored.
    init(_ refusal: StoreBackup.Refusal, file: String) {
        switch refusal {
        case .exists: self.init("\(file) is there already; nothing was copied", help: "Take another name.")
        case .underWay:
            self.init("another care is writing \(file); nothing was copied", exitCode: ExitCode.temporary)
        case .interrupted:
            self.init("interrupted; nothing was kept and nothing changed", exitCode: ExitCode.interrupted)
        }
    }
}

/// The progress of copying pages or bytes, on one line of a terminal.
final class PageProgress {
    private let console: Console
    private var lastShown: Timestamp?

    init(console: Console) {
        self.console = console
    }

    /// So much of so much is copied, or the copy is checked.
    func show(_ phase: StoreBackup.Phase, _ done: Int, _ total: Int) {
        guard console.showsProgress else { return }
        let now = console.now()
        if phase == .copying, let lastShown, now.milliseconds(since: lastShown) < 200 { return }
        lastShown = now
        let share = total > 0 ? done * 100 / total : 100
        console.writeError("\r\u{1B}[K" + (phase == .copying ? "copied \(share) %" : "checking"))
    }

    /// Takes the line away.
    func end() {
        if lastShown != nil { console.writeError("\r\u{1B}[K") }
    }
}

/// What a store or a backup holds, in words.
struct StoreContentView {
    let content: StoreBackup.Content
    let zone: Zone

    /// `12,480 customers, 1,204,118 facts, 31,002 decisions, 30,410 deliveries`
    var counts: String {
        [
            counted(content.customers, "customer"), counted(content.facts, "fact"),
            counted(content.decisions, "decision"), counted(content.deliveries, "delivery", "deliveries"),
        ].joined(separator: ", ")
    }

    /// `12.4 MB`
    var size: String { megabytes(content.bytes) }

    /// `Mon 21 Sep 2026 08:30 Asia/Shanghai`
    var taken: String {
        content.takenAt.map { "\(TimeText(zone: zone).full($0)) \(zone.name)" }
            ?? "by another program, at an unknown time"
    }

    /// `the store's clock Mon 21 Sep 2026 08:29`
    var clock: String {
        content.clock.map { "the store's clock \(TimeText(zone: zone).full($0))" } ?? "the store had nothing in it"
    }

    var members: [(name: String, value: JSONValue)] {
        func number(_ count: Int) -> JSONValue { .number(Double(count)) }
        return [
            ("takenAt", content.takenAt.map { .string($0.iso8601) } ?? .null),
            ("clock", content.clock.map { .string($0.iso8601) } ?? .null), ("timeZone", .string(zone.name)),
            ("store", .string(content.storeID)), ("schema", number(content.schema)),
            ("customers", number(content.customers)), ("facts", number(content.facts)),
            ("decisions", number(content.decisions)), ("deliveries", number(content.deliveries)),
            ("attempts", number(content.attempts)), ("bytes", .number(Double(content.bytes))),
        ]
    }
}

/// `0.1 MB`, `12.4 MB`, `3,101.0 MB`: of 1,000,000 bytes, a tenth at least.
func megabytes(_ bytes: Int64) -> String {
    let tenths = max(1, (bytes + 50_000) / 100_000)
    return "\(grouped(Int(tenths / 10))).\(tenths % 10) MB"
}
