import CareDecisions
import CareValues

/// The form of a saved plan: JSON lines that one can read and sign.
///
/// The first line says what it is a plan of; each line after it is one decision, a customer's together; the last but one
/// holds the rules it was made with; the last the number of decisions and the SHA-256 of all bytes before it, so that
/// `head -n -1 FILE | sha256sum` gives it too.
public enum SavedPlan {
    /// The version of the form that this program writes; it reads none above it.
    public static let version = 1

    /// What a plan is of.
    public struct Head: Sendable, Hashable {
        /// The id of the store it was made from.
        public var storeID: String
        /// The fingerprint of its rules: 64 hex digits.
        public var fingerprint: String
        /// Their epoch, or the one they would have got.
        public var epoch: Int64
        /// Whether they were in force.
        public var isActive: Bool
        /// The period's first instant.
        public var from: Timestamp
        /// The first instant after the period.
        public var until: Timestamp
        /// The project's zone, by name.
        public var zone: String
        /// The store's clock; nil: nothing was stored.
        public var storeClock: Timestamp?
        /// The one campaign it is of; nil: all.
        public var campaign: String?

        /// The head of the plan of these rules for that period.
        public init(
            storeID: String, fingerprint: String, epoch: Int64, isActive: Bool, from: Timestamp, until: Timestamp,
            zone: String, storeClock: Timestamp?, campaign: String?
        ) {
            self.storeID = storeID
            self.fingerprint = fingerprint
            self.epoch = epoch
            self.isActive = isActive
            self.from = from
            self.until = until
            self.zone = zone
            self.storeClock = storeClock
            self.campaign = campaign
        }
    }

    /// A decision of a saved plan.
    public struct Line: Sendable, Hashable {
        /// What was decided.
        public var planned: PlannedDecision
        /// When it is to be taken.
        public var at: Timestamp

        /// A decision that is to be taken at `at`.
        public init(_ planned: PlannedDecision, at: Timestamp) {
            self.planned = planned
            self.at = at
        }
    }

    /// Why a file cannot be used as a plan.
    public enum Defect: Error, Sendable, Hashable {
        /// It is another file.
        case notAPlan
        /// It was written by a later program.
        case newer(version: Int)
        /// Its end is missing.
        case truncated
        /// Its bytes are not those that were written.
        case edited
    }

    // MARK: Writing

    /// The first line.
    public static func text(of head: Head) -> String {
        var members: [(name: String, value: JSONValue)] = [
            ("care", "saved plan"), ("version", .number(Double(version))), ("store", .string(head.storeID)),
            ("fingerprint", .string(head.fingerprint)), ("epoch", .number(Double(head.epoch))),
            ("inForce", .bool(head.isActive)), ("from", .string(head.from.iso8601)),
            ("until", .string(head.until.iso8601)), ("timeZone", .string(head.zone)),
        ]
        if let clock = head.storeClock { members.append(("storeClock", .string(clock.iso8601))) }
        if let campaign = head.campaign { members.append(("campaign", .string(campaign))) }
        return JSONWriter.text(.object(JSONObject(uniqueMembers: members))) + "\n"
    }

    /// The line of a decision.
    public static func text(of decision: Decision) -> String {
        let key = decision.key
        var members: [(name: String, value: JSONValue)] = [
            ("customer", .string(key.customer)), ("at", .string(decision.now.iso8601)),
            ("campaign", .string(key.campaign)), ("step", .string(key.step)), ("action", .string(key.action)),
            ("occurrence", .string(key.occurrence)), ("outcome", .string(decision.outcome.rawValue)),
        ]
        if let reason = decision.reason { members.append(("reason", .string(reason.rawValue))) }
        if let order = decision.order {
            members.append(("to", .string(order.destination)))
            if !order.address.isEmpty { members.append(("address", .string(order.address))) }
            members.append(("type", .string(order.type)))
            members.append(("data", order.data))
        }
        return JSONWriter.text(.object(JSONObject(uniqueMembers: members))) + "\n"
    }

    /// The last line but one: the rules' canonical text.
    public static func text(ofRules canonicalText: String) -> String { "{\"rules\":\(canonicalText)}\n" }

    /// The last line.
    public static func text(ofDecisions count: Int, digest: String) -> String {
        "{\"decisions\":\(count),\"sha256\":\"\(digest)\"}\n"
    }
}

/// A saved plan as it was read: whole, and as it was written.
public struct SavedPlanFile: Sendable {
    /// What it is a plan of.
    public let head: SavedPlan.Head
    /// The biggest file that is read, in bytes.
    public static let maximumBytes = 1 << 30

    /// How many decisions it holds.
    public let count: Int
    /// The rules it was made with: canonical text.
    public let rules: String
    /// The SHA-256 of all but the last line: 64 hex digits.
    public let digest: String
    private let bytes: [UInt8]
    /// Where the decisions' lines lie.
    private let body: Range<Int>

    /// The plan of a file. - Throws: ``SavedPlan/Defect``.
    public init(_ bytes: [UInt8]) throws(SavedPlan.Defect) {
        guard let firstEnd = bytes.firstIndex(of: Self.newline),
            let first = Self.object(bytes[..<firstEnd]), first["care"] == "saved plan",
            case .number(let version)? = first["version"]
        else { throw .notAPlan }
        guard version <= Double(SavedPlan.version) else {
            guard let newer = Int(exactly: version) else { throw .notAPlan }
            throw .newer(version: newer)
        }
        guard bytes.last == Self.newline else { throw .truncated }
        let lastStart = Self.lineStart(bytes, before: bytes.count - 1)
        guard lastStart > firstEnd, let last = Self.object(bytes[lastStart..<(bytes.count - 1)]),
            case .number(let count)? = last["decisions"], case .string(let digest)? = last["sha256"]
        else { throw .truncated }
        var stream = SHA256Stream()
        stream.update(bytes[..<lastStart])
        guard stream.hexDigest() == digest else { throw .edited }
        let rulesStart = Self.lineStart(bytes, before: lastStart - 1)
        guard rulesStart > firstEnd, let rules = Self.object(bytes[rulesStart..<(lastStart - 1)])?["rules"],
            let head = Self.head(first), let count = Int(exactly: count)
        else { throw .edited }
        self.head = head
        self.count = count
        self.rules = CanonicalJSON.text(rules)
        self.digest = digest
        self.bytes = bytes
        body = (firstEnd + 1)..<rulesStart
    }

    /// Hands out the decisions of one customer after another.
    ///
    /// - Throws: ``SavedPlan/Defect/edited`` for a line that is no decision; what `visit` throws.
    public func forEachCustomer(_ visit: (_ customer: String, _ lines: [SavedPlan.Line]) throws -> Void) throws {
        var lines: [SavedPlan.Line] = []
        var seen = 0
        var start = body.lowerBound
        while start < body.upperBound {
            let end = bytes[start..<body.upperBound].firstIndex(of: Self.newline) ?? body.upperBound
            guard let object = Self.object(bytes[start..<end]), let line = Self.line(object) else {
                throw SavedPlan.Defect.edited
            }
            if let first = lines.first, first.planned.key.customer != line.planned.key.customer {
                try visit(first.planned.key.customer, lines)
                lines.removeAll(keepingCapacity: true)
            }
            lines.append(line)
            seen += 1
            start = end + 1
        }
        if let first = lines.first { try visit(first.planned.key.customer, lines) }
        guard seen == count else { throw SavedPlan.Defect.edited }
    }

    /// The plan without a customer's decisions, and how many these were.
    ///
    /// - Throws: ``SavedPlan/Defect/edited`` for a line that is no decision.
    public func without(customer: String) throws -> (bytes: [UInt8], erased: Int) {
        var rest = Array(bytes[..<body.lowerBound])
        var erased = 0
        try forEachLine { range, name in
            if name.utf8.elementsEqual(customer.utf8) { erased += 1 } else { rest += bytes[range] }
        }
        let lastStart = Self.lineStart(bytes, before: bytes.count - 1)
        rest += bytes[body.upperBound..<lastStart]
        var stream = SHA256Stream()
        stream.update(rest)
        rest += Array(SavedPlan.text(ofDecisions: count - erased, digest: stream.hexDigest()).utf8)
        return (rest, erased)
    }

    /// A customer's lines as they stand in the file, without their ends.
    public func text(of customer: String) -> [String] {
        var lines: [String] = []
        try? forEachLine { range, name in
            guard name.utf8.elementsEqual(customer.utf8) else { return }
            lines.append(String(decoding: bytes[range].dropLast(), as: UTF8.self))
        }
        return lines
    }

    // MARK: Parts

    /// Hands out where each decision's line lies, its end included, and whom it is about.
    private func forEachLine(_ visit: (Range<Int>, String) throws -> Void) throws {
        var start = body.lowerBound
        while start < body.upperBound {
            let end = bytes[start..<body.upperBound].firstIndex(of: Self.newline) ?? body.upperBound - 1
            guard case .string(let customer)? = Self.object(bytes[start..<end])?["customer"] else {
                throw SavedPlan.Defect.edited
            }
            try visit(start..<(end + 1), customer)
            start = end + 1
        }
    }

    private static let newline = UInt8(ascii: "\n")

    /// Where the line begins that ends before `end`.
    private static func lineStart(_ bytes: [UInt8], before end: Int) -> Int {
        guard end > 0 else { return 0 }
        return (bytes[..<end].lastIndex(of: newline) ?? -1) + 1
    }

    private static func object(_ bytes: ArraySlice<UInt8>) -> JSONObject? {
        guard let document = try? JSONDocument(file: "", bytes: Array(bytes)),
            case .object(let object) = document.root.value
        else { return nil }
        return object
    }

    private static func head(_ object: JSONObject) -> SavedPlan.Head? {
        func text(_ name: String) -> String? {
            if case .string(let text)? = object[name] { text } else { nil }
        }
        func instant(_ name: String) -> Timestamp? { text(name).flatMap { Timestamp(iso8601: $0) } }
        guard let store = text("store"), let fingerprint = text("fingerprint"),
            case .number(let number)? = object["epoch"], let epoch = Int64(exactly: number),
            case .bool(let isActive)? = object["inForce"],
            let from = instant("from"), let until = instant("until"), let zone = text("timeZone")
        else { return nil }
        return SavedPlan.Head(
            storeID: store, fingerprint: fingerprint, epoch: epoch, isActive: isActive, from: from, until: until,
            zone: zone, storeClock: instant("storeClock"), campaign: text("campaign"))
    }

    private static func line(_ object: JSONObject) -> SavedPlan.Line? {
        func text(_ name: String) -> String? {
            if case .string(let text)? = object[name] { text } else { nil }
        }
        guard let customer = text("customer"), let campaign = text("campaign"), let step = text("step"),
            let action = text("action"), let occurrence = text("occurrence"),
            let outcome = text("outcome").flatMap(Outcome.init), let at = text("at").flatMap({ Timestamp(iso8601: $0) })
        else { return nil }
        var order: DeliveryOrder?
        if let destination = text("to"), let type = text("type"), let data = object["data"] {
            order = DeliveryOrder(
                destination: destination, address: text("address") ?? "", type: type, data: data, expiresAt: nil)
        }
        let key = DecisionKey(
            campaign: campaign, customer: customer, occurrence: occurrence, step: step, action: action)
        return SavedPlan.Line(
            PlannedDecision(key: key, outcome: outcome, reason: text("reason").flatMap(Reason.init), order: order),
            at: at)
    }
}
