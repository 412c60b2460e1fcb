import CareTransport
import Testing

@testable import CareDispatch

/// A conversation played without a network.
struct ConversationPlay {
    /// What this side said, before the first message and with it.
    var output: [UInt8] = []
    /// The outcomes by ticket.
    var ends: [ConversationEnd] = []
    var problem: ConversationProblem?
    private(set) var conversation: any Conversation

    init(_ conversation: any Conversation) {
        self.conversation = conversation
        self.conversation.open(into: &output)
    }

    /// What comes, cut into pieces of `size` bytes; 0: in one.
    mutating func hear(_ bytes: [UInt8], cut size: Int = 0) {
        var rest = bytes[...]
        while !rest.isEmpty, problem == nil {
            let piece = Array(size == 0 ? rest : rest.prefix(size))
            rest = rest.dropFirst(piece.count)
            hear(piece: piece)
        }
    }

    /// What comes, cut once.
    mutating func hear(_ bytes: [UInt8], splitAt place: Int) {
        for piece in [bytes[..<place], bytes[place...]] where !piece.isEmpty && problem == nil {
            hear(piece: Array(piece))
        }
    }

    private mutating func hear(piece: [UInt8]) {
        do throws(ConversationProblem) {
            try conversation.receive(piece, into: &output, ended: &ends)
        } catch {
            problem = error
        }
    }

    /// A message; what ends at once is among ``ends``.
    mutating func send(_ subject: String, _ body: String = "{}", id: String = "dlv_1", ticket: Int = 1) {
        #expect(conversation.isReady)
        let message = ConversationMessage(id: id, subject: subject, body: Array(body.utf8))
        if let outcome = conversation.send(message, ticket: ticket, into: &output) {
            ends.append(ConversationEnd(ticket: ticket, outcome))
        }
    }

    /// What was said since the last call.
    mutating func said() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// What was said since the last call, as text.
    mutating func saidText() -> String { String(decoding: said(), as: UTF8.self) }

    /// Plays a story with its input cut at every place and into single bytes: it must come out alike each time.
    ///
    /// - Parameter login: what the peer says before the first message.
    /// - Parameter answers: what it says to the messages.
    static func cuts(
        _ make: () -> any Conversation, login: [UInt8], messages: (inout ConversationPlay) -> Void, answers: [UInt8],
        ends: [ConversationEnd], problem: ConversationProblem? = nil
    ) {
        func check(_ name: String, _ play: ConversationPlay) {
            #expect(play.ends == ends, "\(name)")
            #expect(play.problem == problem, "\(name)")
        }
        for place in 0...login.count {
            var play = ConversationPlay(make())
            play.hear(login, splitAt: place)
            messages(&play)
            play.hear(answers)
            check("login cut at \(place)", play)
        }
        for place in 0...answers.count {
            var play = ConversationPlay(make())
            play.hear(login)
            messages(&play)
            play.hear(answers, splitAt: place)
            check("answers cut at \(place)", play)
        }
        var play = ConversationPlay(make())
        play.hear(login, cut: 1)
        messages(&play)
        play.hear(answers, cut: 1)
        check("single bytes", play)
    }

    /// Whatever comes, at any point: never a crash, never an acceptance that nobody sent, and an end to reading.
    static func garbage(
        _ make: () -> any Conversation, login: [UInt8], messages: (inout ConversationPlay) -> Void, answers: [UInt8],
        seed: UInt64
    ) {
        var random = SplitMix(state: seed)
        for _ in 0..<300 {
            var play = ConversationPlay(make())
            var (first, second) = (login, answers)
            let isFirst = random.next() & 1 == 0 && !login.isEmpty
            var bytes = isFirst ? first : second
            for _ in 0...(random.next() % 3) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            if isFirst { first = bytes } else { second = bytes }
            play.hear(first, cut: Int(random.next() % 9))
            guard play.problem == nil, play.conversation.isReady else { continue }
            messages(&play)
            let sent = Set(play.ends.map(\.ticket))
            play.hear(second, cut: Int(random.next() % 9))
            let tickets = play.ends.map(\.ticket)
            #expect(Set(tickets).count == tickets.count, "a message ended twice")
            #expect(sent.isSubset(of: Set(tickets)))
        }
    }

    struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}

extension ConversationEnd {
    static func accepted(_ ticket: Int) -> ConversationEnd { ConversationEnd(ticket: ticket, .accepted) }

    static func refused(_ ticket: Int, _ detail: String, code: Int = 0) -> ConversationEnd {
        ConversationEnd(ticket: ticket, .refused(code: code, detail: detail))
    }
}

/// Bytes written as in a dump, `20 0e 00`.
func bytes(_ hex: String) -> [UInt8] { hex.split(separator: " ").compactMap { UInt8($0, radix: 16) } }
