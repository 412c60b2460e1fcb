import CareStore

/// Text as Slack wants it.
enum SlackText {
    /// What Slack takes in one message, in characters.
    static let limit = 40_000

    /// The three characters that Slack gives a meaning as entities: no text becomes a link or a mention.
    ///
    /// Source: Slack developer documentation, "Formatting text", "Escaping text".
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// The escaped text of an order.
    static func text(of order: NewDelivery, by text: MessageText) throws(Unsendable) -> String {
        escaped(try text.text(of: order, atMost: limit, "characters") { $0.unicodeScalars.count })
    }
}
