/// A part of a mail's body: lines of at most 76 ASCII characters, CR LF at the end of each.
///
/// Source: RFC 2045, sections 6.7 (quoted-printable) and 6.8 (base64).
struct MailBody {
    /// Which of the two is readable: what is mostly ASCII stays so as quoted-printable; other text is shorter in base64.
    enum Encoding: String {
        case quotedPrintable = "quoted-printable"
        case base64
    }

    static let lineLength = 76

    var encoding: Encoding
    var bytes: [UInt8]

    /// The text with CR LF at the end of every line, encoded.
    init(_ text: String) {
        let lines = Self.lines(text)
        let count = lines.reduce(0) { $0 + $1.count }
        let special = lines.reduce(0) { $0 + $1.count { $0 >= 0x80 || $0 == UInt8(ascii: "=") } }
        encoding = special * 6 > count ? .base64 : .quotedPrintable
        bytes = encoding == .base64 ? Self.base64(lines) : Self.quotedPrintable(lines)
    }

    /// Lines end with CR LF, CR or LF; an end of the last line makes no empty one behind it.
    private static func lines(_ text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var wasReturn = false
        for byte in text.utf8 {
            if byte == 0x0D || (byte == 0x0A && !wasReturn) {
                lines.append([])
            } else if byte != 0x0A {
                lines[lines.count - 1].append(byte)
            }
            wasReturn = byte == 0x0D
        }
        if lines.count > 1, lines.last == [] { lines.removeLast() }
        return lines
    }

    private static func base64(_ lines: [[UInt8]]) -> [UInt8] {
        let text = Array(Base64.text(lines.flatMap { $0 + [0x0D, 0x0A] }).utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + text.count / lineLength * 2 + 2)
        for start in stride(from: 0, to: text.count, by: lineLength) {
            bytes += text[start..<min(start + lineLength, text.count)]
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }

    private static func quotedPrintable(_ lines: [[UInt8]]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for line in lines {
            var column = 0
            for (index, byte) in line.enumerated() {
                let isLast = index == line.count - 1
                let isPlain: Bool
                switch byte {
                case UInt8(ascii: "="): isPlain = false
                case 0x20, 0x09: isPlain = !isLast
                // A line that begins with "From " is changed by programs that keep mail in one file.
                case UInt8(ascii: "F"): isPlain = !(index == 0 && line.starts(with: "From ".utf8))
                case 0x21...0x7E: isPlain = true
                default: isPlain = false
                }
                let length = isPlain ? 1 : 3
                // The sign that says that the line goes on needs room, unless this is its end.
                if column + length > lineLength - (isLast ? 0 : 1) {
                    bytes += [UInt8(ascii: "="), 0x0D, 0x0A]
                    column = 0
                }
                if isPlain {
                    bytes.append(byte)
                } else {
                    bytes += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
                column += length
            }
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }
}
