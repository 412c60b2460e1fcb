import CareTransport

/// Redis' protocol as a producer to a stream speaks it: AUTH and SELECT once, then XADD; answers come in the order of
/// the commands.
///
/// Source: Redis serialization protocol specification, RESP2; command reference, "AUTH", "SELECT", "XADD".
struct RedisConversation: Conversation {
    /// How this side logs in, and how streams are kept.
    struct Settings: Sendable, Hashable {
        var user: String?
        var password: String?
        var database = 0
        /// About how many entries a stream keeps; nil: all.
        var maximumLength: Int?
        /// Whether a stream that does not exist is made.
        var makesStreams = true
    }

    /// More than an id, and than any error.
    static let longestAnswer = 4_096
    private static let usualDepth = 64

    private enum Step: Hashable { case login, database }

    private let settings: Settings
    private var input = ConversationInput()
    /// Answers to what is said before the first message.
    private var steps: [Step] = []
    private var isOpen = false
    private var tickets: [Int] = []

    init(_ settings: Settings) { self.settings = settings }

    var depth: Int { Self.usualDepth }
    var isReady: Bool { isOpen && steps.isEmpty }

    mutating func open(into output: inout [UInt8]) {
        isOpen = true
        if let password = settings.password {
            Self.command(["AUTH"] + (settings.user.map { [$0] } ?? []) + [password], into: &output)
            steps.append(.login)
        }
        if settings.database != 0 {
            Self.command(["SELECT", String(settings.database)], into: &output)
            steps.append(.database)
        }
    }

    mutating func send(
        _ message: ConversationMessage, ticket: Int, into output: inout [UInt8]
    ) -> ConversationOutcome? {
        var words = ["XADD", message.subject]
        if !settings.makesStreams { words.append("NOMKSTREAM") }
        if let length = settings.maximumLength { words += ["MAXLEN", "~", String(length)] }
        words += ["*", "id", message.id, "event"]
        Self.command(words, and: message.body, into: &output)
        tickets.append(ticket)
        return nil
    }

    /// An array of strings, each with its length in bytes.
    private static func command(_ words: [String], and last: [UInt8]? = nil, into output: inout [UInt8]) {
        output += "*\(words.count + (last == nil ? 0 : 1))\r\n".utf8
        for word in words {
            output += "$\(word.utf8.count)\r\n".utf8
            output += word.utf8
            output += [0x0D, 0x0A]
        }
        if let last {
            output += "$\(last.count)\r\n".utf8
            output += last
            output += [0x0D, 0x0A]
        }
    }

    private enum Answer: Hashable { case text, null, error(String) }

    mutating func receive(
        _ bytes: [UInt8], into output: inout [UInt8], ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        input.append(bytes)
        while let answer = try nextAnswer() {
            if !steps.isEmpty {
                steps.removeFirst()
                switch answer {
                case .text: continue
                case .error(let word): throw .refused(code: 0, detail: word)
                case .null: throw .garbled
                }
            }
            guard !tickets.isEmpty else {
                // Full, or about to end: it says so unasked before it hangs up.
                if case .error(let word) = answer { throw .refused(code: 0, detail: word) }
                throw .garbled
            }
            let outcome: ConversationOutcome =
                switch answer {
                case .text: .accepted
                case .null: .refused(code: 0, detail: RedisError.noStream)
                case .error(let word): .refused(code: 0, detail: word)
                }
            ended.append(ConversationEnd(ticket: tickets.removeFirst(), outcome))
        }
    }

    /// The next answer; nil: it has not come whole.
    private mutating func nextAnswer() throws(ConversationProblem) -> Answer? {
        guard let length = try input.lineLength(limit: Self.longestAnswer) else { return nil }
        guard length > 0 else { throw .garbled }
        switch input[0] {
        case UInt8(ascii: "+"):
            _ = input.take(length + 2)
            return .text
        case UInt8(ascii: "-"):
            return .error(RedisError.word(of: input.take(length + 2).dropFirst().dropLast(2)))
        case UInt8(ascii: "$"):
            var size = 0
            if length == 3, input[1] == UInt8(ascii: "-"), input[2] == UInt8(ascii: "1") {
                _ = input.take(length + 2)
                return .null
            }
            guard (2...5).contains(length) else { throw .garbled }
            for place in 1..<length {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(input[place]) else { throw .garbled }
                size = size * 10 + Int(input[place] - 48)
            }
            guard size <= Self.longestAnswer else { throw .garbled }
            guard input.count >= length + 2 + size + 2 else { return nil }
            let answer = input.take(length + 2 + size + 2)
            guard answer.suffix(2).elementsEqual([0x0D, 0x0A]) else { throw .garbled }
            return .text
        default: throw .garbled
        }
    }

    mutating func close(into output: inout [UInt8]) {}
}

/// What the server's errors say.
enum RedisError {
    static let noStream = "no such stream"

    /// An error's first word, `OOM`; the rest may hold anything. `ERR` where it is no such word.
    static func word(of line: ArraySlice<UInt8>) -> String {
        let word = line.prefix { $0 != 0x20 }
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let isWord = (2...24).contains(word.count) && word.allSatisfy { letters.contains($0) }
        return isWord ? String(decoding: word, as: UTF8.self) : "ERR"
    }

    /// What an error means for the delivery.
    static func kind(_ word: String) -> AttemptResult.Kind {
        switch word {
        // The key holds something that is no stream: the same command will not work.
        case "WRONGTYPE": .permanent
        // Out of memory, loading its data, busy with a script.
        case "OOM", "LOADING", "BUSY": .throttled
        // READONLY, MASTERDOWN, MOVED, CLUSTERDOWN: another server must be found, or this one become whole.
        // NOAUTH, WRONGPASS, NOPERM: somebody must let this side in.
        default: .failed
        }
    }
}
