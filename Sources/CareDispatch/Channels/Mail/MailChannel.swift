import CareStore
import CareTransport
import CareValues
import Crypto

/// Mail through a server that takes it on: delivered means that this server has it.
struct MailChannel: Channel {
    /// What templates call the address that one click unsubscribes at.
    static let unsubscribeName = "unsubscribe"

    var endpoint: ConversationEndpoint
    var from: Mailbox
    var replyTo: Mailbox?
    var unsubscribe: MailSettings.Unsubscribe?
    /// Signs the token of ``unsubscribe``.
    var key: SymmetricKey?
    var templates: ChosenTemplates

    /// Mailboxes and people know a repetition by its Message-ID.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        let to = try address(of: order)
        let link = unsubscribe?.link.url(for: order, key: key)
        if let link, link.utf8.count > UnsubscribeLink.longest { throw Unsendable("unsubscribe: the link is too long") }
        let message = try templates.render(
            order, channel: link.map { [(Self.unsubscribeName, .string($0))] } ?? [])
        guard let text = message.text, let subject = message.subject else {
            throw Unsendable("template: no text, or no subject")
        }
        guard !subject.isEmpty else { throw Unsendable("template: the subject is empty") }
        return MailMessage(
            from: from, to: to, replyTo: replyTo, subject: subject, date: order.decidedAt,
            messageID: "\(order.id.text)@\(from.address.domain)", text: text, html: message.html, unsubscribeURL: link,
            unsubscribeAddress: unsubscribe?.address
        ).bytes
    }

    private func address(of order: NewDelivery) throws(Unsendable) -> MailAddress {
        do throws(MailAddress.Problem) {
            return try MailAddress(order.address)
        } catch {
            throw Unsendable("to: \(error.message)")
        }
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        let recipient = (try? MailAddress(order.address))?.text ?? ""
        precondition(!recipient.isEmpty, "a mail whose address was refused has no body")
        return .conversation(
            ConversationRequest(
                endpoint: endpoint, message: ConversationMessage(id: order.id.text, subject: recipient, body: body)))
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        guard case .refused(let code, let detail) = exchange, let refusal = SMTPRefusal(code: code, detail: detail)
        else {
            return AttemptResult(exchange, now: now)
        }
        return AttemptResult(refusal)
    }
}
