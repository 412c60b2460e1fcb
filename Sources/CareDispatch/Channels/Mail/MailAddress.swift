/// One address, `ann@example.com`: dots and letters of RFC 5321's Dot-string, no quoted names, no comments, ASCII.
///
/// What passes can stand in a command of SMTP and in a header: it holds no line end, no blank and no angle bracket.
package struct MailAddress: Sendable, Hashable {
    /// Why a text is none. Says nothing about the text itself.
    package enum Problem: Error, Sendable, Hashable {
        case empty
        /// More than 254 bytes, or more than 64 before the `@`.
        case tooLong
        /// Letters outside ASCII.
        case international
        /// Several, or one with a name.
        case several
        case malformed

        /// A few words for people.
        package var message: String {
            switch self {
            case .empty: "no address"
            case .tooLong: "the address is longer than an address can be"
            case .international: "the address has letters outside ASCII: its domain can be written as xn--…"
            case .several: "the address must be one, without a name: ann@example.com"
            case .malformed: "not an address"
            }
        }
    }

    /// As it is written.
    package let text: String
    /// Behind the `@`.
    package let domain: String

    /// Reads one address; blanks around it are taken off.
    package init(_ text: some StringProtocol) throws(Problem) {
        let bytes = Array(text.utf8)
        let blanks = { (byte: UInt8) in byte == 0x20 }
        let kept = bytes.drop(while: blanks).reversed().drop(while: blanks).reversed()
        guard !kept.isEmpty else { throw .empty }
        guard !kept.contains(where: { $0 >= 0x80 }) else { throw .international }
        guard !kept.contains(where: { ",;<>()\"".utf8.contains($0) }) else { throw .several }
        let parts = kept.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw parts.count > 2 ? .several : .malformed }
        guard kept.count <= 254, parts[0].count <= 64 else { throw .tooLong }
        guard Self.isDotted(parts[0], Self.isAtom), Self.isDomain(parts[1]) else { throw .malformed }
        self.text = String(decoding: Array(kept), as: UTF8.self)
        domain = String(decoding: Array(parts[1]), as: UTF8.self)
    }

    private static func isDotted(_ bytes: some Collection<UInt8>, _ isPart: (UInt8) -> Bool) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.allSatisfy(isPart)
        }
    }

    private static func isDomain(_ bytes: some Collection<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return isDotted(bytes) { isLetterOrDigit($0) || $0 == hyphen }
            && bytes.split(separator: UInt8(ascii: ".")).allSatisfy { label in
                let label = Array(label)
                return label.count <= 63 && label.first != hyphen && label.last != hyphen
            }
    }

    /// atext of RFC 5322, section 3.2.3.
    private static func isAtom(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39: true
        default: false
        }
    }
}

/// An address with a name, as a sender has it: `Acme Care <care@acme.example>`.
package struct Mailbox: Sendable, Hashable {
    /// For people; empty: none.
    package var name: String
    /// Where.
    package var address: MailAddress

    /// Reads `Name <address>`, `"Name" <address>` or an address.
    package init(_ text: String) throws(MailAddress.Problem) {
        guard let open = text.lastIndex(of: "<"), text.last == ">" else {
            name = ""
            address = try MailAddress(text)
            return
        }
        address = try MailAddress(text[text.index(after: open)...].dropLast())
        var name = text[..<open]
        while name.last == " " { name = name.dropLast() }
        while name.first == " " { name = name.dropFirst() }
        if name.count >= 2, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .malformed
        }
        self.name = String(name)
    }
}
