import ArgumentParser
import CareValues

/// `care health`
struct HealthCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Whether care serve is alive: exit 0 or 1.",
        discussion: """
            Examples:
              care health
              care health --config /etc/care/care.json
            """)

    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let file = HeartbeatFile(storePath: console.resolved(workspace.environment.storePath))
        let state = HealthState(heartbeat: file.read(), now: console.now())
        switch format {
        case .text: console.line(state.text(TimeText(zone: workspace.environment.timeZone)))
        case .json: console.json(state.json)
        }
        return state.isHealthy ? ExitCode.fine : ExitCode.findings
    }
}

/// What the last sign of life says now.
struct HealthState {
    let heartbeat: HeartbeatFile.Content?
    let now: Timestamp

    /// Seconds since the last sign of life; nil: none.
    var age: Int64? { heartbeat.map { max(0, now.milliseconds(since: $0.at)) / 1000 } }

    var isHealthy: Bool {
        guard let heartbeat else { return false }
        let age = now.milliseconds(since: heartbeat.at)
        return age <= HeartbeatFile.maximumAgeMilliseconds && heartbeat.isDispatching && heartbeat.isRunning
    }

    func text(_ time: TimeText) -> String {
        guard let heartbeat, let age else {
            return "FAIL  no sign of life: care serve is not running, or has not started yet."
        }
        let whose = "care serve, process \(heartbeat.process)"
        if !heartbeat.isRunning {
            return
                "FAIL  \(whose), is gone: its last sign of life was \(age) s ago. Look at its log, or start it again."
        }
        if !isHealthy {
            let limit = HeartbeatFile.maximumAgeMilliseconds / 1000
            return heartbeat.isDispatching
                ? "FAIL  \(whose): last sign of life \(age) s ago, more than \(limit). Look at its log, or start it again."
                : "FAIL  \(whose): decides but does not deliver. Look at its log, or start it again."
        }
        let next = heartbeat.nextWakeUp.map { "next wake-up \(time.short($0))" } ?? "no customer has a wake-up"
        return "ok  \(whose), sign of life \(age) s ago, epoch \(heartbeat.epoch), \(next)"
    }

    var json: JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("healthy", .bool(isHealthy)), ("at", heartbeat.map { .string($0.at.iso8601) } ?? .null),
                ("process", heartbeat.map { .number(Double($0.process)) } ?? .null),
                ("epoch", heartbeat.map { .number(Double($0.epoch)) } ?? .null),
                ("dispatching", heartbeat.map { .bool($0.isDispatching) } ?? .null),
                ("nextWakeUp", heartbeat?.nextWakeUp.map { .string($0.iso8601) } ?? .null),
            ]))
    }
}
