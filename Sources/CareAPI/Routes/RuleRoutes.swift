import CareEngine
import CareLogic
import CareRules
import CareValues
import Hummingbird

/// The rules in force, and what they would do.
public struct RuleRoutes: RouteSet {
    /// The most files that are checked at once.
    private static let mostFiles = 1_000

    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.get("/v1/campaigns", .scope(.read)) { call in
            let rules = try call.service.rules
            return call.json(["items": .array(rules.rules.campaigns.indices.map { Self.campaign($0, rules) })])
        }
        routes.get("/v1/campaigns/:name", .scope(.read)) { call in
            let rules = try call.service.rules
            guard let index = rules.rules.index(ofCampaign: try call.parameter("name")) else { throw Self.unknown }
            return call.json(Self.campaign(index, rules))
        }
        routes.get("/v1/segments", .scope(.read)) { call in
            let rules = try call.service.rules
            let definitions = Self.definitions("segments", rules)
            return call.json([
                "items": .array(
                    rules.rules.schema.segments.map { segment in
                        ["name": .string(segment.name), "condition": definitions[segment.name] ?? .null]
                    })
            ])
        }
        routes.get("/v1/rules", .scope(.read)) { call in
            let rules = try call.service.rules
            var response = call.json([
                "epoch": .number(Double(rules.epoch)), "fingerprint": .string(rules.fingerprint),
                "activatedAt": .string(rules.activatedAt.iso8601), "timeZone": .string(rules.zone.name),
                "rules": JSONValue(storedText: rules.rules.canonicalText) ?? .null,
            ])
            response.headers[.eTag] = "\"\(rules.fingerprint)\""
            return response
        }
        routes.post("/v1/rules/check", .scope(.read)) { call in
            let files = try Self.files(try await call.json().root["files"])
            let questions = call.service.questions
            let diagnostics = try await call.service.work.run(.heavy) { try questions.checkRules(files) }
            return call.json([
                "ok": .bool(!diagnostics.hasErrors), "diagnostics": .array(diagnostics.map(\.json)),
            ])
        }
        routes.post("/v1/rules/reload", .scope(.operate)) { call in
            let before = try call.service.rules.epoch
            do {
                let rules = try await call.service.live.reload()
                try await call.note("rules.reload", String(rules.fingerprint.prefix(12)))
                return call.json([
                    "epoch": .number(Double(rules.epoch)), "fingerprint": .string(rules.fingerprint),
                    "changed": .bool(rules.epoch != before),
                ])
            } catch let refused as FilesRefused {
                throw Problem.findings(
                    refused.diagnostics, "the rule files have mistakes; the rules in force stay as they are")
            }
        }
    }

    static var unknown: Problem { Problem(404, "unknown-campaign", "the rules in force have no such campaign") }

    /// Rule files as a request holds them: their names, and each file's object or its text.
    static func files(_ node: JSONNode?) throws -> [(name: String, bytes: [UInt8])] {
        guard let node, node.kind == .object, (1...mostFiles).contains(node.count) else {
            throw Problem(422, "bad-files", "files is an object: names, and for each the file's object or its text")
        }
        return node.members.map { name, file in
            (name: name.string ?? "", bytes: Array((file.string ?? file.text).utf8))
        }
    }

    private static func campaign(_ index: Int, _ rules: RulesView) -> JSONValue {
        let campaign = rules.rules.campaigns[index]
        return [
            "name": .string(campaign.name), "activeSince": .string(rules.decider.active.starts[index].iso8601),
            "definition": definitions("campaigns", rules)[campaign.name] ?? .null,
        ]
    }

    /// What the rules say of all things of a kind, by name.
    private static func definitions(_ kind: String, _ rules: RulesView) -> JSONObject {
        guard case .object(let root)? = JSONValue(storedText: rules.rules.canonicalText),
            case .object(let all)? = root[kind]
        else { return [:] }
        return all
    }
}
