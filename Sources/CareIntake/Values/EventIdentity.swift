import CareValues

/// Ids for events whose file gives none: the same row of the same file always gets the same one.
///
/// An id is `row-` and the time (13 hex digits: milliseconds since the year 1), a hash of customer and type, a hash of
/// the canonical properties, and which such row of the file it is, from 1:
/// `row-0391d2c8f5c00-mfrggzdfmy5a-nbswy3dpeb3w-1`. The first two parts say *what happened to whom when*; an event
/// stored under them with other properties is the same row, corrected. The time leads so that ids grow as files do.
public struct EventIdentity: Sendable, Hashable {
    /// `row-…-…-`: the part that says customer, type and time.
    public var prefix: String
    /// The hash of the canonical properties, as it stands in the id.
    public var properties: String

    /// The identity of an event.
    public init(customer: String, type: String, time: Timestamp, properties: JSONObject) {
        let milliseconds = UInt64(max(0, time.milliseconds - Timestamp.distantPast.milliseconds))
        let hex = String(milliseconds, radix: 16)
        let whom = XXH64.hash(utf8: CanonicalJSON.array(of: [customer, type]))
        let what = XXH64.hash(CanonicalJSON.bytes(.object(properties)))
        prefix =
            "row-" + String(repeating: "0", count: max(0, 13 - hex.utf8.count)) + hex + "-"
            + EventIdentity.text(of: whom) + "-"
        self.properties = EventIdentity.text(of: what)
    }

    /// The id of the `number`-th row of the file with this identity, from 1.
    public func id(number: Int) -> String {
        prefix + properties + "-" + String(number)
    }

    /// The properties' part of `id`, if it begins with ``prefix``; nil: it is the id of something else.
    public func propertiesPart(of id: String) -> String? {
        guard id.utf8.count > prefix.utf8.count, id.hasPrefix(prefix) else { return nil }
        return id.dropFirst(prefix.count).split(separator: "-").first.map(String.init)
    }

    /// The first 60 bits in 12 letters of base32.
    private static func text(of hash: UInt64) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(12)
        for shift in stride(from: 59, to: 0, by: -5) {
            text.append(letters[Int(truncatingIfNeeded: hash >> UInt64(shift)) & 31])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
