import CareEngine
import CareValues
import Crypto
import Foundation
import Hummingbird

/// Hands items over to the live engine, and brings the answers back to their places.
struct Intake: Sendable {
    let call: Call

    /// The reader of facts for this request.
    var reader: FactReader {
        get throws {
            FactReader(schema: try call.service.rules.rules.schema, now: call.service.clock.decisionNow)
        }
    }

    /// Takes what is good; the answers, item by item.
    func take(
        _ items: [Result<IntakeItem, ItemRefusal>], key: RequestKey? = nil
    ) async throws -> [LiveAnswer] {
        var answers = [LiveAnswer](repeating: .stored, count: items.count)
        var requests: [LiveRequest] = []
        /// Where the items of each request stand among the answers.
        var places: [[Int]] = []
        var byCustomer: [[UInt8]: Int] = [:]
        for (place, item) in items.enumerated() {
            switch item {
            case .failure(let refusal): answers[place] = .refused(code: refusal.code, reason: refusal.reason)
            case .success(let item):
                // What one request says about one customer is decided on together. Ids are compared by bytes.
                let id = Array(item.customer.utf8)
                if let known = byCustomer[id] {
                    requests[known].items.append(item.item)
                    places[known].append(place)
                } else {
                    byCustomer[id] = requests.count
                    requests.append(LiveRequest(customer: item.customer, items: [item.item]))
                    places.append([place])
                }
            }
        }
        let given = try await call.service.live.receive(requests, key: key)
        for (places, given) in zip(places, given) {
            for (place, answer) in zip(places, given) { answers[place] = answer }
        }
        return answers
    }

    /// The caller's name for the request, from its `Idempotency-Key`; nil: it has none.
    func key(_ body: [UInt8]) throws -> RequestKey? {
        guard let sent = try Self.sentKey(call) else { return nil }
        let route = "\(call.request.method.rawValue) \(call.request.uri.path)"
        return RequestKey(
            name: Secrets.digest("\(call.identity?.name ?? "")\n\(route)\n\(sent)"),
            content: Crypto.SHA256.hash(data: Data(body)).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined())
    }

    /// The `Idempotency-Key` as sent. - Throws: a ``Problem`` when it is no key.
    static func sentKey(_ call: Call) throws -> String? {
        guard let sent = call.header("idempotency-key") else { return nil }
        guard (1...IntakeLimits.keyBytes).contains(sent.utf8.count),
            sent.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Problem(
                400, "bad-idempotency-key",
                "Idempotency-Key is 1 to \(IntakeLimits.keyBytes) visible ASCII characters")
        }
        return sent
    }

    /// Counts what was refused of a request that answers success.
    func note(_ answers: [LiveAnswer]) {
        for case .refused(let code, let reason) in answers {
            call.service.rejects.add(
                IntakeRejects.Entry(
                    at: call.service.clock.now(), who: call.identity?.name ?? "",
                    route: call.context.endpointPath ?? "",
                    code: code, reason: reason))
        }
    }

    /// The answer to one item: 200 with its result, or a problem.
    func respond(_ answer: LiveAnswer, more: [(name: String, value: JSONValue)] = []) throws -> Response {
        switch answer {
        case .refused(let code, let reason): throw Problem(422, code, reason)
        case .changed(let tag):
            throw Problem(
                412, "changed", "the customer is not as the request expects",
                more: [("etag", tag.map { .string("\"\($0)\"") } ?? .null)])
        default: return call.json(.object(JSONObject(uniqueMembers: answer.members + more)))
        }
    }

    /// The answer to many items.
    func respond(_ answers: [LiveAnswer]) -> Response {
        var counts: [String: Int] = [:]
        for answer in answers { counts[answer.name, default: 0] += 1 }
        let sums = ["stored", "duplicate", "erased", "refused"].map { name in
            (name: name, value: JSONValue.number(Double(counts[name] ?? 0)))
        }
        return call.json(
            .object(
                JSONObject(
                    uniqueMembers: sums + [
                        ("items", .array(answers.map { .object(JSONObject(uniqueMembers: $0.members)) }))
                    ])))
    }
}

extension LiveAnswer {
    /// What it is called.
    var name: String {
        switch self {
        case .stored: "stored"
        case .duplicate: "duplicate"
        case .erased: "erased"
        case .changed: "changed"
        case .refused: "refused"
        }
    }

    /// As clients read it.
    var members: [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = [("result", .string(name))]
        if case .refused(let code, let reason) = self {
            members += [("code", .string(code)), ("reason", .string(reason))]
        }
        return members
    }
}
