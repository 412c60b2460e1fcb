/// A JSON value in memory.
///
/// Numbers are binary64, as RFC 8785 and JavaScript have them; the shortest digits that name one are its text.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A finite number.
    case number(Double)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// An object, its members in the order in which they were written.
    case object(JSONObject)
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    /// Text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// An object.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}

/// The members of a JSON object in the order in which they were written; names are unique.
///
/// Lookup is linear: objects of rules and facts are small. Names are the same when their code points are, as RFC 8259
/// section 8.3 has it: a precomposed and a decomposed `é` are two names.
public struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// The members, in order.
    public private(set) var members: [(name: String, value: JSONValue)]

    /// No members.
    public init() {
        members = []
    }

    /// These members; of two with one name the last wins.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = []
        members.reserveCapacity(elements.count)
        for (name, value) in elements { self[name] = value }
    }

    /// These members, whose names the caller knows to be unique.
    public init(uniqueMembers: [(name: String, value: JSONValue)]) {
        members = uniqueMembers
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a member; nil: there is none. Setting nil removes it.
    public subscript(name: String) -> JSONValue? {
        get {
            for member in members where Self.isSame(member.name, name) { return member.value }
            return nil
        }
        set {
            let index = members.firstIndex { Self.isSame($0.name, name) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// Strings are equal by canonical equivalence, names by code points; the quick test first, it nearly always decides.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        left == right && left.utf8.elementsEqual(right.utf8)
    }

    /// Equal when they have the same members, whatever the order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        var mixed = 0
        for member in members {
            var inner = Hasher()
            inner.combine(member.name)
            inner.combine(member.value)
            mixed ^= inner.finalize()
        }
        hasher.combine(mixed)
    }
}
