import ArgumentParser

/// The root of the commands.
struct CareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "care",
        abstract: "Customer care as code. Rules say who is cared for, when and how.",
        subcommands: [
            InitCommand.self, CheckCommand.self, TestCommand.self, EvalCommand.self, ImportCommand.self,
            PlanCommand.self, ApplyCommand.self, DiffCommand.self,
            BacktestCommand.self, ExplainCommand.self, TickCommand.self, ServeCommand.self, HealthCommand.self,
            ReceiveCommand.self, SendCommand.self, DeliveriesCommand.self, DestinationsCommand.self,
            CutpointsCommand.self, TokensCommand.self, UsersCommand.self, CustomersCommand.self, BackupCommand.self,
            RestoreCommand.self,
            PruneCommand.self, DoctorCommand.self, ConfigCommand.self,
            VersionCommand.self,
        ]
    )
}

/// How a result is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
