import CareTransport

/// Mails over one connection to a mail server, one after another. libcurl has made the connection, with TLS and login;
/// from there on each reply is known with its place in the dialogue, and what has not been sent whole is known not to
/// have arrived.
///
/// Source: RFC 5321, section 3.3.
struct SMTPConversation: Conversation {
    /// Longer lines are not the protocol: RFC 5321, section 4.5.3.1.5, allows 512.
    private static let longestLine = 2_048
    /// Lines of one reply.
    private static let mostLines = 100

    /// The envelope's sender; the delivery id takes the place of ``idPlace``.
    let returnPath: String
    /// What stands in ``returnPath`` for the delivery id, so that a bounce tells of which mail it is.
    static let idPlace = "{{id}}"

    private struct Mail {
        var ticket: Int
        var message: ConversationMessage
        var stage: SMTPRefusal.Stage
        var isSent = false
    }

    private var input = ConversationInput()
    private var lines = 0
    private var mail: Mail?
    /// RSET was sent: a refused mail is taken back, and its reply awaited.
    private var isResetting = false

    init(returnPath: String) {
        self.returnPath = returnPath
    }

    var depth: Int { 1 }
    var isReady: Bool { !isResetting }

    mutating func open(into output: inout [UInt8]) {}

    mutating func send(
        _ message: ConversationMessage, ticket: Int, into output: inout [UInt8]
    ) -> ConversationOutcome? {
        mail = Mail(ticket: ticket, message: message, stage: .sender)
        output += "MAIL FROM:<\(returnPath.replacing(Self.idPlace, with: message.id))>\r\n".utf8
        return nil
    }

    func mayHaveArrived(_ ticket: Int) -> Bool { mail?.ticket == ticket && mail?.isSent == true }

    func refusal(reply: String, isLogin: Bool) -> ConversationProblem? {
        let stage: SMTPRefusal.Stage = isLogin ? .login : .session
        if let reply = SMTPReply(line: reply.utf8.prefix { $0 >= 0x20 }), reply.code >= 400 {
            return .refused(code: reply.code, detail: SMTPRefusal(reply, at: stage).detail)
        }
        // It offers no login that is known here: as it would say itself, RFC 4954, section 4.
        return isLogin ? .refused(code: 504, detail: SMTPRefusal(SMTPReply(code: 504), at: stage).detail) : nil
    }

    mutating func receive(
        _ bytes: [UInt8], into output: inout [UInt8], ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        input.append(bytes)
        while let line = try input.takeLine(limit: Self.longestLine) {
            guard let reply = SMTPReply(line: line) else { throw .garbled }
            lines += 1
            guard lines <= Self.mostLines else { throw .garbled }
            if reply.isContinued { continue }
            lines = 0
            try take(reply, into: &output, &ended)
        }
    }

    private mutating func take(
        _ reply: SMTPReply, into output: inout [UInt8], _ ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        // Each command waits for the reply to the one before: who answers what has not left yet answers something else.
        let isEarly = !output.isEmpty
        if isResetting {
            isResetting = false
            guard reply.code == 250, !isEarly else { throw Self.problem(reply, .session) }
            return
        }
        // Between two mails a server only says that it hangs up.
        guard var current = mail else { throw Self.problem(reply, .session) }
        let wanted = current.stage == .data ? 300...399 : 200...299
        guard wanted.contains(reply.code) else {
            mail = nil
            let refusal = SMTPRefusal(reply, at: current.stage)
            ended.append(ConversationEnd(ticket: current.ticket, .refused(code: reply.code, detail: refusal.detail)))
            guard reply.code != 421 else { throw Self.problem(reply, .session) }
            guard !isEarly else { throw .garbled }
            // Behind a refused mail as a whole there is nothing to take back.
            if current.stage != .message {
                output += "RSET\r\n".utf8
                isResetting = true
            }
            return
        }
        guard !isEarly else {
            // Of a mail that has not left whole its end has not.
            mail?.isSent = false
            throw .garbled
        }
        switch current.stage {
        case .sender:
            output += "RCPT TO:<\(current.message.subject)>\r\n".utf8
            current.stage = .recipient
        case .recipient:
            output += "DATA\r\n".utf8
            current.stage = .data
        case .data:
            Self.append(current.message.body, into: &output)
            current.message.body = []
            current.stage = .message
            current.isSent = true
        case .message, .session, .login:
            mail = nil
            ended.append(ConversationEnd(ticket: current.ticket, .accepted))
            return
        }
        mail = current
    }

    private static func problem(_ reply: SMTPReply, _ stage: SMTPRefusal.Stage) -> ConversationProblem {
        reply.code >= 400
            ? .refused(code: reply.code, detail: SMTPRefusal(reply, at: stage).detail) : .garbled
    }

    /// The mail with its end: a point at the beginning of a line is doubled, RFC 5321, section 4.5.2.
    private static func append(_ mail: [UInt8], into output: inout [UInt8]) {
        output.reserveCapacity(output.count + mail.count + 64)
        var isLineStart = true
        for byte in mail {
            if isLineStart, byte == UInt8(ascii: ".") { output.append(byte) }
            output.append(byte)
            isLineStart = byte == 0x0A
        }
        if !isLineStart { output += [0x0D, 0x0A] }
        output += ".\r\n".utf8
    }

    mutating func close(into output: inout [UInt8]) {
        output += "QUIT\r\n".utf8
    }
}
