import CareDecisions
import CareDispatch
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareValues

/// Deliveries, destinations, the ledger.
extension ConsoleModels {
    func deliveries(_ filter: DeliveriesModel.Filter, before: Int64?) throws -> DeliveriesModel {
        try look { look in
            var stored = DeliveryFilter(
                states: filter.state == .waiting ? [.waiting, .sending] : [filter.state],
                destination: filter.destination,
                campaign: filter.campaign.map(look.identity), customer: filter.customer)
            if let text = filter.customer, text.hasPrefix("dlv_") {
                // The same field finds a delivery by its id.
                stored.customer = nil
                stored.ids = try look.store.deliveries(idPrefix: text, limit: Self.pageSize).map(\.order.id)
                stored.states = []
                if stored.ids.isEmpty { stored.customer = text }
            }
            let found = try look.store.deliveries(stored, before: before, limit: Self.pageSize + 1)
            let standings = try DestinationHealth.all(source, in: look.store)
            return DeliveriesModel(
                now: look.now, filter: filter, counts: try look.store.deliveryCounts(),
                deliveries: found.prefix(Self.pageSize).map(\.delivery),
                next: found.count > Self.pageSize ? found[Self.pageSize - 1].place : nil, isFurther: before != nil,
                destinations: standings.map(\.name), campaigns: (look.set?.campaigns ?? []).map(\.name),
                ill: standings.filter { !$0.isWell }, causes: try causes(look))
        }
    }

    /// Why the newest dead letters are dead.
    private func causes(_ look: Look) throws -> [(cause: String, count: Int)] {
        let dead = try look.store.deliveries(DeliveryFilter(states: [.dead]), before: nil, limit: 500)
        let counts = Dictionary(grouping: dead, by: \.delivery.reason).mapValues(\.count)
        return counts.filter { !$0.key.isEmpty }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            ($0.key, $0.value)
        }
    }

    /// Nil: there is none whose id begins so, or there are several.
    func delivery(_ id: String) throws -> DeliveryModel? {
        try look { look in
            guard id.hasPrefix("dlv_"), id.utf8.count >= 8 else { return nil }
            let found = try look.store.deliveries(idPrefix: id, limit: 2)
            guard found.count == 1, let delivery = found.first else { return nil }
            var shown = delivery
            // Without rules nothing says what is personal, and nothing is decided either.
            if let schema = look.set?.schema { shown.order.key = Mask.key(delivery.order.key, schema) }
            let decision = try look.store.recentLedger(of: delivery.order.customer, before: nil, limit: 400)
                .first { $0.entry.key == delivery.order.id }?.entry
            return DeliveryModel(
                now: look.now, delivery: shown, attempts: try look.store.attempts(of: delivery.order.id),
                destination: try DestinationHealth.all(source, in: look.store)
                    .first { $0.name == delivery.order.destination },
                data: JSONWriter.indentedText(try data(of: delivery.order, decision, look)), epoch: decision?.epoch)
        }
    }

    /// A message's data, what came from personal attributes hidden; everything, where the rules it was filled by are not
    /// to be had.
    private func data(of order: NewDelivery, _ decision: LedgerEntry?, _ look: Look) throws -> JSONValue {
        guard let decision, decision.epoch > 0, let rules = look.rules, let data = JSONValue(storedText: order.data)
        else {
            return MaskedDelivery.data(of: order)
        }
        let set = try rules.decider(ofEpoch: decision.epoch, in: look.store).active.rules
        guard let index = set.index(ofIdentity: decision.campaign),
            let action = set.campaigns[index].steps.first(where: { $0.name == decision.step })?
                .actions.first(where: { $0.name == decision.action })
        else { return MaskedDelivery.data(of: order) }
        return Mask.data(data, filledFrom: action.data, of: set.campaigns[index], set.schema)
    }

    /// Nil: `care.json` names none of that name, and nothing lies for it.
    func destination(_ name: String) throws -> DestinationModel? {
        try look { look in
            let all = try DestinationHealth.all(source, in: look.store)
            guard let standing = all.first(where: { $0.name == name }) else { return nil }
            let settings = source.destinations.first { $0.name == name }
            let campaigns = (look.set?.campaigns ?? []).filter { campaign in
                campaign.steps.contains { $0.actions.contains { $0.destination == name } }
            }
            return DestinationModel(
                now: look.now, standing: standing, campaigns: campaigns.map(\.name), concurrency: settings?.concurrency,
                isOrdered: settings?.isOrdered ?? false, timeoutMilliseconds: settings?.timeoutMilliseconds)
        }
    }

    /// Decisions that were searched for; dates are days of the project's zone, the last one included.
    func ledger(
        _ filter: LedgerFilter, campaign: String?, from: String?, until: String?, before: LedgerPlace?
    ) throws -> LedgerModel {
        let started = source.clock.now()
        return try look { look in
            var filter = filter
            filter.campaign = campaign.map(look.identity)
            filter.from = from.flatMap(CivilDate.init(text:)).map(zone.startOfDay)
            filter.until = until.flatMap(CivilDate.init(text:)).map { zone.startOfDay($0.advanced(byDays: 1)) }
            let found = try look.store.ledger(filter, before: before, limit: Self.pageSize + 1)
            return LedgerModel(
                now: look.now, filter: filter, campaign: campaign, from: from, until: until,
                findings: found.prefix(Self.pageSize).map { finding in
                    var finding = finding
                    if let schema = look.set?.schema { finding.entry = finding.entry.masked(schema) }
                    return finding
                },
                next: found.count > Self.pageSize ? found[Self.pageSize - 1].place : nil, isFurther: before != nil,
                campaigns: (look.set?.campaigns ?? []).map(\.name), reasons: Reason.allCases.map(\.rawValue),
                names: look.names, milliseconds: source.clock.now().milliseconds(since: started))
        }
    }

    /// The rules in force; of one campaign its text. Nil: there is no such campaign.
    func rules(showing name: String?, _ voice: Voice) throws -> RulesModel? {
        try look { look in
            let text = try look.store.activeRuleSet()?.text ?? "{}"
            var root = JSONObject()
            if case .object(let object)? = JSONValue(storedText: text) { root = object }
            var shown: (String, String)?
            if let name {
                guard case .object(let campaigns)? = root["campaigns"], let value = campaigns[name] else { return nil }
                shown = (name, JSONWriter.indentedText(value))
            }
            let schema = look.set?.schema
            return RulesModel(
                now: look.now, epoch: look.rules?.current.active.epoch, fingerprint: look.rules?.fingerprint ?? "",
                activatedAt: look.rules?.current.active.activatedAt, zone: zone.name,
                campaigns: look.set?.campaigns.count ?? 0, attributes: schema?.attributes.count ?? 0,
                traits: schema?.traits.count { !$0.isHidden } ?? 0, segments: schema?.segments.count ?? 0,
                rulesName: source.rulesName, refusal: source.refusal(),
                names: look.set.map { set in
                    let words = RuleWords(rules: set, voice: voice)
                    return set.campaigns.map { ($0.name, words.starts($0.trigger)) }
                } ?? [], shown: shown,
                policies: look.set.map { RuleWords(rules: $0, voice: voice).policies } ?? [],
                policiesText: root["policies"].map(JSONWriter.indentedText))
        }
    }
}
