/// Colour, which adds nothing to the words: red error, yellow warning and held, green act, dim ids, bold first line.
struct Style {
    private let hasColour: Bool

    /// Colour as the console has it.
    init(_ console: Console) {
        hasColour = console.hasColour
    }

    /// Text without any colour.
    static let plain = Style(hasColour: false)

    private init(hasColour: Bool) {
        self.hasColour = hasColour
    }

    func error(_ text: String) -> String { wrapped(text, "31") }
    func warning(_ text: String) -> String { wrapped(text, "33") }
    func act(_ text: String) -> String { wrapped(text, "32") }
    func dim(_ text: String) -> String { wrapped(text, "2") }
    func bold(_ text: String) -> String { wrapped(text, "1") }

    private func wrapped(_ text: String, _ code: String) -> String {
        hasColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
