import CareIntake
import CareLogic
import CareRules
import CareStore
import CareValues

/// Takes a file of customers or events into the store: `care import`.
///
/// Rows are read in chunks and written in transactions. A row that cannot be taken is refused and named; it costs no
/// other one. What was committed stays when the import is stopped, and the same file imported again adds the rest.
public struct Importer: Sendable {
    /// How many rows of history one transaction holds: enough that each page of the store is written once for many.
    static let historyBatch = 250_000
    /// How many rows that fire one transaction holds.
    static let firingBatch = 1_000

    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let clock: DecisionClock

    /// An importer into `store`, by `clock`.
    public init(store: any CareStore, zones: any ZoneDirectory, clock: DecisionClock) {
        self.store = store
        self.zones = zones
        self.clock = clock
    }

    /// Takes the file in.
    ///
    /// The rules of the files are put in force first, if they are not: rows are typed and decided by them.
    /// - Parameters:
    ///   - progress: called now and then with how far it is; false: stop after what is read.
    /// - Throws: ``ImportError``, `StoreError`, ``EngineError``.
    public func run(
        _ request: ImportRequest, rules candidate: CandidateRules,
        progress: (ImportProgress) -> Bool = { _ in true }
    ) throws -> ImportSummary {
        var file: ImportFile
        do {
            file = try ImportFile(path: request.path)
        } catch let error as FileReadError {
            throw ImportError.unreadable(error)
        }
        let beginning = file.beginning(4096)
        let shape = request.mapping.shape ?? .guessed(name: request.path, beginning: beginning)
        let typing = ImportTyping(schema: candidate.rules.schema)
        var reader = IntakeReader(
            kind: request.kind, shape: shape, mapping: request.mapping, zone: request.zone, declared: typing.declared,
            skipsComments: beginning.starts(with: RejectsFile.mark.utf8))
        var rejects = RejectsFile(
            path: request.rejectsPath, origin: request.shownPath, header: Self.header(of: shape, beginning))
        var writer = ImportWriter(
            request: request, store: store, zones: zones, clock: clock, candidate: candidate)
        var summary = ImportSummary()
        var outcomes: [IntakeOutcome] = []
        var isAtEnd = false
        while !isAtEnd {
            isAtEnd = try Self.read(&file, &reader, into: &outcomes)
            guard outcomes.count >= writer.batch || isAtEnd else { continue }
            try Self.write(&outcomes, typing, &writer, file, &rejects, &summary)
            let state = ImportProgress(bytesRead: file.position, bytes: file.bytes, rows: summary.read)
            if !progress(state), !isAtEnd {
                summary.isInterrupted = true
                break
            }
        }
        try writer.finish()
        summary.ignoredColumns = reader.ignoredColumns
        summary.decisions = writer.decisions
        return summary
    }

    private static func read(
        _ file: inout ImportFile, _ reader: inout IntakeReader, into outcomes: inout [IntakeOutcome]
    ) throws -> Bool {
        do {
            return try file.next { bytes, isLast in try reader.read(bytes, isLast: isLast, into: &outcomes) }
        } catch let error as FileReadError {
            throw ImportError.unreadable(error)
        } catch let problem as IntakeProblem {
            throw ImportError.problem(problem)
        }
    }

    /// Writes what was read, a batch a transaction, and the refused rows in the order of their lines.
    private static func write(
        _ outcomes: inout [IntakeOutcome], _ typing: ImportTyping, _ writer: inout ImportWriter,
        _ file: borrowing ImportFile, _ rejects: inout RejectsFile, _ summary: inout ImportSummary
    ) throws {
        var refusals: [Refusal] = []
        var records: [IntakeRecord] = []
        records.reserveCapacity(min(outcomes.count, writer.batch))
        for outcome in outcomes {
            summary.read += 1
            switch outcome {
            case .refusal(let refusal): refusals.append(refusal)
            case .record(let record):
                if let refusal = typing.refusal(of: record) {
                    refusals.append(refusal)
                } else {
                    records.append(record)
                }
            }
            if records.count == writer.batch {
                refusals += try writer.write(records, &summary)
                records.removeAll(keepingCapacity: true)
            }
        }
        refusals += try writer.write(records, &summary)
        outcomes.removeAll(keepingCapacity: true)
        for refusal in refusals.sorted(by: { $0.extent.line < $1.extent.line }) {
            summary.count(refusal)
            try rejects.add(refusal, row: file.bytes(of: refusal.extent))
        }
    }

    /// The header of a delimited file, to stand in the rejects file too.
    private static func header(of shape: FileShape, _ beginning: [UInt8]) -> [UInt8] {
        guard case .delimited(_, hasHeader: true, _) = shape else { return [] }
        for line in beginning.split(separator: 0x0A, omittingEmptySubsequences: true) {
            if line.starts(with: "# ".utf8) { continue }
            return Array(line) + [0x0A]
        }
        return []
    }
}
