import CareAPI
import CareValues
import Hummingbird

/// Signing in and out, and the first user.
extension ConsoleRoutes {
    func addAccess(to routes: RouteTable) {
        routes.get("/sign-in", .anyone) { call in
            if call.identity?.kind == .session { return call.redirect(to: Link.overview.text) }
            return try await signInPage(call, name: "", refusal: nil, next: call.query("next"))
        }
        routes.post("/sign-in", .anyone, signIn)
        routes.post("/console/sign-out", .session) { call in
            if let session = call.sessionID {
                try await call.service.work.run(.deed) { try call.service.access.signOut(session) }
            }
            return call.endingSession(on: call.redirect(to: Link.signIn.text))
        }
        routes.get("/setup", .anyone) { call in
            try await setUpPage(call, key: call.query("key") ?? "", name: "", refusal: nil)
        }
        routes.post("/setup", .anyone, setUp)
    }

    private func signInPage(
        _ call: Call, name: String, refusal: SignInModel.Refusal?, next: String?
    ) async throws -> Response {
        let hasUsers = try await call.service.work.run(.quick) { try call.service.access.hasUsers }
        let model = SignInModel(
            project: project, name: name, refusal: refusal, next: Self.local(next), hasNoUsers: !hasUsers)
        let status =
            switch refusal {
            case nil: 200
            case .wrong?: 401
            case .throttled?: 429
            }
        return answer(call, SignInPage.render(model, voice(call)), status: status)
    }

    private func signIn(_ call: Call) async throws -> Response {
        try Self.requireOwnOrigin(call)
        let form = try await call.form()
        let (name, password) = (form["name"] ?? "", form["password"] ?? "")
        do {
            let signedIn = try await call.service.work.run(.deed) {
                try call.service.access.signIn(
                    name, password: password, from: call.context.address, endingSession: call.sessionID)
            }
            return call.settingSession(
                signedIn, on: call.redirect(to: Self.local(form["next"]) ?? Link.overview.text))
        } catch AccessError.wrongCredentials {
            call.service.observe(.signInFailed(address: call.context.address))
            return try await signInPage(call, name: name, refusal: .wrong, next: form["next"])
        } catch AccessError.throttled(let seconds) {
            var response = try await signInPage(
                call, name: name, refusal: .throttled(seconds: seconds), next: form["next"])
            response.headers[.retryAfter] = String(seconds)
            return response
        }
    }

    /// Forms before there is a session carry no token: a browser says where they come from, and that must be here.
    private static func requireOwnOrigin(_ call: Call) throws {
        if let site = call.header("sec-fetch-site"), site != "same-origin", site != "none" {
            throw Problem(403, "bad-csrf-token", "the form comes from another site")
        }
        if let origin = call.header("origin"), origin != "null",
            let host = call.header("host") ?? call.request.head.authority,
            !origin.hasSuffix("://" + host)
        {
            throw Problem(403, "bad-csrf-token", "the form comes from another site")
        }
    }

    // MARK: The first user

    private func setUpPage(
        _ call: Call, key: String, name: String, refusal: SetUpModel.Refusal?
    ) async throws -> Response {
        var refusal = refusal
        let isGood = try await call.service.work.run(.quick) { try call.service.access.isSetupKey(key) }
        if !isGood || !call.context.isLocal { refusal = .link }
        let model = SetUpModel(
            project: project, key: key, name: name, refusal: refusal, minimumLength: Access.shortestPassword)
        return answer(
            call, SetUpPage.render(model, voice(call)), status: refusal == nil ? 200 : refusal == .link ? 403 : 422)
    }

    private func setUp(_ call: Call) async throws -> Response {
        try Self.requireOwnOrigin(call)
        let form = try await call.form()
        let (key, name) = (form["key"] ?? "", form["name"] ?? "")
        guard call.context.isLocal else { return try await setUpPage(call, key: key, name: name, refusal: .link) }
        guard form["password"] == form["again"] else {
            return try await setUpPage(call, key: key, name: name, refusal: .different)
        }
        do {
            let signedIn = try await call.service.work.run(.deed) {
                try call.service.access.setUp(key: key, name: name, password: form["password"] ?? "")
            }
            try await call.note("users.make", name, by: signedIn.identity)
            return call.settingSession(signedIn, on: call.redirect(to: Link.overview.text))
        } catch AccessError.badPassword {
            return try await setUpPage(call, key: key, name: name, refusal: .shortPassword)
        } catch AccessError.badName {
            return try await setUpPage(call, key: key, name: name, refusal: .takenName)
        } catch AccessError.badSetupLink {
            return try await setUpPage(call, key: key, name: name, refusal: .link)
        }
    }
}
