import CareAPI
import CareEngine
import CareStore
import CareValues
import Hummingbird

/// What is only looked at.
extension ConsoleRoutes {
    func addPages(to routes: RouteTable) {
        routes.get("/console/overview", .page(.read)) { call in
            try await page(call, .overview) { chrome in
                if let welcome = try models.welcome() { return WelcomePage.render(welcome, chrome) }
                return OverviewPage.render(try models.overview(), chrome)
            }
        }
        routes.get("/console/campaigns", .page(.read)) { call in
            let filter = CampaignsModel.Filter(
                text: Self.text(call, "text"), tag: Self.text(call, "tag"), state: Self.text(call, "state"))
            return try await page(call, .campaigns) { CampaignsPage.render(try models.campaigns(filter, $0.voice), $0) }
        }
        routes.get("/console/campaigns/:name", .page(.read)) { call in
            let name = try call.parameter("name")
            return try await page(call, .campaigns, missing: .noSuchCampaign) { chrome in
                try models.campaign(name).map { CampaignPage.render($0, chrome) }
            }
        }
        routes.get("/console/plan", .page(.read)) { call in
            let days = PlanModel.length(Self.text(call, "days"))
            if Self.text(call, "fresh") != nil {
                // What is reloaded until it is there must not begin anew each time.
                models.plans.forget(days)
                return call.redirect(to: Link(["plan"], [("days", String(days))]).text)
            }
            return try await page(call, .plan) { chrome in
                PlanPage.render(try models.plan(days: days, chrome.voice), chrome)
            }
        }
        addCustomers(to: routes)
        addDeliveries(to: routes)
        routes.get("/console/rules", .page(.read)) { call in
            try await page(call, .rules) { chrome in
                try models.rules(showing: nil, chrome.voice).map { RulesPage.render($0, chrome) }
            }
        }
        routes.get("/console/rules/:name", .page(.read)) { call in
            let name = try call.parameter("name")
            return try await page(call, .rules, missing: .noSuchCampaign) { chrome in
                try models.rules(showing: name, chrome.voice).map { RulesPage.render($0, chrome) }
            }
        }
        routes.get("/console/settings", .page(.admin)) { call in
            try await page(call, .settings) { SettingsPage.render(try settings(call, made: nil), $0) }
        }
    }

    private func addCustomers(to routes: RouteTable) {
        routes.get("/console/customers", .page(.read)) { call in
            let (prefix, after) = (Self.text(call, "id") ?? "", Self.text(call, "after"))
            return try await page(call, .customers) { chrome in
                CustomersPage.render(try models.customers(prefix: prefix, after: after), chrome)
            }
        }
        routes.get("/console/customers/:id", .page(.read)) { call in try await customer(call, isRevealed: false) }
        routes.post("/console/customers/:id/reveal", .page(.operate)) { call in
            // Whoever looks at personal data is written down, before it is shown.
            // By the place in the store, which says nothing once the customer is erased; a hash of the id could be guessed.
            let id = try call.parameter("id")
            let place = try await call.service.read { try $0.place(of: id) }
            try await call.note("customers.reveal", place.map { "place \($0)" } ?? "")
            return try await customer(call, isRevealed: true)
        }
    }

    private func customer(_ call: Call, isRevealed: Bool) async throws -> Response {
        let id = try call.parameter("id")
        let older = CustomerReview.Older(
            fact: Self.text(call, "facts").flatMap { Int64($0) },
            decision: Self.text(call, "decisions").flatMap { Int64($0) })
        let kind = Self.text(call, "kind")
        return try await page(call, .customers, missing: .noSuchCustomer) { chrome in
            do {
                return try models.customer(id, isRevealed: isRevealed, older: older, kind: kind, chrome.voice)
                    .map { CustomerPage.render($0, chrome) }
            } catch {
                guard let detail = UnreadableCustomer.detail(of: error) else { throw error }
                return UnreadableCustomerPage.render(id, detail: detail, chrome)
            }
        }
    }

    private func addDeliveries(to routes: RouteTable) {
        routes.get("/console/deliveries", .page(.read)) { call in
            let state = Self.text(call, "state").flatMap(DeliveryState.init(rawValue:))
            let destination = Self.text(call, "destination")
            let campaign = Self.text(call, "campaign")
            let customer = Self.text(call, "customer")
            let before = Self.text(call, "before").flatMap { Int64($0) }
            return try await page(call, .deliveries) { chrome in
                // What is dead is what people come for.
                let usual: DeliveryState = chrome.deadLetters > 0 ? .dead : .waiting
                let filter = DeliveriesModel.Filter(
                    state: state ?? usual, destination: destination, campaign: campaign, customer: customer)
                return DeliveriesPage.render(try models.deliveries(filter, before: before), chrome)
            }
        }
        routes.get("/console/deliveries/:id", .page(.read)) { call in
            let id = try call.parameter("id")
            return try await page(call, .deliveries, missing: .noSuchDelivery) { chrome in
                try models.delivery(id).map { DeliveryPage.render($0, chrome) }
            }
        }
        routes.get("/console/destinations/:name", .page(.read)) { call in
            let name = try call.parameter("name")
            return try await page(call, nil, missing: .noSuchDestination) { chrome in
                try models.destination(name).map { DestinationPage.render($0, chrome) }
            }
        }
        routes.get("/console/ledger", .page(.read)) { call in
            let filter = LedgerFilter(
                customer: Self.text(call, "customer"), outcome: Self.text(call, "outcome"),
                reason: Self.text(call, "reason"))
            let campaign = Self.text(call, "campaign")
            let (from, until) = (Self.text(call, "from"), Self.text(call, "until"))
            let before = Self.text(call, "before").flatMap(LedgerPlace.init(text:))
            return try await page(call, .ledger) { chrome in
                LedgerPage.render(
                    try models.ledger(filter, campaign: campaign, from: from, until: until, before: before), chrome)
            }
        }
    }

    /// A value of a form that was sent in the query, without spaces around it; nil: it is not given, or empty.
    static func text(_ call: Call, _ name: String) -> String? {
        guard var text = call.formQuery(name)?[...] else { return nil }
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text.isEmpty || text.utf8.count > 1_024 ? nil : String(text)
    }

    /// Who may do what; blocks.
    func settings(_ call: Call, made: (name: String, secret: String)?) throws -> SettingsModel {
        let access = call.service.access
        let customers = try call.service.store.read { try $0.customerCount }
        func names(_ scopes: Set<Scope>) -> [String] { Scope.allCases.filter(scopes.contains).map(\.rawValue) }
        return SettingsModel(
            now: call.service.clock.now(), storeName: models.source.storeName, customers: customers,
            tokens: try access.tokens().map {
                SettingsModel.Token(name: $0.name, scopes: names($0.scopes), madeAt: $0.madeAt)
            },
            users: try access.users().map {
                SettingsModel.User(name: $0.name, scopes: names($0.scopes))
            },
            audit: try call.service.audit.entries(limit: 50).map {
                SettingsModel.Audit(at: $0.at, who: $0.who, deed: $0.action, object: $0.object)
            },
            newToken: made, scopes: Scope.allCases.map(\.rawValue))
    }
}

extension LedgerPlace {
    /// As a page's link carries it: `1789442400000.42`.
    init?(text: String) {
        let parts = text.split(separator: ".").map(String.init)
        guard parts.count == 2, let now = Int64(parts[0]), let number = Int64(parts[1]) else { return nil }
        self.init(now: Timestamp(milliseconds: now), number: number)
    }
}
