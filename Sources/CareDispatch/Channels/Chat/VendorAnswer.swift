import CareTransport
import CareValues

/// What a vendor's code means for a delivery.
struct VendorCode {
    var kind: AttemptResult.Kind
    /// A few words of ours behind the code; empty: the code says enough.
    var words: String
    /// How long the vendor wants to be spared; nil: nothing is known.
    var waitMilliseconds: Int64?

    init(_ kind: AttemptResult.Kind, _ words: String = "", waitMilliseconds: Int64? = nil) {
        self.kind = kind
        self.words = words
        self.waitMilliseconds = waitMilliseconds
    }
}

/// Answers in whose body the truth stands: HTTP's 200 says only that somebody was there.
enum VendorAnswer {
    /// What an exchange came to, once `judge` has read the members of the answer's JSON.
    ///
    /// - Parameters:
    ///   - vendor: whose answer it is: `WeCom`.
    ///   - repeatsSafely: whether the vendor can tell a repetition; if not, what leaves open whether the message was
    ///     taken is a lost answer: a status that ``isAmbiguous(_:)``, a success in other words than the vendor's.
    ///   - judge: gets the members and what the status alone says; nil: they are no answer of this vendor.
    static func result(
        of exchange: TransferResult, now: Timestamp, vendor: String, repeatsSafely: Bool,
        judge: (_ members: JSONObject, _ plain: AttemptResult) -> AttemptResult?
    ) -> AttemptResult {
        var plain = AttemptResult(exchange, now: now)
        guard case .response(let response) = exchange else { return plain }
        if !repeatsSafely, isAmbiguous(response) { plain.kind = .unknown }
        if case .object(let members)? = JSONValue(jsonText: String(decoding: response.body, as: UTF8.self)),
            let result = judge(members, plain)
        {
            return result
        }
        guard plain.kind == .delivered else { return plain }
        guard response.bodyIsComplete else {
            return AttemptResult(.unknown, status: response.status, detail: "answer cut short")
        }
        return AttemptResult(
            repeatsSafely ? .failed : .unknown, status: response.status, detail: "not an answer of \(vendor)")
    }

    /// Whether the status alone leaves open whether the message was taken: a server that fails may have failed behind
    /// that, and a gateway has heard nothing. Who says 503 and when to come again has not taken it.
    static func isAmbiguous(_ response: HTTPResponse) -> Bool {
        response.status == 408
            || response.status >= 500 && !(response.status == 503 && response.retryAfter != nil)
    }

    /// The result that a code stands for.
    ///
    /// - Parameters:
    ///   - name: what the vendor calls the code: `errcode`.
    ///   - meaning: what is known of it; nil: it is one of those that pass.
    static func result(
        _ name: String, _ code: String, _ meaning: VendorCode?, _ plain: AttemptResult
    ) -> AttemptResult {
        var detail = "\(plain.status), \(name) \(code)"
        if let words = meaning?.words, !words.isEmpty { detail += ": \(words)" }
        // A status that says failure by itself is not made better by a code that is not known.
        let kind = meaning?.kind ?? (plain.kind == .delivered ? .failed : plain.kind)
        return AttemptResult(
            kind, status: plain.status, detail: detail,
            retryAfterMilliseconds: meaning?.waitMilliseconds ?? plain.retryAfterMilliseconds)
    }

    /// A whole number; nil: it is none.
    static func number(_ value: JSONValue?) -> Int? {
        guard case .number(let number)? = value else { return nil }
        return Int(exactly: number)
    }

    /// A code in letters as the vendor writes it, if it looks like one: what a stranger answers is not shown.
    static func word(_ value: JSONValue?) -> String? {
        guard case .string(let text)? = value else { return nil }
        return isWord(text) ? text : nil
    }

    /// Letters, digits, `_`, `.` and `-`, at most 64.
    static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
