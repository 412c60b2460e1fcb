/// A reply of a mail server: the last line counts, the text is not kept.
struct SMTPReply: Sendable, Hashable {
    /// 200 … 599.
    var code: Int
    /// The enhanced code of RFC 3463, `5.1.1`; nil: there is none, or it is of another class than the code.
    var enhanced: EnhancedCode?

    /// `class.subject.detail`
    struct EnhancedCode: Sendable, Hashable {
        var severity: Int
        var subject: Int
        var detail: Int
        var text: String { "\(severity).\(subject).\(detail)" }

        /// Reads `5.1.1`, and nothing behind it.
        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let numbers = parts.compactMap { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy({ (0x30...0x39).contains($0) })
                    ? Int(part) : nil
            }
            guard parts.count == 3, numbers.count == 3, [2, 4, 5].contains(numbers[0]) else { return nil }
            (severity, subject, detail) = (numbers[0], numbers[1], numbers[2])
        }
    }

    /// Whether more lines follow.
    private(set) var isContinued = false

    /// Reads one line, `550 5.1.1 No such user` or `250-SIZE`; nil: it is none.
    init?(line: some Collection<UInt8>) {
        let line = Array(line)
        guard line.count >= 3, line[..<3].allSatisfy({ (0x30...0x39).contains($0) }),
            let code = Int(String(decoding: line[..<3], as: UTF8.self)), (200...599).contains(code)
        else { return nil }
        self.code = code
        guard line.count > 3 else { return }
        guard line[3] == UInt8(ascii: " ") || line[3] == UInt8(ascii: "-") else { return nil }
        isContinued = line[3] == UInt8(ascii: "-")
        let word = line[4...].prefix { $0 > 0x20 && $0 < 0x7F }
        enhanced = EnhancedCode(String(decoding: word, as: UTF8.self)).flatMap { $0.severity == code / 100 ? $0 : nil }
    }

    init(code: Int, enhanced: EnhancedCode? = nil) {
        self.code = code
        self.enhanced = enhanced
    }
}

/// A refusal, and where in the dialogue it came: as text on its way through the transport.
struct SMTPRefusal: Sendable, Hashable {
    /// Where the dialogue stood.
    enum Stage: String, Sendable, CaseIterable {
        /// Greeting, EHLO, STARTTLS, or between two mails.
        case session = "the connection"
        case login = "the login"
        case sender = "MAIL FROM"
        case recipient = "RCPT TO"
        case data = "DATA"
        /// The mail has been sent whole.
        case message = "the message"
    }

    var reply: SMTPReply
    var stage: Stage

    /// `5.1.1 to RCPT TO`, or `to DATA`: words of ours only.
    var detail: String { (reply.enhanced.map { "\($0.text) " } ?? "") + "to \(stage.rawValue)" }

    init(_ reply: SMTPReply, at stage: Stage) {
        self.reply = reply
        self.stage = stage
    }

    /// What ``detail`` of a reply of that code says; nil: it is none.
    init?(code: Int, detail: String) {
        guard let stage = Stage.allCases.first(where: { detail.hasSuffix("to \($0.rawValue)") }) else { return nil }
        let word = detail.prefix { $0 != " " }
        reply = SMTPReply(code: code, enhanced: SMTPReply.EnhancedCode(word))
        self.stage = stage
    }
}
