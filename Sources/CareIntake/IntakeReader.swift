import CareValues

/// Reads a file of customers or events, chunk by chunk: bytes in, records and refusals out.
///
/// Knows no files: the caller hands over the bytes in order and says which are the last.
public struct IntakeReader {
    // Exactly one of the two.
    private var delimited: DelimitedReader?
    private var jsonLines: JSONLinesReader?
    /// Bytes of a record whose end has not come yet.
    private var pending: [UInt8] = []

    /// A reader of records of `kind`, laid out as `shape`.
    ///
    /// - Parameters:
    ///   - mapping: which column is what; its own `shape` and `zone` are not looked at.
    ///   - zone: the zone of local times and of dates without time.
    ///   - declared: the types the rule files declare.
    ///   - skipsComments: whether lines that begin with `# ` count for nothing, as in a file of refused rows.
    public init(
        kind: IntakeKind, shape: FileShape, mapping: IntakeMapping, zone: Zone, declared: DeclaredTypes,
        skipsComments: Bool = false
    ) {
        switch shape {
        case .delimited(let delimiter, let hasHeader, let columns):
            delimited = DelimitedReader(
                kind: kind, mapping: mapping, delimiter: delimiter, hasHeader: hasHeader, columns: columns,
                zone: zone, declared: declared, skipsComments: skipsComments)
        case .jsonLines:
            jsonLines = JSONLinesReader(
                kind: kind, mapping: mapping, zone: zone, declared: declared, skipsComments: skipsComments)
        }
    }

    /// Reads the next bytes of the file and appends what became of every record that is whole.
    ///
    /// - Parameter isLast: no bytes come after these; the last record needs no line end.
    /// - Throws: ``IntakeProblem`` when the columns are not those that are asked for; nothing was read then.
    public mutating func read(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, into outcomes: inout [IntakeOutcome]
    ) throws(IntakeProblem) {
        if pending.isEmpty {
            let taken = try take(bytes, isLast: isLast, into: &outcomes)
            if taken < bytes.count { pending.append(contentsOf: bytes[taken...]) }
            return
        }
        pending.append(contentsOf: bytes)
        var held = pending
        pending = []
        let taken = try held.withUnsafeBufferPointer { buffer throws(IntakeProblem) in
            try take(UnsafeRawBufferPointer(buffer), isLast: isLast, into: &outcomes)
        }
        held.removeFirst(taken)
        pending = held
    }

    /// Columns of the file that are neither asked for nor declared, as far as they were met.
    public var ignoredColumns: [String] {
        delimited?.ignored ?? jsonLines?.ignored ?? []
    }

    private mutating func take(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, into outcomes: inout [IntakeOutcome]
    ) throws(IntakeProblem) -> Int {
        if let taken = try delimited?.read(bytes, isLast: isLast, into: &outcomes) { return taken }
        return jsonLines?.read(bytes, isLast: isLast, into: &outcomes) ?? bytes.count
    }
}
