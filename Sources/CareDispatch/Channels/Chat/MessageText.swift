import CareStore
import CareValues

/// What a chat robot says, or a telephone is told: what the destination's template makes of the delivery; without a
/// template the text `text` of the action's `data`, else its `message`.
struct MessageText: Sendable {
    /// The destination's templates; nil: it names none.
    var templates: ChosenTemplates?
    /// Which part of a template is taken: the first of these that it has.
    var kinds: [TemplateKind]

    /// Why a message without text is not sent.
    static let missing = "no text: data has neither text nor message, and the destination no template"

    /// The text, and the template's subject if it has one; an empty text is none.
    ///
    /// - Throws: ``Unsendable``: there is no text, or the template cannot be filled.
    func message(of order: NewDelivery) throws(Unsendable) -> (text: String, subject: String?) {
        guard let templates else { return (try Self.plain(order), nil) }
        let rendered = try templates.render(order)
        for kind in kinds {
            let part =
                switch kind {
                case .text: rendered.text
                case .html: rendered.html
                case .markdown: rendered.markdown
                }
            guard let part else { continue }
            guard !part.isEmpty else { throw Unsendable("the template makes an empty text") }
            return (part, rendered.subject)
        }
        throw Unsendable("the template has no part for this destination")
    }

    private static func plain(_ order: NewDelivery) throws(Unsendable) -> String {
        if case .object(let data)? = JSONValue(storedText: order.data) {
            for key in ["text", "message"] {
                if case .string(let text)? = data[key], !text.isEmpty { return text }
            }
        }
        throw Unsendable(missing)
    }

    /// The text, at most `limit` long, both ends included.
    ///
    /// - Parameter unit: what `measure` counts: `bytes`.
    func text(
        of order: NewDelivery, atMost limit: Int, _ unit: String, measure: (String) -> Int
    ) throws(Unsendable) -> String {
        let text = try message(of: order).text
        try Self.check(text, atMost: limit, unit, measure: measure)
        return text
    }

    /// - Throws: ``Unsendable``: the text is longer than the vendor takes. It is not cut: half a message is none.
    static func check(
        _ text: String, atMost limit: Int, _ unit: String, measure: (String) -> Int
    ) throws(Unsendable) {
        let length = measure(text)
        guard length <= limit else { throw Unsendable("the text has \(length) \(unit), the limit is \(limit)") }
    }
}

extension ChannelParts {
    /// What says the texts of a destination.
    func messageText(of settings: some ChannelSettings) throws(DestinationError) -> MessageText {
        MessageText(templates: try templates(of: settings), kinds: settings.template?.needs.oneOf ?? [.text])
    }
}
