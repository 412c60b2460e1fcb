import CareEngine
import CareRules
import CareValues

extension CommandFailure {
    /// An engine's refusal in the words of the command line.
    ///
    /// - Parameter option: what the clock was named by; nil: it is the machine's own.
    init(engineError: EngineError, zone: Zone, option: String?) {
        switch engineError {
        case .noRules:
            self.init(
                "no rules are in force in this store", help: "care tick or care serve puts the files' rules in force.")
        case .unreadableRules(let epoch):
            self.init(
                "the rules of epoch \(epoch) cannot be read by this care; nothing was changed",
                help: "Use a newer care.")
        case .unknownZone(let name, let epoch):
            self.init(
                "the rules of epoch \(epoch) name the time zone '\(name)', which this system does not have; nothing was changed",
                help: "Install the system's zone data (tzdata, tzdata-legacy for old names), or set TZDIR.")
        case .clockBehindStore(let asked, let store):
            let time = TimeText(zone: zone)
            self.init(
                "\(time.full(asked)) is before the store's clock, \(time.full(store)) \(zone.name); nothing was done",
                help: option.map { "Name a later \($0). Looking back is care explain, and care backtest." }
                    ?? "The store was written by a later clock: set the machine's right, or name a later --at.")
        case .unreadableRow:
            self.init(
                "a customer's row cannot be read: the store is damaged, or of a newer care; nothing was changed",
                help: CommandFailure.unreadableHelp)
        }
    }
}

/// Names of campaigns as people type them.
enum CampaignNames {
    /// Throws a ``CommandFailure`` with a suggestion when the rules have no such campaign.
    static func require(_ name: String, in rules: RuleSet) throws {
        guard rules.index(ofCampaign: name) == nil else { return }
        throw unknown(name, known: rules.campaigns.map(\.name))
    }

    static func unknown(_ name: String, known: [String]) -> CommandFailure {
        let suggestion = nearest(name, in: known).map { "Did you mean '\($0)'?" }
        return .usage("no campaign '\(name)'", help: suggestion ?? "There are: \(known.joined(separator: ", "))")
    }
}
