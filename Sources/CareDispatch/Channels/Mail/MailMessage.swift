import CareValues

/// A mail before it is written: RFC 5322 and MIME.
struct MailMessage {
    var from: Mailbox
    var to: MailAddress
    var replyTo: Mailbox?
    var subject: String
    /// When it was made: the same on every attempt.
    var date: Timestamp
    /// Without angle brackets: the same on every attempt, so that receivers know a repetition.
    var messageID: String
    var text: String
    var html: String?
    /// Where one click unsubscribes, RFC 8058; and an address that a mail unsubscribes to, RFC 2369.
    var unsubscribeURL: String?
    var unsubscribeAddress: MailAddress?

    /// The whole mail: lines of ASCII, at most 998 bytes each, ended by CR LF.
    var bytes: [UInt8] {
        var headers = MailHeaders()
        headers.add("Date", MailDate.text(date))
        headers.add("From", mailbox: from)
        headers.add("To", to.text)
        if let replyTo { headers.add("Reply-To", mailbox: replyTo) }
        headers.add("Subject", text: subject)
        headers.add("Message-ID", "<\(messageID)>")
        // Keeps answering machines silent: RFC 3834, section 5.
        headers.add("Auto-Submitted", "auto-generated")
        var ways = unsubscribeURL.map { ["<\($0)>"] } ?? []
        if let unsubscribeAddress { ways.append("<mailto:\(unsubscribeAddress.text)?subject=unsubscribe>") }
        if !ways.isEmpty {
            headers.add("List-Unsubscribe", parts: ways.enumerated().map { $0 < ways.count - 1 ? "\($1)," : $1 })
        }
        if unsubscribeURL != nil { headers.add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") }
        headers.add("MIME-Version", "1.0")
        let body = MailBody(text)
        guard let html else {
            addContent(&headers, "text/plain", body.encoding)
            return headers.bytes + Self.lineEnd + body.bytes
        }
        // No line of an encoded part can be this one: "=" is never followed by "_" there.
        let boundary = "=_\(messageID.prefix { $0 != "@" })"
        headers.add("Content-Type", parts: ["multipart/alternative;", "boundary=\"\(boundary)\""])
        var bytes = headers.bytes
        // The last one is the best.
        for (type, part) in [("text/plain", body), ("text/html", MailBody(html))] {
            var head = MailHeaders()
            addContent(&head, type, part.encoding)
            bytes += "\r\n--\(boundary)\r\n".utf8 + head.bytes + Self.lineEnd + part.bytes
        }
        return bytes + "\r\n--\(boundary)--\r\n".utf8
    }

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]

    private func addContent(_ headers: inout MailHeaders, _ type: String, _ encoding: MailBody.Encoding) {
        headers.add("Content-Type", "\(type); charset=UTF-8")
        headers.add("Content-Transfer-Encoding", encoding.rawValue)
    }
}

/// Dates of mails.
enum MailDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Mon, 15 Jun 2026 09:00:00 +0000`: RFC 5322, section 3.3, in UTC.
    static func text(_ instant: Timestamp) -> String {
        let seconds = instant.milliseconds >= 0 ? instant.milliseconds / 1000 : (instant.milliseconds - 999) / 1000
        let dayNumber = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let date = CivilDate(dayNumber: Int32(clamping: dayNumber)).components
        let ofDay = Int(seconds - dayNumber * 86_400)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let weekday = Int((dayNumber % 7 + 11) % 7)
        return "\(days[weekday]), \(two(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(two(ofDay / 3600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60)) +0000"
    }
}
