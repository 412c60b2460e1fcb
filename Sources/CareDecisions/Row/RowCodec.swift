import CareLogic
import CareValues

/// The bytes of a row, as the store keeps them: a version byte, `asOf`, the memory with the acts that caps count, then
/// the cache of facts.
///
/// The cache is positional and belongs to one layout of attributes and traits; the memory is by name. A row of another
/// layout therefore decodes without its cache, which is rebuilt from the facts.
public enum RowCodec {
    /// The first byte of every row; another one is refused.
    static let version: UInt8 = 1

    /// A row's bytes for `schema`.
    public static func encode(_ row: CustomerRow, schema: Schema) -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(256)
        writer.bytes.append(version)
        writer.signed(row.asOf.milliseconds)
        writer.optional(row.lastReceivedAt)
        encode(row.memory, acts: row.acts, into: &writer)
        row.cache.encode(into: &writer, schema: schema)
        return writer.bytes
    }

    /// The row in `bytes`. When its cache is of another layout than `schema`'s, it comes back empty and
    /// `hasCache` is false: it is to be rebuilt from the facts.
    ///
    /// - Throws: `ByteDecodingError` when the bytes are cut short or of another version.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, customer: String, schema: Schema
    ) throws
        -> (row: CustomerRow, hasCache: Bool)
    {
        var reader = ByteReader(bytes)
        guard try reader.byte() == version else { throw ByteDecodingError.malformed }
        let asOf = Timestamp(milliseconds: try reader.signed())
        let lastReceivedAt = try reader.optionalTimestamp()
        let (memory, acts) = try decodeMemory(from: &reader)
        var cache: FactCache?
        do {
            cache = try FactCache.decode(from: &reader, schema: schema)
        } catch FactCache.DecodingFailure.otherLayout {
            cache = nil
        }
        let row = CustomerRow(
            customer: customer, asOf: asOf, lastReceivedAt: lastReceivedAt,
            cache: cache ?? FactCache(schema: schema), memory: memory, acts: acts)
        return (row, cache != nil)
    }

    /// What a row's bytes say without being decoded whole.
    public struct Glance {
        /// The customer's own clock.
        public var asOf: Timestamp
        /// Whether there is nothing that a clock or an activation could go on with: no entry, nothing waiting or delayed,
        /// no fact ahead, no watched value, no goal.
        public var isQuiet: Bool
        /// Whether there is nothing that a clock could go on with; what is watched may be remembered.
        public var isCalm: Bool
        /// Whether no fact is ahead, and no occurrence waits.
        public var isForeseeable: Bool
        /// What was decided.
        public var decided: [DecidedOccurrence]
        /// The stored cache.
        public var cache: UnsafeRawBufferPointer
    }

    /// The stored cache in a row's bytes, and what may go on.
    ///
    /// - Throws: `ByteDecodingError` when the bytes are cut short or of another version.
    public static func glance(at bytes: UnsafeRawBufferPointer) throws -> Glance {
        var reader = ByteReader(bytes)
        guard try reader.byte() == version else { throw ByteDecodingError.malformed }
        let asOf = Timestamp(milliseconds: try reader.signed())
        _ = try reader.optionalTimestamp()
        guard let present = reader.rest.first, present != 0 else {
            _ = try reader.byte()
            return Glance(
                asOf: asOf, isQuiet: true, isCalm: true, isForeseeable: true, decided: [], cache: reader.rest)
        }
        // Marks, decided occurrences and acts stay as they are while nothing falls due.
        let isQuiet = present & ~UInt8(8 | 16 | 32) == 0
        let (memory, _) = try decodeMemory(from: &reader)
        let isForeseeable = memory.factsAhead.isEmpty && memory.waiting.isEmpty
        return Glance(
            asOf: asOf, isQuiet: isQuiet,
            isCalm: isForeseeable && memory.entries.isEmpty && memory.delayed.isEmpty && memory.overdue.isEmpty,
            isForeseeable: isForeseeable, decided: memory.decided, cache: reader.rest)
    }

    private static func encode(_ memory: Memory, acts: CountedActs, into writer: inout ByteWriter) {
        // One byte says which lists there are: most customers have none.
        let present: UInt8 =
            (memory.entries.isEmpty ? 0 : 1) | (memory.waiting.isEmpty ? 0 : 2) | (memory.factsAhead.isEmpty ? 0 : 4)
            | (memory.marks.isEmpty ? 0 : 8) | (memory.decided.isEmpty ? 0 : 16) | (acts.isEmpty ? 0 : 32)
            | (hasTerms(memory) ? 64 : 0) | (memory.watched.isEmpty && memory.delayed.isEmpty ? 0 : 128)
        writer.bytes.append(present)
        if !memory.entries.isEmpty { writer.list(memory.entries) { encode($0, into: &$1) } }
        if !memory.waiting.isEmpty { writer.list(memory.waiting) { encode($0, into: &$1) } }
        if !memory.factsAhead.isEmpty { writer.list(memory.factsAhead) { encode($0, into: &$1) } }
        if !memory.marks.isEmpty {
            writer.list(memory.marks) { mark, writer in
                writer.string(mark.campaign)
                writer.string(mark.entryKey)
                writer.signed(mark.lastEntry.milliseconds)
                writer.optional(mark.lastAct)
            }
        }
        if !memory.decided.isEmpty {
            writer.list(memory.decided) { decided, writer in
                writer.string(decided.campaign)
                writer.string(decided.occurrence)
                writer.signed(decided.due.milliseconds)
            }
        }
        if !acts.isEmpty { acts.encode(into: &writer) }
        if present & 64 != 0 { encodeTerms(memory, into: &writer) }
        if present & 128 != 0 { encodeWatching(memory, into: &writer) }
    }

    private static func decodeMemory(from reader: inout ByteReader) throws -> (Memory, CountedActs) {
        var memory = Memory()
        let present = try reader.byte()
        if present & 1 != 0 { memory.entries = try reader.list { try decodeEntry(from: &$0) } }
        if present & 2 != 0 { memory.waiting = try reader.list { try decodeWaiting(from: &$0) } }
        if present & 4 != 0 { memory.factsAhead = try reader.list { try decodeFact(from: &$0) } }
        if present & 8 != 0 {
            memory.marks = try reader.list { reader in
                ReentryMark(
                    campaign: try reader.string(), entryKey: try reader.string(),
                    lastEntry: Timestamp(milliseconds: try reader.signed()), lastAct: try reader.optionalTimestamp())
            }
        }
        if present & 16 != 0 {
            memory.decided = try reader.list { reader in
                DecidedOccurrence(
                    campaign: try reader.string(), occurrence: try reader.string(),
                    due: Timestamp(milliseconds: try reader.signed()))
            }
        }
        let acts = present & 32 == 0 ? CountedActs() : try CountedActs(from: &reader)
        if present & 64 != 0 { try decodeTerms(into: &memory, from: &reader) }
        if present & 128 != 0 { try decodeWatching(into: &memory, from: &reader) }
        return (memory, acts)
    }

    private static func encode(_ entry: Entry, into writer: inout ByteWriter) {
        writer.string(entry.campaign)
        writer.string(entry.occurrence)
        writer.signed(entry.instant.milliseconds)
        writer.optional(entry.eventTime)
        writer.object(entry.values)
        writer.string(entry.entryKey)
        writer.list(entry.todo) { name, writer in writer.string(name) }
        writer.list(entry.done) { step, writer in
            writer.string(step.name)
            writer.signed(step.endedAt.milliseconds)
        }
        writer.list(entry.pending) { action, writer in
            writer.string(action.step)
            writer.string(action.action)
            writer.signed(action.due.milliseconds)
            writer.varint(UInt64(action.rows))
            writer.string(action.reason.rawValue)
            writer.signed(action.wakeUp.milliseconds)
            writer.signed(action.deadline.milliseconds &- action.wakeUp.milliseconds)
        }
    }

    private static func decodeEntry(from reader: inout ByteReader) throws -> Entry {
        Entry(
            campaign: try reader.string(), occurrence: try reader.string(),
            instant: Timestamp(milliseconds: try reader.signed()), eventTime: try reader.optionalTimestamp(),
            values: try reader.object(), entryKey: try reader.string(),
            todo: try reader.list { try $0.string() },
            done: try reader.list { reader in
                Entry.DoneStep(
                    name: try reader.string(), endedAt: Timestamp(milliseconds: try reader.signed()))
            },
            pending: try reader.list { try decodePending(from: &$0) })
    }

    private static func decodePending(from reader: inout ByteReader) throws -> Entry.PendingAction {
        let step = try reader.string()
        let action = try reader.string()
        let due = Timestamp(milliseconds: try reader.signed())
        let rows = Int(truncatingIfNeeded: try reader.varint())
        let reason = try reader.reason()
        let wakeUp = Timestamp(milliseconds: try reader.signed())
        return Entry.PendingAction(
            step: step, action: action, due: due, rows: rows, reason: reason, wakeUp: wakeUp,
            deadline: Timestamp(milliseconds: wakeUp.milliseconds &+ (try reader.signed())))
    }

    private static func encode(_ waiting: WaitingOccurrence, into writer: inout ByteWriter) {
        encode(waiting.occurrence, into: &writer)
        writer.varint(UInt64(waiting.rows))
        writer.string(waiting.reason.rawValue)
        writer.signed(waiting.deadline.milliseconds)
    }

    private static func decodeWaiting(from reader: inout ByteReader) throws -> WaitingOccurrence {
        WaitingOccurrence(
            occurrence: try decodeOccurrence(from: &reader),
            rows: Int(truncatingIfNeeded: try reader.varint()), reason: try reader.reason(),
            deadline: Timestamp(milliseconds: try reader.signed()))
    }

    static func encode(_ occurrence: Occurrence, into writer: inout ByteWriter) {
        writer.string(occurrence.campaign)
        writer.string(occurrence.key)
        writer.signed(occurrence.due.milliseconds)
        writer.signed(occurrence.instant.milliseconds)
        writer.object(occurrence.values)
        writer.list(occurrence.event.map { [$0] } ?? []) { encode(.event($0), into: &$1) }
    }

    static func decodeOccurrence(from reader: inout ByteReader) throws -> Occurrence {
        let campaign = try reader.string()
        let key = try reader.string()
        let due = Timestamp(milliseconds: try reader.signed())
        let instant = Timestamp(milliseconds: try reader.signed())
        let values = try reader.object()
        let events = try reader.list { try decodeFact(from: &$0) }
        var event: Event?
        if case .event(let first)? = events.first { event = first }
        return Occurrence(
            campaign: campaign, key: key, due: due, instant: instant, values: values, event: event)
    }

    private static func encode(_ fact: Fact, into writer: inout ByteWriter) {
        switch fact {
        case .event(let event):
            writer.bytes.append(0)
            writer.string(event.type)
            writer.string(event.source)
            writer.string(event.id)
            writer.signed(event.time.milliseconds)
            writer.signed(event.receivedAt.milliseconds)
            writer.object(event.properties)
        case .attributes(let fact):
            writer.bytes.append(fact.hasOwnTime ? 2 : 1)
            writer.signed(fact.time.milliseconds)
            writer.signed(fact.receivedAt.milliseconds)
            writer.object(fact.values)
        }
    }

    private static func decodeFact(from reader: inout ByteReader) throws -> Fact {
        let kind = try reader.byte()
        switch kind {
        case 0:
            return .event(
                Event(
                    type: try reader.string(), source: try reader.string(), id: try reader.string(),
                    time: Timestamp(milliseconds: try reader.signed()),
                    receivedAt: Timestamp(milliseconds: try reader.signed()), properties: try reader.object()))
        case 1, 2:
            let time = Timestamp(milliseconds: try reader.signed())
            let receivedAt = Timestamp(milliseconds: try reader.signed())
            return .attributes(
                AttributeFact(
                    values: try reader.object(), time: time, receivedAt: receivedAt, hasOwnTime: kind == 2))
        default:
            throw ByteDecodingError.malformed
        }
    }
}

extension ByteWriter {
    mutating func list<Element>(_ elements: [Element], _ write: (Element, inout ByteWriter) -> Void) {
        varint(UInt64(elements.count))
        for element in elements { write(element, &self) }
    }

    mutating func optional(_ instant: Timestamp?) {
        bytes.append(instant == nil ? 0 : 1)
        if let instant { signed(instant.milliseconds) }
    }

    mutating func object(_ object: JSONObject) {
        string(object.isEmpty ? "" : JSONValue.object(object).canonicalText)
    }
}

extension ByteReader {
    mutating func list<Element>(_ read: (inout ByteReader) throws -> Element) throws -> [Element] {
        let count = try varint()
        // Every element takes at least a byte: a damaged count cannot reserve more than there is.
        guard count <= UInt64(remaining) else { throw ByteDecodingError.malformed }
        var elements: [Element] = []
        elements.reserveCapacity(Int(count))
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    mutating func optionalTimestamp() throws -> Timestamp? {
        try byte() == 0 ? nil : Timestamp(milliseconds: try signed())
    }

    mutating func object() throws -> JSONObject {
        let text = try string()
        if text.isEmpty { return JSONObject() }
        guard case .object(let object)? = JSONValue(storedText: text) else { throw ByteDecodingError.malformed }
        return object
    }

    mutating func reason() throws -> Reason {
        guard let reason = Reason(rawValue: try string()) else { throw ByteDecodingError.malformed }
        return reason
    }
}
