import CareDispatch
import CareValues

/// One request that the receiver got, and what it made of it.
public struct ReceivedWebhook: Sendable, Hashable {
    /// When it was there whole.
    public var receivedAt: Timestamp
    /// The path asked for.
    public var path: String
    /// What became of the signature.
    public var verdict: StandardWebhooks.Verdict
    /// The status answered.
    public var status: Int
    /// The `webhook-id` header.
    public var id: String
    /// The event's `type`; empty when the body is no event.
    public var type: String
    /// The event's `subject`.
    public var subject: String
    /// The event's `data`, as canonical JSON; empty when there is none, or when the signature is bad.
    public var data: String

    /// Reads the event: of binary mode from the headers `ce-…` and the body, else from the body alone.
    mutating func read(body: [UInt8], header: (String) -> String?) {
        let content = JSONValue(jsonText: String(decoding: body, as: UTF8.self))
        if header("ce-specversion") != nil {
            type = header("ce-type").map(CloudEvent.text(ofHeader:)) ?? ""
            subject = header("ce-subject").map(CloudEvent.text(ofHeader:)) ?? ""
            data = content?.canonicalText ?? ""
        } else if case .object(let event)? = content {
            if case .string(let type)? = event["type"] { self.type = type }
            if case .string(let subject)? = event["subject"] { self.subject = subject }
            data = event["data"]?.canonicalText ?? ""
        }
    }

    /// The two lines that `care receive` prints, or the one when the signature is bad: what anybody may have sent is
    /// not shown.
    ///
    /// - Parameter time: the local wall time of ``receivedAt``, with milliseconds.
    public func text(time: String) -> String {
        guard case .valid(let age, let version) = verdict else {
            return "\(time)  signature BAD: \(verdict.problem); answered \(status), body not shown"
        }
        var parts = [time, type.isEmpty ? "no CloudEvent" : type]
        if !subject.isEmpty { parts.append(subject) }
        parts.append("signature ok (\(version), \(age) s old)")
        parts.append(id)
        if status != 204 { parts.append("answered \(status)") }
        var text = parts.map(Self.printable).joined(separator: "  ")
        if !data.isEmpty {
            text += "\n" + String(repeating: " ", count: time.count + 2) + Self.printable(data)
        }
        return text
    }

    /// The text with control characters named instead of carried out by a terminal.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || [0x2028, 0x2029, 0x200E, 0x200F].contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}

extension StandardWebhooks.Verdict {
    /// Why a signature is bad, in a few words; empty when it is good.
    public var problem: String {
        switch self {
        case .valid: ""
        case .missingHeader(let name): "no header \(name)"
        case .badTimestamp: "webhook-timestamp is not a number of seconds"
        case .outOfTolerance(let age):
            age > 0
                ? "\(age) s old, more than \(StandardWebhooks.toleranceSeconds)"
                : "from \(age.magnitude) s ahead, more than \(StandardWebhooks.toleranceSeconds)"
        case .noMatch: "no secret matches"
        }
    }
}
