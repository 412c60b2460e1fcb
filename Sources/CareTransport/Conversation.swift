/// What is said over one connection in a protocol of its own: bytes in, bytes and outcomes out.
///
/// A value that knows no clock and no socket. One conversation belongs to one connection: the greeting and the login
/// happen once, then messages run over it, several at once where the protocol can tell their answers apart.
public protocol Conversation: Sendable {
    /// How many messages may be under way at once over one connection.
    var depth: Int { get }

    /// Greeting and login are over: messages may be sent.
    var isReady: Bool { get }

    /// The connection is made: appends what this side says first.
    mutating func open(into output: inout [UInt8])

    /// Appends a message; only while ``isReady``.
    ///
    /// - Parameter ticket: names the message in ``receive(_:into:ended:)``.
    /// - Returns: its outcome where that is known without sending it: nothing was appended; else nil.
    mutating func send(
        _ message: ConversationMessage, ticket: Int, into output: inout [UInt8]
    ) -> ConversationOutcome?

    /// Bytes have come, cut anywhere.
    ///
    /// - Parameter output: what is said in answer is appended.
    /// - Parameter ended: the messages whose outcome is known now are appended.
    /// - Throws: the conversation is over; what has no outcome yet gets none.
    mutating func receive(
        _ bytes: [UInt8], into output: inout [UInt8], ended: inout [ConversationEnd]
    ) throws(ConversationProblem)

    /// Whether the receiver may have a message that is under way; else it is known that it does not.
    func mayHaveArrived(_ ticket: Int) -> Bool

    /// The connection could not be made because the receiver said no while it was greeted: what that means for messages.
    ///
    /// - Parameter reply: the beginning of its last line.
    /// - Parameter isLogin: whether it was the login that failed.
    /// - Returns: nil: it has not said no.
    func refusal(reply: String, isLogin: Bool) -> ConversationProblem?

    /// Appends what is said before this side hangs up.
    mutating func close(into output: inout [UInt8])
}

extension Conversation {
    /// From its first byte on.
    public func mayHaveArrived(_ ticket: Int) -> Bool { true }

    /// Nobody greets but the conversation itself.
    public func refusal(reply: String, isLogin: Bool) -> ConversationProblem? { nil }
}

/// What is to be delivered.
public struct ConversationMessage: Sendable, Hashable {
    /// The delivery id, by which the receiver knows a repetition.
    public var id: String
    /// What the protocol sends it under: a topic, a subject, a key.
    public var subject: String
    /// The bytes.
    public var body: [UInt8]

    /// A message with its parts.
    public init(id: String, subject: String, body: [UInt8]) {
        self.id = id
        self.subject = subject
        self.body = body
    }
}

/// What the receiver says about a message.
public enum ConversationOutcome: Sendable, Hashable {
    /// It has it.
    case accepted
    /// It does not have it: the protocol's number, 0 where there is none, and a few words of ours for people.
    case refused(code: Int, detail: String)
}

/// A message whose outcome is known.
public struct ConversationEnd: Sendable, Hashable {
    /// As it was given to ``Conversation/send(_:ticket:into:)``.
    public var ticket: Int
    /// What the receiver says.
    public var outcome: ConversationOutcome

    /// The end of a message.
    public init(ticket: Int, _ outcome: ConversationOutcome) {
        self.ticket = ticket
        self.outcome = outcome
    }
}

/// Why a conversation is over.
public enum ConversationProblem: Error, Sendable, Hashable {
    /// What came is not the protocol, or longer than anything it allows here.
    case garbled
    /// The receiver hangs up, or does not let this side in: its number and a few words of ours.
    case refused(code: Int, detail: String)
}
