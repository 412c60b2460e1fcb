import CareValues

/// Reads delimited records from chunks of bytes, with memory for one chunk and one record.
struct DelimitedReader {
    private let kind: IntakeKind
    private let mapping: IntakeMapping
    private let declared: DeclaredTypes
    private let scanner: DelimitedScanner
    private let hasHeader: Bool
    private let givenColumns: [String]?
    private let skipsComments: Bool
    private var reading: FieldReading

    private var fields: [FieldSpan] = []
    private var plan: ColumnPlan?
    private var columnCount = 0
    private var headerPassed = false
    private var line = 1
    /// Bytes of the file before the ones handed over next.
    private var offset = 0
    /// The types of ``ColumnPlan/members`` for one event type, so that each is looked up once.
    private var propertyTypes: [String: [FieldType]] = [:]

    /// Columns that nothing asks for, once the first record was read.
    private(set) var ignored: [String] = []

    init(
        kind: IntakeKind, mapping: IntakeMapping, delimiter: Delimiter, hasHeader: Bool, columns: [String]?,
        zone: Zone, declared: DeclaredTypes, skipsComments: Bool
    ) {
        self.skipsComments = skipsComments
        self.kind = kind
        self.mapping = mapping
        self.declared = declared
        self.scanner = DelimitedScanner(delimiter: delimiter)
        self.hasHeader = hasHeader
        self.givenColumns = columns
        self.reading = FieldReading(zone: zone)
    }

    /// Reads the whole records of `bytes`; returns how many bytes they took. The rest comes again, with more.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, into outcomes: inout [IntakeOutcome]
    ) throws(IntakeProblem) -> Int {
        var position = 0
        if offset == 0, bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        while position < bytes.count {
            let extentStart = offset + position
            if skipsComments, DelimitedScanner.isComment(bytes, at: position),
                let (_, next) = DelimitedScanner.line(bytes, from: position, isLast: isLast)
            {
                line += 1
                position = next
                continue
            }
            switch scanner.scan(bytes, from: position, isLast: isLast, fields: &fields) {
            case .incomplete:
                guard bytes.count - position > IntakeLimits.recordBytes else {
                    offset += position
                    return position
                }
                guard let (end, next) = DelimitedScanner.line(bytes, from: position, isLast: isLast) else {
                    offset += position
                    return position
                }
                refuse(
                    RowExtent(line: line, offset: extentStart, length: end - position), .tooLarge,
                    "larger than \(IntakeLimits.recordBytes) bytes, or a quote has no end", &outcomes)
                line += 1
                position = next
            case .broken(let reason, let end, let next):
                refuse(
                    RowExtent(line: line, offset: extentStart, length: end - position), .brokenLine, reason,
                    &outcomes)
                line += 1
                position = next
            case .record(let end, let next, let lines):
                let extent = RowExtent(line: line, offset: extentStart, length: end - position)
                if try take(bytes, extent: extent, into: &outcomes) || lines == 1 {
                    line += lines
                    position = next
                } else {
                    // Another number of fields over several lines: an open quote swallowed them. Only the first is lost.
                    let first = DelimitedScanner.line(bytes, from: position, isLast: true)
                    line += 1
                    position = first?.next ?? next
                }
            }
        }
        offset += position
        return position
    }

    /// Handles one record; false: it does not have the right number of fields.
    private mutating func take(
        _ bytes: UnsafeRawBufferPointer, extent: RowExtent, into outcomes: inout [IntakeOutcome]
    ) throws(IntakeProblem) -> Bool {
        if fields.isEmpty || (fields.count == 1 && fields[0].start == fields[0].end && extent.length == 0) {
            return true  // an empty line is no record
        }
        if plan == nil, try !prepare(bytes) { return true }
        guard let plan else { return true }
        guard fields.count == columnCount else {
            refuse(
                extent, .brokenLine,
                "\(fields.count) fields, \(hasHeader ? "the header" : "the mapping") has \(columnCount)",
                &outcomes)
            return false
        }
        do throws(Refusal) {
            outcomes.append(.record(try record(bytes, plan: plan, extent: extent)))
        } catch {
            outcomes.append(.refusal(error))
        }
        return true
    }

    /// Lays the mapping over the columns; false: the fields at hand were the header.
    private mutating func prepare(_ bytes: UnsafeRawBufferPointer) throws(IntakeProblem) -> Bool {
        var columns = givenColumns
        let isHeader = hasHeader && !headerPassed
        headerPassed = true
        if columns == nil {
            if isHeader {
                columns = []
                for span in fields {
                    let name = try? withField(bytes, span) { cell throws(FieldFault) in
                        try FieldReading.text(FieldReading.trimmed(cell))
                    }
                    guard let name else {
                        throw IntakeProblem(code: "import.not-utf8", message: "the header is not UTF-8")
                    }
                    columns?.append(name)
                }
            } else {
                columns = (1...fields.count).map(String.init)
            }
        }
        let names = columns ?? []
        guard names.count <= IntakeLimits.columns else {
            throw IntakeProblem(
                code: "import.too-many-columns", message: "\(names.count) columns, the limit is \(IntakeLimits.columns)"
            )
        }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw IntakeProblem(
                code: "import.duplicate-column", message: "two columns are called '\(name)'",
                help: "name them by position: \"columns\" in a mapping")
        }
        let plan = try ColumnPlan(mapping: mapping, columns: names, kind: kind, declared: declared)
        self.plan = plan
        columnCount = names.count
        ignored = plan.ignored
        return !isHeader
    }

    private mutating func record(
        _ bytes: UnsafeRawBufferPointer, plan: ColumnPlan, extent: RowExtent
    ) throws(Refusal) -> IntakeRecord {
        reading.sawSentinel = false
        var sentinelField: String?
        guard let customer = try identifier(bytes, plan.customer, .noCustomer, extent) else {
            throw Refusal(extent: extent, field: plan.customer.label, code: .noCustomer, reason: "no customer id")
        }
        var time: Timestamp?
        if let field = plan.time {
            time = try instant(bytes, field, extent)
            if reading.sawSentinel { sentinelField = field.label }
        }
        let content: IntakeRecord.Content
        switch kind {
        case .customers:
            let values = try members(bytes, plan, types: nil, extent: extent, sentinelField: &sentinelField)
            content = .attributes(values, time: time)
        case .events:
            guard let time else {
                throw Refusal(extent: extent, field: plan.time?.label ?? "", code: .noTime, reason: "no time")
            }
            let type = try plan.type.flatMap { field throws(Refusal) in
                try identifier(bytes, field, .unknownType, extent)
            }
            guard let type else {
                throw Refusal(
                    extent: extent, field: plan.type?.label ?? "", code: .unknownType, reason: "no event type")
            }
            let id = try plan.id.flatMap { field throws(Refusal) in try identifier(bytes, field, .noID, extent) }
            if id == nil, plan.requiresID {
                throw Refusal(extent: extent, field: plan.id?.label ?? "", code: .noID, reason: "no event id")
            }
            let source = try plan.source.flatMap { field throws(Refusal) in
                try identifier(bytes, field, .badValue, extent)
            }
            let values = try members(
                bytes, plan, types: types(of: type, plan), extent: extent, sentinelField: &sentinelField)
            content = .event(type: type, id: id, source: source, time: time, properties: values)
        }
        return IntakeRecord(extent: extent, customer: customer, content: content, sentinelField: sentinelField)
    }

    /// What each member becomes in an event of `type`: as the mapping says, as declared, else text.
    private mutating func types(of type: String, _ plan: ColumnPlan) -> [FieldType] {
        if let known = propertyTypes[type] { return known }
        let types = plan.members.map { $0.field.type ?? declared.property(type, $0.name) ?? .text }
        propertyTypes[type] = types
        return types
    }

    private mutating func members(
        _ bytes: UnsafeRawBufferPointer, _ plan: ColumnPlan, types: [FieldType]?, extent: RowExtent,
        sentinelField: inout String?
    ) throws(Refusal) -> JSONObject {
        var values: [(name: String, value: JSONValue)] = []
        values.reserveCapacity(plan.members.count)
        for position in plan.members.indices {
            let (name, field) = plan.members[position]
            reading.sawSentinel = false
            let type = types?[position] ?? field.type ?? .text
            let value = try self.value(bytes, field, type: type, extent)
            if reading.sawSentinel, sentinelField == nil { sentinelField = field.label }
            if let value {
                values.append((name, value))
            } else if kind == .customers {
                // An empty cell of a customer says that nothing is known: the attribute is taken away.
                values.append((name, .null))
            }
        }
        return JSONObject(uniqueMembers: values)
    }

    private mutating func identifier(
        _ bytes: UnsafeRawBufferPointer, _ field: WantedField, _ code: RefusalCode, _ extent: RowExtent
    ) throws(Refusal) -> String? {
        switch field.place {
        case .constant(let value):
            guard case .string(let text) = value else { return nil }
            return text
        case .index(let index):
            do throws(FieldFault) {
                return try withField(bytes, fields[index]) { cell throws(FieldFault) in
                    guard let text = try FieldReading.identifier(cell, code: code) else { return nil }
                    guard let values = field.values else { return text }
                    guard case .string(let replaced)? = values[text] else {
                        throw FieldFault(
                            code: code, reason: "not among the mapping's values", shown: FieldReading.shown(cell))
                    }
                    return replaced
                }
            } catch {
                throw Refusal(extent, field.label, error)
            }
        }
    }

    private mutating func instant(
        _ bytes: UnsafeRawBufferPointer, _ field: WantedField, _ extent: RowExtent
    ) throws(Refusal) -> Timestamp? {
        var format = TimeFormat.iso8601
        if case .instant(let given)? = field.type { format = given }
        guard case .index(let index) = field.place else { return nil }
        do throws(FieldFault) {
            return try withField(bytes, fields[index]) { cell throws(FieldFault) in
                let cell = FieldReading.trimmed(cell)
                return cell.isEmpty ? nil : try reading.instant(cell, format: format)
            }
        } catch {
            throw Refusal(extent, field.label, error)
        }
    }

    private mutating func value(
        _ bytes: UnsafeRawBufferPointer, _ field: WantedField, type: FieldType, _ extent: RowExtent
    ) throws(Refusal) -> JSONValue? {
        switch field.place {
        case .constant(let value): return value
        case .index(let index):
            do throws(FieldFault) {
                return try withField(bytes, fields[index]) { cell throws(FieldFault) in
                    guard let values = field.values else { return try reading.value(cell, type: type) }
                    guard let text = try FieldReading.identifier(cell, code: .badValue) else { return nil }
                    guard let value = values[text] else {
                        throw FieldFault(
                            code: .badValue, reason: "not among the mapping's values", shown: FieldReading.shown(cell))
                    }
                    return value
                }
            } catch {
                throw Refusal(extent, field.label, error)
            }
        }
    }

    private func refuse(
        _ extent: RowExtent, _ code: RefusalCode, _ reason: String, _ outcomes: inout [IntakeOutcome]
    ) {
        outcomes.append(.refusal(Refusal(extent: extent, field: "", code: code, reason: reason)))
    }
}

/// Runs `body` on the text of a field, in which two quotes have become one.
private func withField<Result>(
    _ bytes: UnsafeRawBufferPointer, _ span: FieldSpan,
    _ body: (UnsafeRawBufferPointer) throws(FieldFault) -> Result
) throws(FieldFault) -> Result {
    let raw = UnsafeRawBufferPointer(rebasing: bytes[span.start..<span.end])
    guard span.hasDoubledQuotes else { return try body(raw) }
    let quote = UInt8(ascii: "\"")
    var plain: [UInt8] = []
    plain.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
        plain.append(raw[index])
        index += raw[index] == quote ? 2 : 1
    }
    return try plain.withUnsafeBufferPointer { buffer throws(FieldFault) in try body(UnsafeRawBufferPointer(buffer)) }
}

extension Refusal {
    /// The refusal of a record for what is wrong with one of its fields.
    init(_ extent: RowExtent, _ field: String, _ fault: FieldFault) {
        self.init(extent: extent, field: field, code: fault.code, reason: fault.reason, shown: fault.shown)
    }
}
