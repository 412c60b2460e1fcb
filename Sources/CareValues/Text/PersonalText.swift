/// Personal values as people may see them.
public enum PersonalText {
    /// What stands for a value that is hidden.
    public static let mark = "\u{2022}\u{2022}\u{2022}"

    /// `l•••@example.com` for a mail address, `•••` for anything else.
    public static func masked(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@"), at > text.startIndex, let first = text.first else { return mark }
        return String(first) + mark + text[at...]
    }
}
