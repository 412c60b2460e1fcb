import CareAPI
import CareEngine
import CarePlanning
import CareStore
import CareValues
import Hummingbird

/// What writes asks once more, on a page of its own, with the numbers of what would be so.
extension ConsoleRoutes {
    func addConfirmations(to routes: RouteTable) {
        routes.post("/console/confirm/deliveries", .page(.operate)) { call in
            let form = try await call.form()
            let deed: DeliveryDeed = form["deed"] == "cancel" ? .cancel : .redrive
            return try await confirmDeliveries(call, deed, Self.chosen(form), state: form["state"])
        }
        for (path, deed) in [("redrive", DeliveryDeed.redrive), ("cancel", .cancel)] {
            routes.get("/console/confirm/\(path)", .page(.operate)) { call in
                try await confirmDeliveries(
                    call, deed, call.query("id").flatMap(DeliveryID.init(text:)).map { [$0] } ?? [], state: nil)
            }
        }
        routes.get("/console/confirm/approve", .page(.operate)) { call in
            let campaign = call.query("campaign") ?? ""
            let days = PlanModel.length(call.query("days"))
            return try await page(call, .plan) { chrome in
                if case .underWay = try models.planState(days: days) {
                    return PlanPage.render(PlanModel(days: days, state: .underWay), chrome)
                }
                return ConfirmPage.render(try confirmApprove(campaign, days, chrome.voice), chrome)
            }
        }
        for (path, isEnabling) in [("enable", true), ("disable", false)] {
            routes.get("/console/confirm/\(path)", .page(.operate)) { call in
                let name = call.query("destination") ?? ""
                return try await page(call, nil, missing: .noSuchDestination) { chrome in
                    try models.destination(name).map {
                        ConfirmPage.render(confirm($0, isEnabling: isEnabling, chrome.voice), chrome)
                    }
                }
            }
        }
        routes.get("/console/confirm/reload", .page(.operate)) { call in
            try await page(call, .rules) { chrome in ConfirmPage.render(confirmReload(chrome), chrome) }
        }
        routes.get("/console/confirm/revoke", .page(.admin)) { call in
            let name = call.query("token") ?? ""
            return try await page(call, .settings) { chrome in
                ConfirmPage.render(confirmRevoke(name, chrome.voice), chrome)
            }
        }
    }

    /// What can be done to deliveries.
    enum DeliveryDeed: String, Sendable {
        case redrive, cancel

        /// The states from which it can be.
        var states: Set<DeliveryState> {
            switch self {
            case .redrive: [.dead, .parked]
            case .cancel: [.waiting, .parked, .sending]
            }
        }
    }

    /// The most deliveries that one form can name.
    static let mostChosen = 500

    /// The ids that a form's boxes name.
    static func chosen(_ form: [String: String]) -> [DeliveryID] {
        form.keys.filter { $0.hasPrefix("id.") }.sorted().prefix(mostChosen).compactMap {
            DeliveryID(text: String($0.dropFirst(3)))
        }
    }

    // MARK: Deliveries

    private func confirmDeliveries(
        _ call: Call, _ deed: DeliveryDeed, _ ids: [DeliveryID], state: String?
    ) async throws -> Response {
        let back = ids.count == 1 && state == nil ? Link.delivery(ids[0]) : Link.deliveries(state ?? "dead")
        return try await page(call, .deliveries) { chrome in
            ConfirmPage.render(try confirm(deed, ids, back: back, chrome.voice), chrome)
        }
    }

    private func confirm(
        _ deed: DeliveryDeed, _ ids: [DeliveryID], back: Link, _ voice: Voice
    ) throws -> ConfirmModel {
        var wanted = DeliveryFilter()
        wanted.ids = ids
        let filter = wanted
        let (found, now) = try models.look { look in
            (ids.isEmpty ? [] : try look.store.deliveries(filter, limit: Self.mostChosen), look.now)
        }
        let able = found.filter { deed.states.contains($0.state) }
        let expired = able.count { DeliveryParts.isExpired($0, now: now) }
        let lost = able.count(where: DeliveryParts.isLost)
        var notes: [(isWarning: Bool, text: Markup)] = []
        if deed == .redrive {
            if expired > 0 { notes.append((true, voice.markup(Say.someExpired, n: expired))) }
            if lost > 0 { notes.append((true, voice.markup(Say.someLost, n: lost))) }
            let names = Set(able.map(\.order.destination))
            let ill = try models.source.store.read {
                try DestinationHealth.all(models.source, in: $0)
            }.filter { names.contains($0.name) && !$0.isWell }
            for row in ill {
                notes.append(
                    (
                        true,
                        voice.markup(
                            Say.illNote,
                            [
                                "name": .text(row.name),
                                "state": .text(voice(DestinationParts.phrase(row.state)).lowercased()),
                            ])
                    ))
            }
        }
        let isRedrive = deed == .redrive
        return ConfirmModel(
            title: voice(isRedrive ? Say.confirmRedrive : Say.confirmCancel, n: able.count),
            lead: able.isEmpty
                ? voice.markup(Say.noneOfThem)
                : voice.markup(isRedrive ? Say.confirmRedriveLead : Say.confirmCancelLead, n: able.count),
            notes: notes, action: Link(["do", deed.rawValue]),
            members: able.map { ("id." + $0.order.id.text, "yes") },
            button: voice(isRedrive ? Say.redriveButton : Say.cancelButton, n: able.count), isDangerous: !isRedrive,
            isPossible: !able.isEmpty, back: back, place: .deliveries,
            option: isRedrive && expired > 0 ? ("late", voice(Say.sendLate)) : nil)
    }

    // MARK: Plans, destinations, rules, tokens

    private func confirmApprove(_ campaign: String, _ days: Int, _ voice: Voice) throws -> ConfirmModel {
        var approval: PlannedPeriod.Approval?
        var plan: Plan?
        if case .ready(let period) = try models.planState(days: days) {
            approval = period.approvals.first { $0.campaign == campaign }
            plan = period.plan
        }
        // What is approved is made anew; it must not be of other rules, nor to more customers, than is read here.
        let members: [(name: String, value: String)] = [
            ("campaign", campaign), ("days", String(days)), ("fingerprint", plan?.fingerprint ?? ""),
            ("acts", String(approval?.acts ?? 0)),
        ]
        return ConfirmModel(
            title: voice(Say.confirmApprove, ["campaign": campaign]),
            lead: approval.map { approval in
                voice.markup(
                    Say.confirmApproveLead, n: approval.acts,
                    ["until": .text(plan.map { voice.instant($0.until) } ?? "")])
            } ?? voice.markup(Say.approveRefused),
            notes: [], action: Link(["do", "approve"]), members: members,
            button: voice(Say.approve, ["campaign": campaign]), isDangerous: false, isPossible: approval != nil,
            back: Link(["plan"], [("days", String(days))]), place: .plan, option: nil)
    }

    private func confirm(_ model: DestinationModel, isEnabling: Bool, _ voice: Voice) -> ConfirmModel {
        let name = model.standing.name
        let isDisabled = model.standing.state == .disabled
        return ConfirmModel(
            title: voice(isEnabling ? Say.confirmEnable : Say.confirmDisable, ["name": name]),
            lead: isEnabling
                ? voice.markup(Say.confirmEnableLead, n: model.standing.parked)
                : voice.markup(Say.confirmDisableLead, n: model.standing.waiting),
            notes: [], action: Link(["do", isEnabling ? "enable" : "disable"]), members: [("destination", name)],
            button: voice(isEnabling ? Say.enableThis : Say.disableThis, ["name": name]), isDangerous: !isEnabling,
            isPossible: isDisabled == isEnabling, back: .destination(name), place: .overview, option: nil)
    }

    private func confirmReload(_ chrome: Chrome) -> ConfirmModel {
        let voice = chrome.voice
        return ConfirmModel(
            title: voice(Say.confirmReload),
            lead: voice.markup(
                Say.confirmReloadLead,
                [
                    "folder": tag("code") { models.source.rulesName },
                    "epoch": .text(chrome.epoch.map { voice.number(Int($0)) } ?? "\u{2013}"),
                ]),
            notes: [], action: Link(["do", "reload"]), members: [], button: voice(Say.reloadButton), isDangerous: false,
            isPossible: true, back: .rules, place: .rules, option: nil)
    }

    private func confirmRevoke(_ name: String, _ voice: Voice) -> ConfirmModel {
        ConfirmModel(
            title: voice(Say.confirmRevoke, ["name": name]), lead: voice.markup(Say.confirmRevokeLead), notes: [],
            action: Link(["do", "revoke"]), members: [("token", name)], button: voice(Say.revokeButton, ["name": name]),
            isDangerous: true, isPossible: !name.isEmpty, back: .settings, place: .settings, option: nil)
    }
}
