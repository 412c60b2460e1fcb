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
        var batch = LiveBatch(requests: [], places: [], answers: [])
        var byCustomer: [[UInt8]: Int] = [:]
        for (place, item) in items.enumerated() {
            switch item {
            case .failure(let refusal): batch.answers.append(.refused(code: refusal.code, reason: refusal.reason))
            case .success(let item):
                batch.answers.append(.unreadable)
                // What one request says about one customer is decided on together. Ids are compared by bytes.
                let id = Array(item.customer.utf8)
                if let known = byCustomer[id] {
                    batch.requests[known].items.append(item.item)
                    batch.places[known].append(place)
                } else {
                    byCustomer[id] = batch.requests.count
                    batch.requests.append(LiveRequest(customer: item.customer, items: [item.item]))
                    batch.places.append([place])
                }
            }
        }
        return try await call.service.live.receive(batch, key: key)
    }

    /// The caller's name for the request, from its `Idempotency-Key`; nil: it has none.
    ///
    /// It is the name of one sender for one route. Its content is all that the answer depends on: the body, and the
    /// headers that say what it is or what is expected of the customer.
    func key(_ body: [UInt8]) throws -> RequestKey? {
        guard let sent = try Self.sentKey(call) else { return nil }
        let route = "\(call.request.method.rawValue) \(call.request.uri.path)"
        let sender = "\(call.identity?.kind.rawValue ?? "") \(call.identity?.name ?? "")"
        var content = Crypto.SHA256()
        let headers = call.request.headers.compactMap { field -> String? in
            let name = field.name.canonicalName
            guard name.hasPrefix("ce-") || Self.telling.contains(name) else { return nil }
            return "\(name): \(field.value)\n"
        }
        for header in headers.sorted() { content.update(data: Data(header.utf8)) }
        content.update(data: Data("\n".utf8))
        content.update(data: Data(body))
        return RequestKey(
            name: Secrets.digest("\(sender)\n\(route)\n\(sent)"),
            content: content.finalize().map { String(Int($0) + 256, radix: 16).dropFirst() }.joined())
    }

    /// The headers, besides those that begin with `ce-`, which the answer depends on.
    private static let telling: Set<String> = ["content-type", "if-match", "if-none-match"]

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
        for answer in answers {
            guard let refusal = answer.refusal else { continue }
            call.service.rejects.add(
                IntakeRejects.Entry(
                    at: call.service.clock.now(), who: call.identity?.name ?? "",
                    route: call.context.endpointPath ?? "",
                    code: refusal.code, reason: refusal.reason))
        }
    }

    /// The answer to one item: 200 with its result, or a problem.
    func respond(_ answer: LiveAnswer, more: [(name: String, value: JSONValue)] = []) throws -> Response {
        switch answer {
        case .refused(let code, let reason): throw Problem(422, code, reason)
        case .unreadable: throw Problem.unreadableCustomer
        case .changed(let tag):
            throw Problem(
                412, "changed", "the customer is not as the request expects",
                more: [("etag", tag.map { .string("\"\($0)\"") } ?? .null)])
        default:
            var response = call.json(.object(JSONObject(uniqueMembers: answer.members + more)))
            if case .set(let tag, _) = answer { response.headers[.eTag] = "\"\(tag)\"" }
            return response
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
        case .set(_, let isNew): isNew ? "stored" : "duplicate"
        case .refused, .unreadable: "refused"
        }
    }

    /// Why nothing was taken; nil: it was, or stands already.
    var refusal: ItemRefusal? {
        switch self {
        case .refused(let code, let reason): ItemRefusal(code, reason)
        case .unreadable: ItemRefusal.unreadableCustomer
        default: nil
        }
    }

    /// As clients read it.
    var members: [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = [("result", .string(name))]
        if let refusal { members += [("code", .string(refusal.code)), ("reason", .string(refusal.reason))] }
        return members
    }
}
