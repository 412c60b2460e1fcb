import CareTransport
import CareValues

/// The client's side of NATS as a publisher to JetStream speaks it: INFO, CONNECT and PING once, then HPUB with a reply
/// subject of its own for each message, on which the stream acknowledges.
///
/// Source: NATS documentation, "Client Protocol"; architecture decisions 4 (headers), 14 (nkeys) and 22 (JetStream
/// publishing).
struct NATSConversation: Conversation {
    /// How this side logs in, and what it expects.
    struct Settings: Sendable, Hashable {
        /// Where acknowledgements come: unique, a subject of its own.
        var inbox: String
        var user: String?
        var password: String?
        var token: String?
        /// The seed that signs the server's nonce.
        var nkey: NKey?
        /// The user's JWT, beside the seed.
        var jwt: String?
        /// The stream that must take the message; nil: whichever does.
        var stream: String?
        /// Whether the connection is under TLS already.
        var isTLS: Bool
        var contentType: String
    }

    /// More than any line that a server has to send a publisher; INFO may list many servers.
    static let longestLine = 65_536
    /// More than any acknowledgement.
    static let longestPayload = 65_536
    private static let usualDepth = 64

    private enum Phase: Hashable { case waitingForInfo, waitingForPong, ready }

    private struct Pending {
        var ticket: Int
        var number: Int
        var subject: String
    }

    private let settings: Settings
    private var phase = Phase.waitingForInfo
    private var input = ConversationInput()
    private var lastNumber = 0
    private var pending: [Pending] = []
    private var maximumPayload = 1_048_576
    /// The line of a MSG or HMSG whose payload has not come whole.
    private var incoming: Incoming?

    private struct Incoming {
        var subject: String
        var headerBytes: Int
        var totalBytes: Int
    }

    init(_ settings: Settings) { self.settings = settings }

    var depth: Int { Self.usualDepth }
    var isReady: Bool { phase == .ready }

    /// The server speaks first.
    mutating func open(into output: inout [UInt8]) {}

    mutating func send(
        _ message: ConversationMessage, ticket: Int, into output: inout [UInt8]
    ) -> ConversationOutcome? {
        guard NATSSubject.isValid(message.subject) else { return .refused(code: 0, detail: "invalid subject") }
        var headers = "NATS/1.0\r\nNats-Msg-Id: \(message.id)\r\nContent-Type: \(settings.contentType)\r\n"
        if let stream = settings.stream { headers += "Nats-Expected-Stream: \(stream)\r\n" }
        headers += "\r\n"
        let total = headers.utf8.count + message.body.count
        guard total <= maximumPayload else { return .refused(code: 0, detail: NATSError.tooLarge) }
        lastNumber += 1
        let line = "HPUB \(message.subject) \(settings.inbox).\(lastNumber) \(headers.utf8.count) \(total)\r\n"
        output += line.utf8
        output += headers.utf8
        output += message.body
        output += "\r\n".utf8
        pending.append(Pending(ticket: ticket, number: lastNumber, subject: message.subject))
        return nil
    }

    mutating func receive(
        _ bytes: [UInt8], into output: inout [UInt8], ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        input.append(bytes)
        while true {
            if let incoming {
                guard input.count >= incoming.totalBytes + 2 else { return }
                let payload = input.take(incoming.totalBytes)
                guard input.take(2).elementsEqual([0x0D, 0x0A]) else { throw .garbled }
                self.incoming = nil
                try answer(incoming, payload, &ended)
            } else {
                guard let line = try input.takeLine(limit: Self.longestLine) else { return }
                try read(String(decoding: line, as: UTF8.self), &output, &ended)
            }
        }
    }

    private mutating func read(
        _ line: String, _ output: inout [UInt8], _ ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        switch (words.first?.uppercased() ?? "", phase) {
        case ("INFO", _): try readInfo(line.dropFirst(4), &output)
        case ("PING", _): output += "PONG\r\n".utf8
        case ("PONG", .waitingForPong): phase = .ready
        case ("MSG", .ready): try readMessage(words, hasHeaders: false)
        case ("HMSG", .ready): try readMessage(words, hasHeaders: true)
        case ("-ERR", _): try readError(line.dropFirst(4), &ended)
        case ("+OK", _), ("PONG", .ready): break
        default: throw .garbled
        }
    }

    private mutating func readInfo(
        _ text: Substring, _ output: inout [UInt8]
    ) throws(ConversationProblem) {
        guard case .object(let info)? = JSONValue(jsonText: String(text)) else { throw .garbled }
        if case .number(let number)? = info["max_payload"], number >= 1 { maximumPayload = Int(clamping: number) }
        // It comes again when the cluster changes.
        guard phase == .waitingForInfo else { return }
        if info["tls_required"] == .bool(true), !settings.isTLS {
            throw .refused(code: 0, detail: "server wants TLS: tls:// and handshake_first")
        }
        guard info["headers"] == .bool(true) else { throw .refused(code: 0, detail: "server without headers") }
        var nonce = ""
        if case .string(let text)? = info["nonce"] { nonce = text }
        output += NATSConnect.line(settings, nonce: nonce)
        output += "SUB \(settings.inbox).* 1\r\nPING\r\n".utf8
        phase = .waitingForPong
    }

    private mutating func readMessage(_ words: [Substring], hasHeaders: Bool) throws(ConversationProblem) {
        // MSG subject sid [reply] bytes; HMSG subject sid [reply] header-bytes total-bytes
        let sizes = hasHeaders ? 2 : 1
        guard words.count == 3 + sizes || words.count == 4 + sizes, let total = Int(words[words.count - 1]),
            let header = hasHeaders ? Int(words[words.count - 2]) : 0,
            (0...Self.longestPayload).contains(total), (0...total).contains(header)
        else { throw .garbled }
        incoming = Incoming(subject: String(words[1]), headerBytes: header, totalBytes: total)
    }

    private mutating func answer(
        _ incoming: Incoming, _ payload: ArraySlice<UInt8>, _ ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        guard incoming.subject.hasPrefix(settings.inbox + "."),
            let number = Int(incoming.subject.dropFirst(settings.inbox.count + 1))
        else { throw .garbled }
        // A second answer to the same message, by whoever else listens to its subject, changes nothing.
        guard let place = pending.firstIndex(where: { $0.number == number }) else { return }
        let ticket = pending.remove(at: place).ticket
        let outcome: ConversationOutcome
        if incoming.headerBytes > 0, let status = NATSAnswer.status(payload.prefix(incoming.headerBytes)) {
            outcome = .refused(code: status, detail: NATSError.text(status: status))
        } else {
            outcome = NATSAnswer.outcome(payload.dropFirst(incoming.headerBytes))
        }
        ended.append(ConversationEnd(ticket: ticket, outcome))
    }

    private mutating func readError(
        _ text: Substring, _ ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        let words = text.lowercased()
        // The only errors after which the connection lives: this one names a subject.
        if words.contains("permissions violation") {
            guard let place = pending.firstIndex(where: { words.contains("\"\($0.subject.lowercased())\"") }) else {
                throw .refused(code: 0, detail: NATSError.permissions)
            }
            let ticket = pending.remove(at: place).ticket
            ended.append(ConversationEnd(ticket: ticket, .refused(code: 0, detail: NATSError.permissions)))
            return
        }
        throw .refused(code: 0, detail: NATSError.text(of: words))
    }

    mutating func close(into output: inout [UInt8]) {}
}

extension Int {
    /// A number of JSON, which may be anything.
    fileprivate init(clamping number: Double) {
        self = number >= 1_000_000_000 ? 1_000_000_000 : Int(number)
    }
}
