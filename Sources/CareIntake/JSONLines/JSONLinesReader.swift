import CareValues

/// Reads one JSON object a line from chunks of bytes.
struct JSONLinesReader {
    private let kind: IntakeKind
    private let mapping: IntakeMapping
    private let plan: MemberPlan
    private let tape: JSONTape
    private var values: MemberValues
    private var line = 1
    /// Bytes of the file before the ones handed over next.
    private var offset = 0

    private let skipsComments: Bool

    init(
        kind: IntakeKind, mapping: IntakeMapping, zone: Zone, declared: DeclaredTypes, skipsComments: Bool
    ) {
        self.skipsComments = skipsComments
        self.kind = kind
        self.mapping = mapping
        plan = MemberPlan(mapping: mapping, kind: kind, declared: declared)
        tape = JSONTape(limits: JSONLimits(maximumBytes: IntakeLimits.recordBytes, allowsDuplicateKeys: true))
        values = MemberValues(zone: zone)
    }

    /// Members that nothing asks for, as far as they were met; at most 50.
    var ignored: [String] { values.ignored.sorted() }

    /// Reads the whole lines of `bytes`; returns how many bytes they took. The rest comes again, with more.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, into outcomes: inout [IntakeOutcome]
    ) -> Int {
        var position = 0
        if offset == 0, bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        while position < bytes.count {
            guard let (end, next) = DelimitedScanner.line(bytes, from: position, isLast: isLast) else {
                // A line without an end within the limit is broken; what is left of it is refused piece by piece.
                guard bytes.count - position > 2 * IntakeLimits.recordBytes else { break }
                refuse(
                    from: position, to: bytes.count, .tooLarge, "larger than \(IntakeLimits.recordBytes) bytes",
                    &outcomes)
                position = bytes.count
                break
            }
            let text = FieldReading.trimmed(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
            let isComment = skipsComments && DelimitedScanner.isComment(bytes, at: position)
            if !text.isEmpty, !isComment { take(text, from: position, to: end, into: &outcomes) }
            line += 1
            position = next
        }
        offset += position
        return position
    }

    private mutating func take(
        _ text: UnsafeRawBufferPointer, from start: Int, to end: Int, into outcomes: inout [IntakeOutcome]
    ) {
        let root: JSONTapeNode
        do throws(JSONSyntaxError) {
            root = try tape.parse(text)
        } catch {
            let code: RefusalCode = error.reason == .tooLarge ? .tooLarge : .brokenLine
            refuse(from: start, to: end, code, "\(error.reason.message), at byte \(error.offset + 1)", &outcomes)
            return
        }
        guard root.kind == .object else {
            refuse(from: start, to: end, .brokenLine, "not a JSON object", &outcomes)
            return
        }
        let extent = RowExtent(line: line, offset: offset + start, length: end - start)
        do throws(Refusal) {
            outcomes.append(.record(try record(root, extent: extent)))
        } catch {
            outcomes.append(.refusal(error))
        }
    }

    private mutating func record(_ root: JSONTapeNode, extent: RowExtent) throws(Refusal) -> IntakeRecord {
        values.startRecord()
        guard let customer = try values.identifier(root, plan.customer, .noCustomer, extent) else {
            throw Refusal(extent: extent, field: plan.customer[0].label, code: .noCustomer, reason: "no customer id")
        }
        let time = try values.instant(root, plan.time, extent)
        switch kind {
        case .customers:
            let attributes = try values.members(root, plan, eventType: nil, extent)
            return IntakeRecord(
                extent: extent, customer: customer, content: .attributes(attributes, time: time),
                sentinelField: values.sentinelField)
        case .events:
            guard let time else {
                throw Refusal(extent: extent, field: plan.time.label, code: .noTime, reason: "no time")
            }
            guard let type = try values.identifier(root, [plan.type], .unknownType, extent) else {
                throw Refusal(extent: extent, field: plan.type.label, code: .unknownType, reason: "no event type")
            }
            let id = try values.identifier(root, [plan.id], .noID, extent)
            if id == nil, mapping.id != nil {
                throw Refusal(extent: extent, field: plan.id.label, code: .noID, reason: "no event id")
            }
            let source = try values.identifier(root, [plan.source], .badValue, extent)
            let properties = try values.members(root, plan, eventType: type, extent)
            return IntakeRecord(
                extent: extent, customer: customer,
                content: .event(type: type, id: id, source: source, time: time, properties: properties),
                sentinelField: values.sentinelField)
        }
    }

    private func refuse(
        from start: Int, to end: Int, _ code: RefusalCode, _ reason: String, _ outcomes: inout [IntakeOutcome]
    ) {
        let extent = RowExtent(line: line, offset: offset + start, length: end - start)
        outcomes.append(.refusal(Refusal(extent: extent, field: "", code: code, reason: reason)))
    }
}
