import CareIntake
import CareValues

/// What one `care import` is asked to take in, and how.
public struct ImportRequest: Sendable {
    /// What becomes of the rows.
    public enum Mode: Sendable, Hashable {
        /// They are the past: stored, nothing fires. Rows at or after `until` are not taken.
        case history(until: Timestamp)
        /// Each row is received now, and fires.
        case fire
        /// Each row is received at its own time, or at the customer's clock if that is later, and fires.
        case fireAtRows
    }

    /// What the file holds.
    public var kind: IntakeKind
    /// Its path.
    public var path: String
    /// How messages and the rejects file call it.
    public var shownPath: String
    /// Which column is what.
    public var mapping: IntakeMapping
    /// The zone of local times.
    public var zone: Zone
    /// What becomes of the rows.
    public var mode: Mode
    /// The source of events that name none: `import` unless said.
    public var source: String
    /// Whether a row that is stored with other properties is another event.
    public var allowsNew: Bool

    /// A request to take in the file at `path` as `mode` says.
    public init(
        kind: IntakeKind, path: String, shownPath: String, mapping: IntakeMapping = IntakeMapping(), zone: Zone,
        mode: Mode, source: String = "import", allowsNew: Bool = false
    ) {
        self.kind = kind
        self.path = path
        self.shownPath = shownPath
        self.mapping = mapping
        self.zone = zone
        self.mode = mode
        self.source = source
        self.allowsNew = allowsNew
    }

    /// The path of the file that gets the refused rows.
    public var rejectsPath: String { path + RejectsFile.suffix }
}

/// What of a request whoever writes its rows must know.
struct ImportOrders: Sendable, Hashable {
    var kind: IntakeKind
    var mode: ImportRequest.Mode
    var allowsNew: Bool
}

extension ImportRequest {
    var orders: ImportOrders { ImportOrders(kind: kind, mode: mode, allowsNew: allowsNew) }
}

/// How far an import is.
public struct ImportProgress: Sendable, Hashable {
    /// Bytes read so far.
    public var bytesRead: Int
    /// Bytes of the file.
    public var bytes: Int
    /// Rows read and dealt with so far.
    public var rows: Int
}

/// What an import did. Every row read is in one of ``new``, ``alreadyStored``, ``erased``, ``notTaken`` and ``refused``.
public struct ImportSummary: Sendable {
    /// One reason for refusals.
    public struct RefusalTally: Sendable, Hashable {
        /// How many.
        public var count: Int
        /// The first, by line.
        public var first: Refusal
    }

    /// Rows read.
    public var read = 0
    /// Rows stored.
    public var new = 0
    /// Rows that were stored before, or whose attributes are so already.
    public var alreadyStored = 0
    /// Rows about customers who were erased, not stored.
    public var erased = 0
    /// Rows at or after the end of history.
    public var notTaken = 0
    /// Rows refused.
    public var refused = 0
    /// Refusals by reason.
    public var refusals: [RefusalCode: RefusalTally] = [:]
    /// Rows taken although they hold a date that stands for "unknown" in many systems.
    public var sentinelDates = 0
    /// The line and field of the first such date.
    public var firstSentinel: (line: Int, field: String)?
    /// Rows taken although their zone is none: the project's is used.
    public var unknownZones = 0
    /// The line and field of the first of them.
    public var firstUnknownZone: (line: Int, field: String)?
    /// Events taken although the rule files declare event types, and neither declare nor name theirs; by type, the
    /// first ``undeclaredLimit`` of them.
    public var undeclaredTypes: [String: Int] = [:]
    /// Events of undeclared types, those beyond the limit included.
    public var undeclaredEvents = 0
    /// Columns of the file that no declaration and no mapping names.
    public var ignoredColumns: [String] = []
    /// What was decided, where rows fire.
    public var decisions = CustomerWriter.Summary()
    /// Whether it was stopped before the end of the file; what was read until then is stored.
    public var isInterrupted = false

    /// Nothing done.
    public init() {}

    mutating func count(_ refusal: Refusal) {
        refused += 1
        refusals[refusal.code, default: RefusalTally(count: 0, first: refusal)].count += 1
    }

    /// So many undeclared types are named; there may be as many as rows.
    static let undeclaredLimit = 100

    mutating func flag(_ row: ImportRow) {
        // Rows come by customer, not by line: the first is that of the least line.
        if let field = row.sentinelField {
            sentinelDates += 1
            if row.extent.line < firstSentinel?.line ?? .max { firstSentinel = (row.extent.line, field) }
        }
        if let field = row.zoneField {
            unknownZones += 1
            if row.extent.line < firstUnknownZone?.line ?? .max { firstUnknownZone = (row.extent.line, field) }
        }
        if row.isUndeclared, case .event(let event) = row.fact {
            undeclaredEvents += 1
            if undeclaredTypes.count < Self.undeclaredLimit || undeclaredTypes[event.type] != nil {
                undeclaredTypes[event.type, default: 0] += 1
            }
        }
    }
}

/// Why an import could not begin or go on.
public enum ImportError: Error, Sendable, Hashable {
    /// The file cannot be read.
    case unreadable(FileReadError)
    /// The file cannot be read on; the `rows` before are dealt with, and stored where they were good.
    case brokenOff(FileReadError, rows: Int)
    /// The file as a whole is not what was said.
    case problem(IntakeProblem)
    /// The rejects file cannot be written.
    case rejects(FileReadError)
    /// The service that holds the store has ended, or answers no more; the `rows` before are dealt with.
    case serviceEnded(rows: Int)
}
