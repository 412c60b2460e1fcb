import CareValues

/// Where a record stands in its file.
public struct RowExtent: Sendable, Hashable {
    /// The 1-based line it begins on.
    public var line: Int
    /// Bytes before it in the file.
    public var offset: Int
    /// Its length in bytes, without the line's end.
    public var length: Int

    /// The record that begins on `line`, `offset` bytes into the file, `length` bytes long.
    public init(line: Int, offset: Int, length: Int) {
        self.line = line
        self.offset = offset
        self.length = length
    }
}

/// Which of the two things a file holds.
public enum IntakeKind: String, Sendable, Hashable {
    /// One customer a record: attributes.
    case customers
    /// One event a record.
    case events
}

/// One record of a file, read and put into Care's words.
public struct IntakeRecord: Sendable, Hashable {
    /// What the record says about its customer.
    public enum Content: Sendable, Hashable {
        /// An event; `id` and `source` nil: the record names none. Members of the object in the file's order.
        case event(type: String, id: String?, source: String?, time: Timestamp, properties: JSONObject)
        /// Attributes; `time` nil: the record does not say since when.
        case attributes(JSONObject, time: Timestamp?)
    }

    /// Where it stands.
    public var extent: RowExtent
    /// Whom it is about; never empty.
    public var customer: String
    /// What it says.
    public var content: Content
    /// The field that holds a sentinel date (1900-01-01, 1970-01-01, 0001-01-01), or nil.
    public var sentinelField: String?

    /// A record with all its parts.
    public init(extent: RowExtent, customer: String, content: Content, sentinelField: String? = nil) {
        self.extent = extent
        self.customer = customer
        self.content = content
        self.sentinelField = sentinelField
    }
}

/// Why a record was not taken. The raw values stand in summaries and rejects files: never change one; add one.
public enum RefusalCode: String, Sendable, Hashable, CaseIterable {
    /// The text is not a record: a quote without an end, another number of fields, not a JSON object, not UTF-8.
    case brokenLine = "import.broken-line"
    /// A record larger than ``IntakeLimits/recordBytes``.
    case tooLarge = "import.too-large"
    /// No customer id, or one that is too long.
    case noCustomer = "import.no-customer"
    /// An event without a time.
    case noTime = "import.no-time"
    /// Not a date or time in the expected format, or no such day.
    case badDate = "import.bad-date"
    /// Not a number.
    case badNumber = "import.bad-number"
    /// A value that does not fit the declared type.
    case badValue = "import.bad-value"
    /// No event type, or one that the mapping's `values` do not name.
    case unknownType = "import.unknown-type"
    /// An id column was asked for and the record has no id.
    case noID = "import.no-id"
    /// (customer, type, time) is stored under an id made from the record, with other properties.
    case sameRowOtherProperties = "import.same-row-other-properties"
    /// To be received at its own time, which is still to come.
    case ahead = "import.ahead"
    /// Older than the facts that are kept one by one.
    case tooOld = "import.too-old"
    /// About a customer of whom something stored cannot be read.
    case unreadableCustomer = "import.unreadable-customer"
}

/// A record that was not taken: which line, which field, why.
public struct Refusal: Sendable, Hashable, Error {
    /// Where the record stands.
    public var extent: RowExtent
    /// The column or member at fault; empty when it is the record as a whole.
    public var field: String
    /// The stable name of the reason.
    public var code: RefusalCode
    /// What is wrong, a sentence without a full stop; holds no value of the record.
    public var reason: String
    /// The offending text, at most 40 characters, where it is worth showing; nil: not shown.
    public var shown: String?

    /// A refusal with all its parts.
    public init(extent: RowExtent, field: String, code: RefusalCode, reason: String, shown: String? = nil) {
        self.extent = extent
        self.field = field
        self.code = code
        self.reason = reason
        self.shown = shown
    }
}

/// One record's outcome of reading.
public enum IntakeOutcome: Sendable, Hashable {
    /// It can be taken.
    case record(IntakeRecord)
    /// It cannot.
    case refusal(Refusal)
}

/// The limits of what a file may hold; beyond them a record is refused.
public enum IntakeLimits {
    /// Bytes of one record, its quoted line breaks included.
    public static let recordBytes = 1 << 20
    /// Columns of one record.
    public static let columns = 1000
    /// UTF-8 bytes of a customer id, an event type, an event id, a source.
    public static let identifierBytes = 256
}
