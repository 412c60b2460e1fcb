import CareValues

/// Settings that variables of the process's environment say: they stand above `care.json`, and below options.
public enum EnvironmentVariables {
    /// The path of `care.json`, where no `--config` is given.
    public static let config = "CARE_CONFIG"

    /// The variables, by the setting each stands for; paths are relative to the working directory.
    public static let names: [(variable: String, setting: String)] = [
        ("CARE_TIME_ZONE", "timeZone"), ("CARE_STORE", "store"), ("CARE_RULES", "rules"),
        ("CARE_TEMPLATES", "templates"), ("CARE_RECOVERY_RATE", "recoveryRate"),
        ("CARE_RETENTION_FACTS", "retention.facts"), ("CARE_RETENTION_DECISIONS", "retention.decisions"),
        ("CARE_RETENTION_DELIVERIES", "retention.deliveries"), ("CARE_LISTEN", "server.listen"),
    ]

    /// Why a variable cannot be used; its value is not repeated.
    public struct Refusal: Error, Sendable, Hashable {
        /// The variable's name.
        public var variable: String
        /// What it must be.
        public var expectation: String
    }

    /// Puts what variables say over what the file says.
    ///
    /// - Parameter resolved: makes a path whole. - Throws: ``Refusal``.
    public static func apply(
        _ variables: [String: String], to environment: inout CareEnvironment, zones: any ZoneDirectory,
        resolved: (String) -> String
    ) throws(Refusal) {
        for (variable, setting) in names {
            guard let value = variables[variable], !value.isEmpty else { continue }
            func refusal(_ expectation: String) -> Refusal { Refusal(variable: variable, expectation: expectation) }
            switch setting {
            case "timeZone":
                guard let zone = zones.zone(named: value) else { throw refusal("an IANA name: Europe/Paris") }
                environment.timeZone = zone
            case "store": environment.storePath = resolved(value)
            case "rules": environment.rulesPath = resolved(value)
            case "templates":
                environment.templatesPath = resolved(value)
                environment.namesTemplates = true
            case "recoveryRate":
                guard let rate = Double(value), rate > 0, rate <= 1_000_000 else {
                    throw refusal("a number above 0: decisions a second")
                }
                environment.recoveryRate = rate
            case "server.listen":
                guard let (host, port) = ServerSettings.address(value) else { throw refusal("host:port") }
                (environment.server.host, environment.server.port) = (host, port)
            default:
                guard let duration = CareEnvironment.retention(value) else {
                    throw refusal("a length of whole days: P90D, P18M, P2Y")
                }
                switch setting {
                case "retention.facts": environment.retention.facts = duration
                case "retention.decisions": environment.retention.decisions = duration
                default: environment.retention.deliveries = duration
                }
            }
            environment.overridden[setting] = variable
        }
    }
}
