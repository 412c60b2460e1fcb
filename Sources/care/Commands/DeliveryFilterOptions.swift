import ArgumentParser
import CareStore
import CareValues

/// The options by which deliveries are named many at once.
struct DeliveryFilterOptions: ParsableArguments {
    @Option(help: "waiting, sending, delivered, dead, parked, cancelled; several with commas.") var state: String?
    @Option(help: "For this destination.") var destination: String?
    @Option(help: "Ordered by this campaign.") var campaign: String?
    @Option(help: "About this customer.") var customer: String?
    @Option(help: "Decided since an instant, or so long ago: 2026-09-21T08:00, PT2H, P7D.") var since: String?
    @Flag(help: "Parked because the answer was lost: it may have arrived, and repeating is not safe.")
    var unknown = false

    /// Whether nothing was given.
    var isEmpty: Bool {
        state == nil && destination == nil && campaign == nil && customer == nil && since == nil && !unknown
    }

    /// What was given apart from states, in words behind a count: ` to crm of birthday-gold`; empty: nothing.
    var text: String {
        var text = ""
        if let destination { text += " to \(destination)" }
        if let campaign { text += " of \(campaign)" }
        if let customer { text += " about \(customer)" }
        if let since { text += " since \(since)" }
        return text
    }

    /// The filter. - Throws: ``CommandFailure`` that names the mistake; a destination must be known to care.json or have
    /// a delivery in the outbox, which is not asked here.
    func filter(_ workspace: Workspace) throws -> DeliveryFilter {
        var filter = DeliveryFilter(states: Set(try states()))
        filter.destination = destination
        filter.campaign = campaign
        filter.customer = customer
        filter.decidedFrom = try since.map { text in
            if let duration = ISODuration(text: text) {
                guard let milliseconds = duration.fixedMilliseconds, milliseconds > 0 else {
                    throw CommandFailure.usage(
                        "--since '\(text)' is no length of time that can be counted back",
                        help: "Days, hours, minutes: P7D, PT2H, PT30M.")
                }
                return workspace.console.now().advanced(byMilliseconds: -milliseconds)
            }
            return try workspace.instant(text, option: "--since")
        }
        if unknown { filter.answerLost = true }
        return filter
    }

    private func states() throws -> [DeliveryState] {
        guard let state else { return [] }
        return try state.split(separator: ",").map { word in
            let name = String(word.filter { $0 != " " })
            if let state = DeliveryState(rawValue: name) { return state }
            let known = DeliveryState.allCases.map(\.rawValue)
            let help = nearest(name, in: known).map { "Did you mean '\($0)'?" }
            throw CommandFailure.usage(
                "no state '\(name)'", help: help ?? "There are: \(known.joined(separator: ", "))")
        }
    }
}

extension DeliveryFilterOptions {
    /// Which deliveries, for the record of changes: their ids, or what narrows them; never a customer.
    func object(orIDs ids: [String]) -> String {
        guard ids.isEmpty else { return ids.joined(separator: " ") }
        return [
            destination.map { "destination=\($0)" }, campaign.map { "campaign=\($0)" },
            customer.map { _ in "customer" }, state.map { "state=\($0)" },
        ].compactMap { $0 }.joined(separator: " ")
    }
}

/// What a command that changes many deliveries works on.
enum DeliverySelection {
    /// Those of the ids, each named by its beginning.
    case named([StoredDelivery])
    /// Those of a filter.
    case filtered(DeliveryFilter)

    /// Reads what was named. - Throws: ``CommandFailure`` when nothing was, or both ways were used.
    static func read(
        _ ids: [String], _ options: DeliveryFilterOptions, command: String, _ workspace: Workspace,
        in store: any StoreSnapshot
    ) throws -> DeliverySelection {
        guard ids.isEmpty || options.isEmpty else {
            throw CommandFailure.usage("care deliveries \(command) takes ids or options such as --campaign, not both")
        }
        guard ids.isEmpty else { return .named(try ids.map { try DeliveryLookup.one($0, in: store) }) }
        guard !options.isEmpty else {
            throw CommandFailure.usage(
                "care deliveries \(command) is not told which",
                help: "Name ids, or for example --destination crm, --campaign win-back, --state dead.")
        }
        return .filtered(try options.filter(workspace))
    }
}
