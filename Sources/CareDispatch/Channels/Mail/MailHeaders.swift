/// A mail's headers: folded lines of ASCII.
struct MailHeaders {
    /// How long a line may be without its end: advised by RFC 5322, section 2.1.1, and with encoded words a must.
    static let lineLength = 76
    /// How long an encoded word may be: RFC 2047, section 2.
    static let wordLength = 75

    private(set) var bytes: [UInt8] = []

    /// Appends a header whose value is ASCII without control characters: every part begins on the line where it fits.
    mutating func add(_ name: String, parts: [String]) {
        var column = begin(name)
        for (index, part) in parts.enumerated() { write(part, blankBefore: index > 0, &column) }
        end()
    }

    /// Appends a header with one value that is not folded.
    mutating func add(_ name: String, _ value: String) { add(name, parts: [value]) }

    /// Appends a header of free text, any characters: control characters are left out, line ends with them.
    mutating func add(_ name: String, text: String) {
        var column = begin(name)
        writeText(text, &column)
        end()
    }

    /// Appends a header with one address and a name, if it has one.
    mutating func add(_ name: String, mailbox: Mailbox) {
        var column = begin(name)
        if !mailbox.name.isEmpty {
            if Self.isPlain(mailbox.name), mailbox.name.utf8.allSatisfy(Self.isAtomOrBlank) {
                writeText(mailbox.name, &column)
            } else if Self.isPlain(mailbox.name), mailbox.name.utf8.count < 60 {
                let escaped = mailbox.name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                write("\"\(escaped)\"", blankBefore: false, &column)
            } else {
                writeEncoded(mailbox.name, &column)
            }
        }
        let address = mailbox.name.isEmpty ? mailbox.address.text : "<\(mailbox.address.text)>"
        write(address, blankBefore: !mailbox.name.isEmpty, &column)
        end()
    }

    // MARK: Lines

    private mutating func begin(_ name: String) -> Int {
        bytes += "\(name): ".utf8
        return name.utf8.count + 2
    }

    private mutating func end() { bytes += "\r\n".utf8 }

    /// Writes what must not be broken; a fold goes in front of a blank.
    private mutating func write(_ part: String, blankBefore: Bool, _ column: inout Int) {
        let length = part.utf8.count + (blankBefore ? 1 : 0)
        if blankBefore, column + length > Self.lineLength {
            bytes += "\r\n".utf8
            column = 0
        }
        if blankBefore { bytes.append(0x20) }
        bytes += part.utf8
        column += length
    }

    private mutating func writeText(_ text: String, _ column: inout Int) {
        let text = String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        guard Self.isPlain(text) else { return writeEncoded(text, &column) }
        for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            write(String(word), blankBefore: index > 0, &column)
        }
    }

    /// Encoded words of RFC 2047, base64: no character is divided between two, where one has room for it.
    private mutating func writeEncoded(_ text: String, _ column: inout Int) {
        let start = "=?UTF-8?B?"
        var isFirst = true
        var room = 0
        func roomNow(_ column: Int) -> Int {
            let length = min(Self.wordLength, Self.lineLength - column)
            return max(length - start.utf8.count - 2, 0) / 4 * 3
        }
        room = roomNow(column)
        var word: [UInt8] = []
        func finished() -> String { start + Base64.text(word) + "?=" }
        for piece in Self.pieces(text) {
            if word.count + piece.count > room {
                if !word.isEmpty {
                    write(finished(), blankBefore: !isFirst, &column)
                    isFirst = false
                } else if isFirst {
                    // Not even one character fits behind the name: the first word begins on a line of its own.
                    bytes += "\r\n".utf8
                    bytes.append(0x20)
                    column = 1
                    room = roomNow(column)
                }
                if !isFirst { room = (Self.wordLength - start.utf8.count - 2) / 4 * 3 }
                word = []
            }
            word += piece
        }
        if !word.isEmpty { write(finished(), blankBefore: !isFirst, &column) }
    }

    /// Characters, or what one is made of where it is longer than a word.
    private static func pieces(_ text: String) -> [[UInt8]] {
        text.flatMap { character -> [[UInt8]] in
            let bytes = Array(character.utf8)
            return bytes.count <= 45 ? [bytes] : character.unicodeScalars.map { Array(String($0).utf8) }
        }
    }

    /// ASCII that nobody takes for an encoded word, in words that a line has room for.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
            && text.utf8.first != 0x20 && text.utf8.last != 0x20 && !text.contains("  ")
            && text.split(separator: " ").allSatisfy { $0.utf8.count <= 60 }
    }

    private static func isAtomOrBlank(_ byte: UInt8) -> Bool { byte == 0x20 || !"()<>[]:;@\\,.\"".utf8.contains(byte) }
}
