import CareAPI
import CareEngine
import CarePlanning
import CareStore
import CareValues
import Hummingbird

/// What is done: each deed checked again, written down, and told on the page that it leads to.
extension ConsoleRoutes {
    func addDeeds(to routes: RouteTable) {
        routes.post("/console/do/redrive", .page(.operate), redrive)
        routes.post("/console/do/cancel", .page(.operate), cancel)
        routes.post("/console/do/approve", .page(.operate), approve)
        routes.post("/console/do/enable", .page(.operate)) { call in try await setDestination(call, isDisabled: false) }
        routes.post("/console/do/disable", .page(.operate)) { call in try await setDestination(call, isDisabled: true) }
        routes.post("/console/do/reload", .page(.operate), reload)
        routes.post("/console/do/revoke", .page(.admin), revoke)
        routes.post("/console/settings/tokens", .page(.admin), makeToken)
    }

    // MARK: Telling what a deed came to

    /// A deed's result, as the address of the next page carries it: a word of ours, a number, a name.
    private func done(_ call: Call, _ link: Link, _ word: String, n: Int? = nil, name: String? = nil) -> Response {
        let query = [("done", word), ("n", n.map(String.init)), ("name", name)].compactMap { member in
            member.1.map { "\(member.0)=\(Link.encoded($0))" }
        }
        return call.redirect(to: link.text + (link.text.contains("?") ? "&" : "?") + query.joined(separator: "&"))
    }

    /// The sentence about a deed that the address names; nil: it names none.
    func flash(_ call: Call, _ voice: Voice) -> Flash? {
        guard let word = call.query("done") else { return nil }
        let n = call.query("n").flatMap(Int.init) ?? 0
        let name = String((call.query("name") ?? "").prefix(100))
        switch word {
        case "redrive" where n > 0: return Flash(isGood: true, text: voice(Say.didRedrive, n: n))
        case "cancel" where n > 0: return Flash(isGood: true, text: voice(Say.didCancel, n: n))
        case "redrive", "cancel", "nothing": return Flash(isGood: false, text: voice(Say.didNothing))
        case "moved": return Flash(isGood: false, text: voice(Say.didNotApprove))
        case "approve": return Flash(isGood: true, text: voice(Say.didApprove, ["campaign": name]))
        case "enable": return Flash(isGood: true, text: voice(Say.didEnable, ["name": name]))
        case "disable": return Flash(isGood: true, text: voice(Say.didDisable, ["name": name]))
        case "reload": return Flash(isGood: true, text: voice(Say.didReload, n: n))
        case "refused": return Flash(isGood: false, text: voice(Say.didNotReload))
        case "revoke": return Flash(isGood: true, text: voice(Say.didRevoke))
        default: return nil
        }
    }

    // MARK: Deliveries

    private func redrive(_ call: Call) async throws -> Response {
        let form = try await call.form()
        let ids = Self.chosen(form)
        let isLate = form["late"] != nil
        guard !ids.isEmpty else { return done(call, .deliveries, "nothing") }
        let now = call.service.clock.now()
        let decisionNow = call.service.clock.decisionNow
        let count = try await call.service.live.perform { store, _ in
            var filter = DeliveryFilter()
            filter.ids = ids
            let clock = max(try store.clock ?? decisionNow, decisionNow)
            return try store.redrive(filter, at: now, clock: clock, late: isLate)
        }
        call.service.dispatcher.wake()
        try await note(call, "deliveries.redrive", ids, count)
        let link = ids.count == 1 ? Link.delivery(ids[0]) : Link.deliveries("waiting")
        return done(call, link, "redrive", n: count)
    }

    private func cancel(_ call: Call) async throws -> Response {
        let ids = Self.chosen(try await call.form())
        guard !ids.isEmpty else { return done(call, .deliveries, "nothing") }
        let who = call.identity?.name ?? ""
        let (count, claimed) = try await call.service.live.perform { store, _ in
            var filter = DeliveryFilter()
            filter.ids = ids
            return try store.cancel(filter, reason: "cancelled by \(who)")
        }
        await call.service.takeBack(claimed)
        try await note(call, "deliveries.cancel", ids, count)
        let link = ids.count == 1 ? Link.delivery(ids[0]) : Link.deliveries("cancelled")
        return done(call, link, "cancel", n: count)
    }

    private func note(_ call: Call, _ deed: String, _ ids: [DeliveryID], _ count: Int) async throws {
        guard count > 0 else { return }
        try await call.note(
            deed, ids.count == 1 ? ids[0].text : "\(count) of \(ids.count) chosen, first \(ids[0].text)")
    }

    // MARK: Destinations and rules

    private func setDestination(_ call: Call, isDisabled: Bool) async throws -> Response {
        let name = try await call.form()["destination"] ?? ""
        let known = try await call.service.work.run(.quick) { try models.destination(name) != nil }
        guard known else { return try await problem(.noSuchDestination, call) }
        let now = call.service.clock.now()
        let reason = isDisabled ? "disabled by \(call.identity?.name ?? "")" : nil
        try await call.service.live.perform { store, _ in
            try store.switchDestination(name, disabledReason: reason, now: now)
        }
        call.service.dispatcher.set(name, disabledReason: reason)
        try await call.note(isDisabled ? "destinations.disable" : "destinations.enable", name)
        return done(call, .destination(name), isDisabled ? "disable" : "enable", name: name)
    }

    private func reload(_ call: Call) async throws -> Response {
        // Whoever asks for the rules anew has perhaps changed only their tests.
        defer { models.forgetTests() }
        do {
            let rules = try await call.service.live.reload()
            try await call.note("rules.reload", "epoch \(rules.epoch)")
            return done(call, .rules, "reload", n: Int(rules.epoch))
        } catch let refusal as LiveRefusal {
            throw refusal
        } catch {
            // The findings are kept by the service, and stand on the page.
            try await call.note("rules.reload", "refused")
            return done(call, .rules, "refused")
        }
    }

    // MARK: Plans

    private func approve(_ call: Call) async throws -> Response {
        let form = try await call.form()
        let name = form["campaign"] ?? ""
        let days = PlanModel.length(form["days"])
        let seen = ApprovedCampaign.Seen(
            fingerprint: form["fingerprint"] ?? "", acts: form["acts"].flatMap(Int.init) ?? 0)
        let source = models.source
        let folder = ApprovedPlans(storePath: call.service.environment.storePath)
        let isDone = try await call.service.work.run(.heavy) {
            try ApprovedCampaign.write(name, days: days, seen, source, into: folder)
        }
        guard isDone else {
            models.plans.forget(days)
            return done(call, .plan, "moved")
        }
        try await call.note("plans.approve", name)
        return done(call, .plan, "approve", name: name)
    }

    // MARK: Tokens

    private func makeToken(_ call: Call) async throws -> Response {
        let form = try await call.form()
        let name = form["name"] ?? ""
        guard let scope = form["scope"].flatMap(Scope.init(rawValue:)) else {
            return try await problem(.badRequest, call)
        }
        do {
            let secret = try await call.service.work.run(.quick) {
                try call.service.access.makeToken(name, scopes: [scope])
            }
            try await call.note("tokens.make", name)
            // Not redirected: the secret is shown once, and stands in no address.
            return try await page(call, .settings) {
                SettingsPage.render(try settings(call, made: (name, secret)), $0)
            }
        } catch AccessError.nameTaken, AccessError.badName {
            return done(call, .settings, "nothing")
        }
    }

    private func revoke(_ call: Call) async throws -> Response {
        let name = try await call.form()["token"] ?? ""
        do {
            try await call.service.work.run(.quick) { try call.service.access.revokeToken(name) }
        } catch AccessError.unknownName {
            return done(call, .settings, "nothing")
        }
        try await call.note("tokens.revoke", name)
        return done(call, .settings, "revoke")
    }
}
