import CareAPI
import CareEngine
import CareStore
import CareThreads
import CareValues
import HTTPTypes
import Hummingbird
import NIOCore

/// The console: pages under `/console`, signing in at `/sign-in`, the first user at `/setup`.
public struct ConsoleRoutes: RouteSet {
    let models: ConsoleModels
    let project: String

    /// The console of a service.
    ///
    /// - Parameters:
    ///   - candidate: the rules before any are in force.
    ///   - project: what the project is called, beside the program's name; empty: nothing.
    ///   - rulesName: the folder of rule files as people read it.
    ///   - refusal: the findings of the last reload that was refused, and the real clock then; nil: none since the last
    ///     that was not.
    ///   - tests: the files of tests beside the rules, as they are now; it may block.
    public init(
        service: ServiceContext, startingWith candidate: CandidateRules, project: String, rulesName: String,
        storeName: String,
        refusal: @escaping @Sendable () -> (at: Timestamp, diagnostics: [Diagnostic])?,
        tests: @escaping @Sendable () -> [RuleTestText]
    ) {
        self.project = project
        models = ConsoleModels(ConsoleSource(service, candidate, rulesName, storeName, refusal, tests))
    }

    init(models: ConsoleModels, project: String) {
        self.models = models
        self.project = project
    }

    /// Adds every page and deed.
    public func add(to routes: RouteTable) {
        routes.get("/", .anyone) { $0.redirect(to: Link.overview.text) }
        routes.get("/console", .anyone) { $0.redirect(to: Link.overview.text) }
        routes.get("/console/assets/:name", .anyone, asset)
        routes.get("/console/language", .anyone, language)
        addAccess(to: routes)
        addPages(to: routes)
        addConfirmations(to: routes)
        addDeeds(to: routes)
        routes.get("/console/**", .page(.read)) { call in
            try await problem(.notFound, call)
        }
        routes.problemPage = { problem, call in await self.page(of: problem, call) }
    }

    // MARK: Files and language

    /// Kept for ever: another content has another name.
    private func asset(_ call: Call) async throws -> Response {
        let name = try call.parameter("name")
        guard let asset = Assets.all.first(where: { $0.name == name }) else {
            throw Problem(404, "no-such-asset", "the program has no such file")
        }
        var response = Response(
            status: .ok, headers: [.contentType: asset.type, .cacheControl: "public, max-age=31536000, immutable"],
            body: .init(byteBuffer: ByteBuffer(bytes: asset.bytes)))
        response.headers[.eTag] = "\"\(asset.name)\""
        return response
    }

    private func language(_ call: Call) async throws -> Response {
        var response = call.redirect(to: Self.local(call.query("back")) ?? Link.overview.text)
        if let language = call.query("to").flatMap(Language.init(code:)) {
            response.headers[.setCookie] =
                "\(Self.languageCookie)=\(language.code); Path=/; SameSite=Lax; Max-Age=31536000"
                + (call.context.isSecure ? "; Secure" : "")
        }
        return response
    }

    static let languageCookie = "care_language"

    /// A path of ours that was handed around, or nil: nothing that leads elsewhere (`//host`, `/\host`).
    static func local(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"), path.utf8.count <= 2_000,
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return path
    }

    // MARK: What all pages share

    /// The language of whoever calls, in the project's zone.
    func voice(_ call: Call) -> Voice {
        var cookie: String?
        for field in call.request.headers where field.name.canonicalName == "cookie" {
            for part in field.value.split(separator: ";") {
                let pair = part.split(separator: "=", maxSplits: 1)
                if pair.count == 2, pair[0].drop(while: { $0 == " " }) == Self.languageCookie {
                    cookie = String(pair[1])
                }
            }
        }
        return Voice(
            language: .chosen(cookie: cookie, acceptLanguage: call.header("accept-language")), zone: models.zone)
    }

    /// What stands around a page; blocks.
    func chrome(_ call: Call, _ place: Chrome.Place?) throws -> Chrome {
        let frame = try models.frame()
        let voice = voice(call)
        let reach: Reach = call.identity.map(Reach.init) ?? .read
        return Chrome(
            project: project, voice: voice, place: place, path: Self.path(of: call.request), campaigns: frame.campaigns,
            deadLetters: frame.deadLetters, refusedFindings: models.source.refusal()?.diagnostics.count ?? 0,
            epoch: frame.epoch, fingerprint: frame.fingerprint, now: frame.now, user: call.identity?.name ?? "",
            scope: reach, csrf: call.identity?.csrfToken ?? "", flash: flash(call, voice))
    }

    private static func path(of request: Request) -> String {
        guard request.method == .get else { return Link.overview.text }
        return local(request.uri.string) ?? Link.overview.text
    }

    /// A page made on a thread where blocking is right; nil: there is no such thing.
    func page(
        _ call: Call, _ place: Chrome.Place?, missing: ProblemPage.Problem = .notFound,
        _ make: @escaping @Sendable (Chrome) throws -> String?
    ) async throws -> Response {
        do {
            let text = try await call.service.work.run(.quick) { try make(chrome(call, place)) }
            guard let text else { return try await problem(missing, call) }
            return answer(call, text)
        } catch is StoreError {
            return await self.page(of: Problem(503, "store-failed", "the store cannot be read"), call)
        } catch is EngineError {
            return await self.page(of: Problem(503, "store-failed", "the rules in force cannot be read"), call)
        }
    }

    /// The page of what is not there.
    func problem(_ problem: ProblemPage.Problem, _ call: Call) async throws -> Response {
        let text = try await call.service.work.run(.quick) { ProblemPage.render(problem, try chrome(call, nil)) }
        return answer(call, text, status: ProblemPage.status(problem))
    }

    /// The page of what the server refuses, for people.
    func page(of problem: Problem, _ call: Call) async -> Response {
        let kind: ProblemPage.Problem =
            switch problem.code {
            case "wrong-scope": .forbidden
            case "bad-csrf-token": .staleForm
            case "no-such-resource": .notFound
            default: problem.status >= 500 ? (problem.status == 500 ? .failed : .unavailable) : .badRequest
            }
        // Where nothing of the store can be read, the page stands alone.
        let voice = voice(call)
        var text = ProblemPage.alone(kind, voice, project: project)
        if call.identity != nil, problem.status < 500,
            let made = try? await call.service.work.run(.quick, { ProblemPage.render(kind, try chrome(call, nil)) })
        {
            text = made
        }
        var response = answer(call, text, status: problem.status)
        if let seconds = problem.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// A page, with a policy that lets in nothing but our own files.
    func answer(_ call: Call, _ text: String, status: Int = 200) -> Response {
        var response = call.html(text, status: status)
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        response.headers[.cacheControl] = "no-store"
        response.headers[.vary] = "Accept-Language, Cookie"
        return response
    }
}
