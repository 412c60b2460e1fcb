import CareValues

/// A place of the console, or a part of a page: the only thing that a page links to.
struct Link: Sendable, Hashable {
    /// Path, query and fragment, percent-encoded.
    let text: String

    private init(text: String) {
        self.text = text
    }

    /// The path below `/console`, each segment encoded; then the query, members without a value left out.
    init(_ segments: [String], _ query: [(name: String, value: String?)] = [], fragment: StaticString? = nil) {
        var text = "/console"
        for segment in segments { text += "/" + Link.encoded(segment) }
        let members = query.compactMap { member in
            member.value.map { Link.encoded(member.name) + "=" + Link.encoded($0) }
        }
        if !members.isEmpty { text += "?" + members.joined(separator: "&") }
        if let fragment { text += "#" + fragment.description }
        self.text = text
    }

    /// A part of the same page.
    static func part(_ id: StaticString) -> Link { Link(text: "#" + id.description) }

    static let overview = Link(["overview"])
    static let campaigns = Link(["campaigns"])
    static let plan = Link(["plan"])
    static let customers = Link(["customers"])
    static let deliveries = Link(["deliveries"])
    static let ledger = Link(["ledger"])
    static let rules = Link(["rules"])
    static let settings = Link(["settings"])
    /// Where everybody without a session is sent.
    static let signIn = Link(text: "/sign-in")
    /// Where the one-time link leads.
    static let setUp = Link(text: "/setup")

    static func campaign(_ name: String) -> Link { Link(["campaigns", name]) }
    static func customer(_ id: String) -> Link { Link(["customers", id]) }
    static func delivery(_ id: DeliveryID) -> Link { Link(["deliveries", id.text]) }
    static func destination(_ name: String) -> Link { Link(["destinations", name]) }
    static func deliveries(_ state: String, destination: String? = nil) -> Link {
        Link(["deliveries"], [("state", state), ("destination", destination)])
    }
    /// The switch of languages: comes back to `path`, which it checks itself.
    static func language(_ language: Language, back path: String) -> Link {
        Link(["language"], [("to", language.code), ("back", path)])
    }
    /// A file of the program, by its name with the hash.
    static func asset(_ name: String) -> Link { Link(["assets", name]) }

    /// RFC 3986: all but unreserved characters as `%XX` of their UTF-8.
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: ".") where text != "." && text != "..": bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
