import ArgumentParser
import CareStore
import CareStoreSQLite
import CareValues

/// `care deliveries redrive ID... | --destination D …`
struct DeliveriesRedriveCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Put dead or parked deliveries back to waiting.",
        discussion: """
            Examples:
              care deliveries redrive dlv_2omq7ibn
              care deliveries redrive --destination crm --state dead
              care deliveries redrive --destination crm --state dead --yes
              care deliveries redrive dlv_2omq7ibn --late
              care deliveries redrive --unknown --destination sms --yes

            They go out with the next care tick or by care serve, under the same ids. By options it first says how many
            they are; --yes does it. Expired ones stay dead without --late. Those whose answer was lost may arrive
            twice: they are meant only by id or with --unknown.
            """)

    @Argument(help: "Ids, or beginnings of them that only they have.") var id: [String] = []
    @OptionGroup var filter: DeliveryFilterOptions
    @Flag(help: "Expired ones too: they are sent however late it is.") var late = false
    @Flag(help: "Enable disabled destinations among them again: all that is parked for these goes out.")
    var enable = false
    @Flag(help: "Do it, instead of saying how many they are.") var yes = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    var change: Change? {
        id.isEmpty && !yes ? nil : Change(action: "deliveries.redrive", object: filter.object(orIDs: id))
    }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        if !id.isEmpty || yes {
            let store = try workspace.writableStore(owner: "care deliveries", consequence: "nothing was changed")
            let lines = try store.write { try redrive(in: $0, workspace, now: console.now()) }
            try store.close()
            for line in lines { console.line(line) }
            return ExitCode.fine
        }
        let lines = try workspace.readableStore().read { try preview(in: $0, workspace, now: console.now()) }
        for line in lines { console.line(line) }
        return ExitCode.fine
    }

    // MARK: By options

    /// What the options mean, those of no lost answer unless asked for.
    private func selected(_ filter: DeliveryFilter) -> DeliveryFilter {
        var filter = filter
        filter.states = filter.states.isEmpty ? [.dead, .parked] : filter.states.intersection([.dead, .parked])
        if filter.answerLost == nil { filter.answerLost = false }
        return filter
    }

    private struct Count {
        var redriven: [DeliveryState: Int]
        var expired: Int
        var unknown: Int

        var total: Int { redriven.values.reduce(0, +) }
        /// `10 dead, 2 parked`
        var states: String {
            [DeliveryState.dead, .parked].compactMap { state in
                redriven[state].flatMap { $0 > 0 ? "\(grouped($0)) \(state.rawValue)" : nil }
            }.joined(separator: ", ")
        }
        /// What stays as it is, a line each.
        var staying: [String] {
            var lines: [String] = []
            if expired > 0 {
                lines.append(
                    "\(counted(expired, "expired one")) \(expired == 1 ? "stays" : "stay") dead; --late takes them too."
                )
            }
            if unknown > 0 {
                lines.append(
                    "\(counted(unknown, "delivery", "deliveries")) whose answer was lost \(unknown == 1 ? "stays" : "stay") parked: "
                        + "repeated, they might arrive twice. --unknown takes them.")
            }
            return lines
        }
    }

    private func count(_ chosen: DeliveryFilter, in store: any StoreSnapshot, clock: Timestamp) throws -> Count {
        guard !chosen.states.isEmpty else { return Count(redriven: [:], expired: 0, unknown: 0) }
        var counts = try store.deliveryCounts(chosen)
        var expired = 0
        if !late {
            var late = chosen
            late.expiredBy = clock
            for (state, number) in try store.deliveryCounts(late) {
                counts[state, default: 0] -= number
                expired += number
            }
        }
        var unknown = 0
        if chosen.answerLost == false, chosen.states.contains(.parked) {
            var lost = chosen
            lost.answerLost = true
            unknown = try store.deliveryCounts(lost).values.reduce(0, +)
        }
        return Count(redriven: counts, expired: expired, unknown: unknown)
    }

    private func preview(in store: any StoreSnapshot, _ workspace: Workspace, now: Timestamp) throws -> [String] {
        guard
            case .filtered(let wanted) = try DeliverySelection.read(
                id, filter, command: "redrive", workspace, in: store)
        else { return [] }
        let chosen = selected(wanted)
        let count = try count(chosen, in: store, clock: try store.clock ?? now)
        guard count.total > 0 else {
            return ["No delivery\(filter.text) is dead or parked in a way that this redrives."] + count.staying
        }
        var lines = [
            "\(counted(count.total, "delivery", "deliveries"))\(filter.text) would wait again: \(count.states). Nothing was changed."
        ]
        lines += count.staying
        let disabled = try disabledDestinations(of: chosen, in: store)
        if !enable, !disabled.isEmpty {
            lines.append(
                "Disabled: \(disabled.joined(separator: ", ")); what is for them stays parked without --enable.")
        }
        return lines + ["To do it, add --yes"]
    }

    private func disabledDestinations(of filter: DeliveryFilter, in store: any StoreSnapshot) throws -> [String] {
        try store.disabledDestinations().map(\.name).filter { name in
            guard filter.destination == nil || filter.destination == name else { return false }
            var here = filter
            here.destination = name
            return try store.deliveryCounts(here).values.contains { $0 > 0 }
        }
    }

    private func redrive(in store: any StoreTransaction, _ workspace: Workspace, now: Timestamp) throws -> [String] {
        // Expiry is of the decision clock, which a store that is run with --at keeps in the past.
        let clock = try store.clock ?? now
        switch try DeliverySelection.read(id, filter, command: "redrive", workspace, in: store) {
        case .named(let deliveries):
            for delivery in deliveries {
                try check(
                    delivery, clock: clock, time: TimeText(zone: workspace.environment.timeZone), in: store, now: now)
            }
            var named = DeliveryFilter()
            named.ids = deliveries.map(\.order.id)
            _ = try store.redrive(named, at: now, clock: clock, late: late)
            return deliveries.map { "\($0.order.id.text) waits again, for \($0.order.destination)." } + [
                workspace.whatSends
            ]
        case .filtered(let wanted):
            let chosen = selected(wanted)
            let count = try count(chosen, in: store, clock: clock)
            let disabled = try disabledDestinations(of: chosen, in: store)
            guard enable || disabled.isEmpty else {
                throw CommandFailure(
                    "\(disabled.joined(separator: ", ")) \(disabled.count == 1 ? "is" : "are") disabled; nothing was changed",
                    help: "Correct what is wrong there, then add --enable: all that is parked for it goes out.")
            }
            for name in disabled { try store.switchDestination(name, disabledReason: nil, now: now) }
            guard count.total > 0 else {
                return ["No delivery\(filter.text) is dead or parked in a way that this redrives."] + count.staying
            }
            _ = try store.redrive(chosen, at: now, clock: clock, late: late)
            return [
                "\(counted(count.total, "delivery", "deliveries"))\(filter.text) \(count.total == 1 ? "waits" : "wait") again: \(count.states)."
            ]
                + count.staying + [workspace.whatSends]
        }
    }

    // MARK: By id

    private func check(
        _ delivery: StoredDelivery, clock: Timestamp, time: TimeText, in store: any StoreTransaction, now: Timestamp
    ) throws {
        let id = delivery.order.id.text
        guard delivery.state == .dead || delivery.state == .parked else {
            throw CommandFailure("\(id) is \(delivery.state.rawValue), neither dead nor parked; nothing was changed")
        }
        if !late, let expiresAt = delivery.order.expiresAt, expiresAt <= clock {
            throw CommandFailure(
                "\(id) expired \(time.full(expiresAt)); nothing was changed",
                help: "To send it all the same: care deliveries redrive \(id.prefix(12)) --late")
        }
        let name = delivery.order.destination
        guard let disabled = try store.disabledDestinations().first(where: { $0.name == name }) else { return }
        guard enable else {
            throw CommandFailure(
                "destination \(name) is disabled since \(time.short(disabled.since)) (\(disabled.reason)); nothing was changed",
                help: "Correct what is wrong there, then add --enable: all that is parked for it goes out.")
        }
        try store.switchDestination(name, disabledReason: nil, now: now)
    }
}
