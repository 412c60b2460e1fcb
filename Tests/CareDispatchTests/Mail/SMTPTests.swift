import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct SMTPTests {
    /// A conversation, and what it has said.
    struct Talk {
        var conversation = SMTPConversation(returnPath: "bounce+{{id}}@acme.example")
        var said: [UInt8] = []
        var ended: [ConversationEnd] = []

        mutating func send(_ body: String = "Subject: x\r\n\r\nhi\r\n", ticket: Int = 1) {
            let message = ConversationMessage(id: "dlv_a", subject: "ann@example.com", body: Array(body.utf8))
            let outcome = conversation.send(message, ticket: ticket, into: &said)
            #expect(outcome == nil)
        }

        /// What is said in answer.
        mutating func hear(_ text: String) throws -> String {
            said = []
            try conversation.receive(Array(text.utf8), into: &said, ended: &ended)
            return String(decoding: said, as: UTF8.self)
        }
    }

    @Test func `says one mail after another`() throws {
        var talk = Talk()
        for ticket in 1...2 {
            talk.said = []
            talk.send(ticket: ticket)
            #expect(String(decoding: talk.said, as: UTF8.self) == "MAIL FROM:<bounce+dlv_a@acme.example>\r\n")
            #expect(try talk.hear("250 2.1.0 Ok\r\n") == "RCPT TO:<ann@example.com>\r\n")
            #expect(try talk.hear("250-2.1.5 Ok\r\n") == "")
            #expect(try talk.hear("250 2.1.5 as said\r\n") == "DATA\r\n")
            #expect(!talk.conversation.mayHaveArrived(ticket))
            #expect(try talk.hear("354 go") == "")
            #expect(try talk.hear(" ahead\r\n") == "Subject: x\r\n\r\nhi\r\n.\r\n")
            #expect(talk.conversation.mayHaveArrived(ticket) && !talk.conversation.mayHaveArrived(ticket + 1))
            #expect(try talk.hear("250 2.0.0 Ok: queued as 17\r\n") == "")
            #expect(talk.ended.last == ConversationEnd(ticket: ticket, .accepted))
        }
        talk.said = []
        talk.conversation.close(into: &talk.said)
        #expect(String(decoding: talk.said, as: UTF8.self) == "QUIT\r\n")
    }

    @Test func `doubles points at the beginning of lines, and ends the last line`() throws {
        var talk = Talk()
        talk.send(".\r\n..x\r\na.b\r\n.end")
        _ = try talk.hear("250 a\r\n")
        _ = try talk.hear("250 b\r\n")
        #expect(try talk.hear("354 c\r\n") == "..\r\n...x\r\na.b\r\n..end\r\n.\r\n")
    }

    static let refusals: [(replies: [String], code: Int, detail: String, next: String)] = [
        (["550 5.1.8 bad sender"], 550, "5.1.8 to MAIL FROM", "RSET\r\n"),
        (["250 ok", "450 4.7.1 grey"], 450, "4.7.1 to RCPT TO", "RSET\r\n"),
        (["250 ok", "550-5.1.1 who\r\n550 5.1.1 is that"], 550, "5.1.1 to RCPT TO", "RSET\r\n"),
        (["250 ok", "250 ok", "452 full"], 452, "to DATA", "RSET\r\n"),
        (["250 ok", "250 ok", "354 ok", "554 5.7.1 spam"], 554, "5.7.1 to the message", ""),
        (["250 ok", "250 ok", "354 ok", "451 4.1.1.1 x"], 451, "to the message", ""),
        (["250 ok", "550 4.1.1 classes differ"], 550, "to RCPT TO", "RSET\r\n"),
    ]

    @Test(arguments: refusals) func `says where a mail is refused, and takes it back`(
        _ test: (replies: [String], code: Int, detail: String, next: String)
    ) throws {
        var talk = Talk()
        talk.send()
        var said = ""
        for reply in test.replies { said = try talk.hear(reply + "\r\n") }
        #expect(talk.ended == [ConversationEnd(ticket: 1, .refused(code: test.code, detail: test.detail))])
        #expect(said == test.next)
        #expect(talk.conversation.isReady == test.next.isEmpty)
        if !test.next.isEmpty { #expect(try talk.hear("250 2.0.0 Ok\r\n") == "") }
        #expect(talk.conversation.isReady)
        talk.said = []
        talk.send(ticket: 2)
        #expect(String(decoding: talk.said, as: UTF8.self).hasPrefix("MAIL FROM"))
    }

    static let problems: [(replies: [String], problem: ConversationProblem)] = [
        (["421 4.3.0 closing"], .refused(code: 421, detail: "4.3.0 to the connection")),
        (["hello"], .garbled), (["99 x"], .garbled), (["250ok"], .garbled), (["600 x"], .garbled), ([""], .garbled),
        ([String(repeating: "2", count: 3_000)], .garbled),
        ([String(repeating: "250-x\r\n", count: 101)], .garbled),
        (["550 5.1.8 x", "500 no RSET"], .refused(code: 500, detail: "to the connection")),
    ]

    @Test(arguments: problems) func `gives up a connection that is over or speaks otherwise`(
        _ test: (replies: [String], problem: ConversationProblem)
    ) {
        var talk = Talk()
        talk.send()
        #expect(throws: test.problem) {
            for reply in test.replies { _ = try talk.hear(reply + "\r\n") }
        }
    }

    @Test func `hears between two mails that the server hangs up`() throws {
        var talk = Talk()
        #expect(throws: ConversationProblem.refused(code: 421, detail: "4.4.2 to the connection")) {
            try talk.hear("421 4.4.2 idle too long\r\n")
        }
    }

    @Test func `understands replies however they are cut`() throws {
        let replies = ["250-a\r\n250 2.1.0 b\r\n", "250 2.1.5 c\r\n", "354 d\r\n", "250 2.0.0 e\r\n"]
        for size in [1, 2, 3, 7, 99] {
            var talk = Talk()
            talk.send()
            for reply in replies {
                talk.said = []
                var rest = Array(reply.utf8)[...]
                while !rest.isEmpty {
                    try talk.conversation.receive(Array(rest.prefix(size)), into: &talk.said, ended: &talk.ended)
                    rest = rest.dropFirst(size)
                }
            }
            #expect(talk.ended == [ConversationEnd(ticket: 1, .accepted)])
        }
    }

    /// Replies in pieces as they come, and where the dialogue stands then.
    static let early: [(pieces: [String], ended: [ConversationEnd])] = [
        (["250 a\r\n250 b\r\n354 c\r\n250 d\r\n"], []), (["250 a\r\n", "250 b\r\n354 c\r\n"], []),
        (["250 a\r\n", "250 b\r\n", "354 c\r\n250 queued\r\n"], []),
        (["550 no\r\n250 reset\r\n"], [ConversationEnd(ticket: 1, .refused(code: 550, detail: "to MAIL FROM"))]),
    ]

    @Test(arguments: early) func `takes no reply to what has not been said yet`(
        _ test: (pieces: [String], ended: [ConversationEnd])
    ) throws {
        var talk = Talk()
        talk.send()
        #expect(throws: ConversationProblem.garbled) {
            for piece in test.pieces { _ = try talk.hear(piece) }
        }
        #expect(talk.ended == test.ended)
        #expect(!talk.conversation.mayHaveArrived(1), "nothing of the mail has left")
    }

    @Test func `takes no reply before the first word has left`() throws {
        var talk = Talk()
        talk.send()
        #expect(throws: ConversationProblem.garbled) {
            try talk.conversation.receive(Array("250 ok\r\n".utf8), into: &talk.said, ended: &talk.ended)
        }
    }

    @Test func `hears behind an accepted mail that the server hangs up`() throws {
        var talk = Talk()
        talk.send()
        for reply in ["250 a", "250 b", "354 c"] { _ = try talk.hear(reply + "\r\n") }
        #expect(throws: ConversationProblem.refused(code: 421, detail: "to the connection")) {
            _ = try talk.hear("250 queued\r\n421 too many\r\n")
        }
        #expect(talk.ended == [ConversationEnd(ticket: 1, .accepted)])
    }

    static let verdicts: [(code: Int, detail: String, kind: AttemptResult.Kind, said: String)] = [
        (421, "to the connection", .throttled, "421 to the connection"),
        (421, "to the message", .throttled, "421 to the message"),
        (454, "4.7.0 to the login", .throttled, "454 4.7.0 to the login: user or password refused"),
        (535, "5.7.8 to the login", .gone, "535 5.7.8 to the login: user or password refused"),
        (535, "to the login", .gone, "535 to the login: user or password refused"),
        (432, "to the login", .throttled, "432 to the login"),
        (530, "5.7.0 to MAIL FROM", .gone, "530 5.7.0 to MAIL FROM: refused by policy"),
        (554, "to the connection", .failed, "554 to the connection"),
        (450, "to the connection", .throttled, "450 to the connection"),
        (550, "5.1.8 to MAIL FROM", .failed, "550 5.1.8 to MAIL FROM: the sender's address is not taken"),
        (552, "5.3.4 to MAIL FROM", .permanent, "552 5.3.4 to MAIL FROM: the mail is too large"),
        (451, "4.3.0 to MAIL FROM", .throttled, "451 4.3.0 to MAIL FROM: the server has trouble of its own"),
        (550, "5.1.1 to RCPT TO", .permanent, "550 5.1.1 to RCPT TO: no such mailbox"),
        (550, "5.1.2 to RCPT TO", .permanent, "550 5.1.2 to RCPT TO: the domain takes no mail"),
        (550, "5.7.1 to RCPT TO", .permanent, "550 5.7.1 to RCPT TO: refused by policy"),
        (550, "to RCPT TO", .permanent, "550 to RCPT TO"),
        (450, "4.7.1 to RCPT TO", .deferred, "450 4.7.1 to RCPT TO: refused by policy"),
        (452, "4.2.2 to RCPT TO", .deferred, "452 4.2.2 to RCPT TO: the mailbox is full"),
        (452, "4.3.1 to RCPT TO", .throttled, "452 4.3.1 to RCPT TO: the server has trouble of its own"),
        (451, "to DATA", .deferred, "451 to DATA"),
        (552, "5.2.3 to the message", .permanent, "552 5.2.3 to the message: the mail is too large"),
        (
            550, "5.7.26 to the message", .permanent,
            "550 5.7.26 to the message: sender not authenticated (DKIM, SPF, DMARC)"
        ),
        (500, "to DATA", .permanent, "500 to DATA"),
    ]

    @Test(arguments: verdicts) func `judges a refusal by its code and its place`(
        _ test: (code: Int, detail: String, kind: AttemptResult.Kind, said: String)
    ) throws {
        let refusal = try #require(SMTPRefusal(code: test.code, detail: test.detail))
        #expect(refusal.detail == test.detail)
        let result = AttemptResult(refusal)
        #expect(result.kind == test.kind)
        #expect(result.detail == test.said)
        #expect(result.status == test.code)
        #expect(result.retryAfterMilliseconds == (test.kind == .throttled ? 60_000 : nil))
    }

    @Test(arguments: ["", "5.1.1", "to nowhere", "not routed"]) func `knows what is no refusal of a mail server`(
        _ detail: String
    ) {
        #expect(SMTPRefusal(code: 550, detail: detail) == nil)
    }

    @Test(arguments: SMTPRefusal.Stage.allCases) func `a refusal survives its way as text`(_ stage: SMTPRefusal.Stage) {
        for code in ["5.1.1", "5.7.26", ""] {
            let reply = SMTPReply(code: 550, enhanced: SMTPReply.EnhancedCode(code))
            let refusal = SMTPRefusal(reply, at: stage)
            #expect(SMTPRefusal(code: 550, detail: refusal.detail) == refusal)
        }
    }
}
