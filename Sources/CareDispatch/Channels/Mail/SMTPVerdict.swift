extension AttemptResult {
    /// What a mail server's refusal means: for this mail, for its recipient, or for the whole destination.
    ///
    /// | reply | to | kind |
    /// |---|---|---|
    /// | 421, 454 | anything | throttled: the server is busy or about to stop |
    /// | 5xx | the login | gone: a wrong password stays wrong, and each trial makes it worse |
    /// | 530, 538 | anything | gone: it wants a login that `care.json` does not give |
    /// | 4xx | greeting, login, sender | throttled |
    /// | 5xx | greeting | failed: another day it may let us in |
    /// | 552, 5.2.3, 5.3.4 | anything behind the login | permanent: the mail is too large |
    /// | 5xx | sender | failed: the server does not take this sender, from anybody |
    /// | 4xx, x.3.x | recipient, data, message | throttled: its disk is full, its queue stands |
    /// | 4xx | recipient, data, message | deferred: a grey list, a full mailbox |
    /// | 5xx | recipient | permanent: no such mailbox, no such domain, not for us |
    /// | 5xx | data, message | permanent: not this mail |
    ///
    /// Source: RFC 5321, section 4.2; RFC 3463; RFC 4954, section 6.
    init(_ refusal: SMTPRefusal) {
        let reply = refusal.reply
        let detail = "\(reply.code) \(refusal.detail)\(Self.meaning(refusal).map { ": \($0)" } ?? "")"
        let isTransient = reply.code / 100 == 4
        let isTooLarge = reply.code == 552 || reply.enhanced?.text == "5.2.3" || reply.enhanced?.text == "5.3.4"
        let kind: Kind
        switch refusal.stage {
        case _ where reply.code == 421 || reply.code == 454: kind = .throttled
        case _ where reply.code == 530 || reply.code == 538: kind = .gone
        case .login: kind = isTransient ? .throttled : .gone
        case .session: kind = isTransient ? .throttled : .failed
        case .sender where isTooLarge: kind = .permanent
        case .sender: kind = isTransient ? .throttled : .failed
        case .recipient, .data, .message:
            kind = !isTransient ? .permanent : reply.enhanced?.subject == 3 ? .throttled : .deferred
        }
        let wait: Int64? = kind == .throttled ? Self.mailPauseMilliseconds : nil
        self.init(kind, status: reply.code, detail: detail, retryAfterMilliseconds: wait)
    }

    /// How long a mail server is left alone that is busy or about to stop.
    static let mailPauseMilliseconds: Int64 = 60_000

    private static func meaning(_ refusal: SMTPRefusal) -> String? {
        let reply = refusal.reply
        if let enhanced = reply.enhanced {
            switch (enhanced.subject, enhanced.detail) {
            case (1, 1), (1, 6), (2, 1): return "no such mailbox"
            case (1, 2), (1, 10), (4, 4): return "the domain takes no mail"
            case (1, 3): return "not an address"
            case (1, 7), (1, 8): return "the sender's address is not taken"
            case (2, 2): return "the mailbox is full"
            case (2, 3), (3, 4): return "the mail is too large"
            case (3, _): return "the server has trouble of its own"
            case (7, 0), (7, 1): return refusal.stage == .login ? "user or password refused" : "refused by policy"
            case (7, 8): return "user or password refused"
            case (7, 20), (7, 21), (7, 22), (7, 23), (7, 24), (7, 26):
                return "sender not authenticated (DKIM, SPF, DMARC)"
            case (7, _): return "refused by policy"
            default: return nil
            }
        }
        switch (refusal.stage, reply.code) {
        case (.login, 504): return "no way to log in that both sides know"
        case (.login, 500...): return "user or password refused"
        case (_, 530): return "it wants a login"
        case (_, 552): return "the mail is too large"
        default: return nil
        }
    }
}
