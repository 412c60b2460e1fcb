import CCurl

/// A connection that is kept, with the messages that run over it. Belongs to one ``TransferLoop``.
final class Connection {
    /// What a message came to, as the loop reports it.
    typealias Ended = (tag: Int, result: TransferResult, startedAt: Int64)

    private struct Message {
        var tag: Int
        var startedAt: Int64
        var deadline: Int64
        /// It is not sent from then on, monotonic milliseconds.
        var sendBy: Int64
        var message: ConversationMessage
        var ticket = 0
        /// How many bytes had been appended before it.
        var position = 0
    }

    private enum Phase {
        case connecting, open, closed
    }

    /// How long a connection without messages is kept.
    static let idleMilliseconds: Int64 = 60_000
    private static let readBytes = 16_384
    /// More is read in the next pass: the loop's other connections have their turn.
    private static let readsInOnePass = 64
    /// So many bytes may come while the peer takes nothing: who talks on without listening does not speak the protocol.
    private static let mostHeardWhileBlocked = 1 << 20

    let endpoint: ConversationEndpoint
    let transfer: OpaquePointer
    /// An answer did not come in time: nothing more is sent over it.
    private(set) var isDraining = false
    /// Has something to send that the socket may take.
    var isDirty: Bool { phase == .open && !output.isEmpty && !isBlocked }
    /// Stands in the loop's list of those that have.
    var isNoted = false
    /// The socket takes no more at present.
    private(set) var isBlocked = false
    /// There was more to read than one pass takes.
    private(set) var hasMore = false
    /// As epoll was last told.
    var isWatchedForWriting = false

    private var phase = Phase.connecting
    private var conversation: any Conversation
    private var output: [UInt8] = []
    private var appended = 0
    private var sent = 0
    private var heardWhileBlocked = 0
    private var tickets = 0
    /// Not sent yet: the login is not over.
    private var waiting: [Message] = []
    private var underway: [Message] = []
    private var idleSince: Int64 = 0

    init(_ endpoint: ConversationEndpoint, transfer: OpaquePointer) {
        self.endpoint = endpoint
        self.transfer = transfer
        conversation = endpoint.begin()
    }

    /// Takes further messages.
    var hasRoom: Bool { phase != .closed && !isDraining && waiting.count + underway.count < conversation.depth }
    /// Open and without messages: the peer may have hung up meanwhile.
    var isIdle: Bool { phase == .open && waiting.isEmpty && underway.isEmpty }
    /// Open.
    var isOpen: Bool { phase == .open }

    /// When something has to be looked at: a message's time is over, or the connection's as it has none.
    var deadline: Int64 {
        if isIdle { return idleSince + Self.idleMilliseconds }
        var first = Int64.max
        for message in waiting { first = min(first, message.deadline, message.sendBy) }
        for message in underway { first = min(first, message.deadline) }
        return first
    }

    /// Sends a message, or keeps it until the login is over.
    ///
    /// - Parameter sendBy: it is not sent from then on, monotonic milliseconds.
    func submit(
        _ message: ConversationMessage, tag: Int, startedAt: Int64, sendBy: Int64, _ ended: inout [Ended]
    ) {
        waiting.append(
            Message(
                tag: tag, startedAt: startedAt, deadline: startedAt + endpoint.target.timeoutMilliseconds,
                sendBy: sendBy, message: message))
        sendWaiting(&ended)
    }

    /// The connection is made.
    func connected(_ ended: inout [Ended]) {
        phase = .open
        idleSince = care_monotonic_ms()
        conversation.open(into: &output)
        sendWaiting(&ended)
    }

    private func sendWaiting(_ ended: inout [Ended]) {
        guard phase == .open, conversation.isReady else { return }
        // The login may have said that fewer are allowed at once than were taken.
        while !waiting.isEmpty, underway.count < conversation.depth {
            var message = waiting.removeFirst()
            guard message.sendBy == .max || care_monotonic_ms() < message.sendBy else {
                ended.append((message.tag, .failure(TransportError(.connectTimeout)), message.startedAt))
                continue
            }
            tickets += 1
            message.ticket = tickets
            message.position = appended + output.count
            if let outcome = conversation.send(message.message, ticket: tickets, into: &output) {
                ended.append((message.tag, TransferResult(outcome), message.startedAt))
            } else {
                message.message.body = []
                underway.append(message)
            }
        }
        if underway.isEmpty { idleSince = care_monotonic_ms() }
    }

    /// Sends what there is; false: the connection is lost.
    func flush() -> Bool {
        guard phase == .open else { return true }
        while true {
            var count = 0
            let code = care_connection_send(transfer, &count)
            sent += count
            isBlocked = code == CURLE_AGAIN
            if isBlocked { return true }
            heardWhileBlocked = 0
            guard code == CURLE_OK else { return false }
            if output.isEmpty { return true }
            let isLoaded = output.withUnsafeBufferPointer {
                care_connection_load(transfer, $0.baseAddress, $0.count) == 0
            }
            guard isLoaded else { return false }
            appended += output.count
            output.removeAll(keepingCapacity: true)
        }
    }

    /// Reads what has come.
    ///
    /// - Returns: nil: the connection lives; else why it does not.
    func read(_ ended: inout [Ended]) -> ConversationFailure? {
        guard phase == .open else { return nil }
        hasMore = false
        for _ in 0..<Self.readsInOnePass {
            var length = 0
            var code = CURLE_OK
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.readBytes) { buffer, count in
                code = care_connection_receive(transfer, buffer.baseAddress, buffer.count, &length)
                count = length
            }
            if code == CURLE_AGAIN { return nil }
            guard code == CURLE_OK, !bytes.isEmpty else { return .lost }
            if isBlocked { heardWhileBlocked += bytes.count }
            guard heardWhileBlocked <= Self.mostHeardWhileBlocked else { return .problem(.garbled) }
            var ends: [ConversationEnd] = []
            var problem: ConversationProblem?
            do throws(ConversationProblem) {
                try conversation.receive(bytes, into: &output, ended: &ends)
            } catch {
                problem = error
            }
            for end in ends {
                guard let place = underway.firstIndex(where: { $0.ticket == end.ticket }) else { continue }
                let message = underway.remove(at: place)
                ended.append((message.tag, TransferResult(end.outcome), message.startedAt))
            }
            if let problem { return .problem(problem) }
            if !ends.isEmpty, underway.isEmpty { idleSince = care_monotonic_ms() }
            sendWaiting(&ended)
        }
        hasMore = true
        return nil
    }

    /// Ends the messages whose time is over.
    ///
    /// - Returns: whether the connection is of no more use.
    func expire(now: Int64, _ ended: inout [Ended]) -> Bool {
        if isIdle { return now >= deadline }
        for message in waiting where min(message.deadline, message.sendBy) <= now {
            let isOver = message.deadline <= now
            let kind: TransportError.Kind = phase == .open && isOver ? .answerTimeout : .connectTimeout
            ended.append((message.tag, .failure(TransportError(kind)), message.startedAt))
            // One that only comes too late says nothing of the connection.
            if isOver { isDraining = true }
        }
        waiting.removeAll { min($0.deadline, $0.sendBy) <= now }
        for message in underway where message.deadline <= now {
            let error = TransportError(.answerTimeout, requestBegun: mayHaveArrived(message))
            ended.append((message.tag, .failure(error), message.startedAt))
            isDraining = true
        }
        underway.removeAll { $0.deadline <= now }
        return isDraining && waiting.isEmpty && underway.isEmpty
    }

    private func mayHaveArrived(_ message: Message) -> Bool {
        sent > message.position && conversation.mayHaveArrived(message.ticket)
    }

    /// What it means that the connection was not made; nil: the conversation has nothing to say about it.
    func refusal(_ done: care_done) -> ConversationProblem? {
        let code = CURLcode(UInt32(bitPattern: done.result))
        guard code != CURLE_OPERATION_TIMEDOUT else { return nil }
        return conversation.refusal(reply: String(cString: done.reply), isLogin: code == CURLE_LOGIN_DENIED)
    }

    /// The connection is over: every message ends.
    func end(_ failure: ConversationFailure, _ ended: inout [Ended]) {
        phase = .closed
        for message in waiting {
            ended.append((message.tag, failure.result(requestBegun: false), message.startedAt))
        }
        for message in underway {
            ended.append((message.tag, failure.result(requestBegun: mayHaveArrived(message)), message.startedAt))
        }
        waiting = []
        underway = []
    }

    /// Says good-bye, if that can be done at once.
    func close() {
        guard phase == .open, !isBlocked, !isDraining else { return }
        conversation.close(into: &output)
        _ = flush()
        phase = .closed
    }
}

/// Why a connection is over.
enum ConversationFailure {
    /// It could not be made.
    case notMade(TransportError)
    /// The peer has hung up.
    case lost
    /// The conversation says so.
    case problem(ConversationProblem)

    /// What that means for a message without an outcome.
    func result(requestBegun: Bool) -> TransferResult {
        switch self {
        case .notMade(let error): .failure(error)
        case .lost: .failure(TransportError(.connectionLost, requestBegun: requestBegun))
        case .problem(.garbled): .failure(TransportError(.badAnswer, requestBegun: requestBegun))
        case .problem(.refused(let code, let detail)) where !requestBegun: .refused(code: code, detail: detail)
        case .problem(.refused): .failure(TransportError(.connectionLost, requestBegun: true))
        }
    }
}

extension TransferResult {
    init(_ outcome: ConversationOutcome) {
        switch outcome {
        case .accepted: self = .accepted
        case .refused(let code, let detail): self = .refused(code: code, detail: detail)
        }
    }
}
