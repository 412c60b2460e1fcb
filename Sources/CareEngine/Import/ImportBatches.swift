import CareIntake
import CareThreads
import CareValues

/// What one transaction of an import gets: rows to take, and those between them that were refused.
struct ImportBatch: Sendable {
    /// Rows whose values fit their declarations, in an order that the store likes; see ``ImportOrder``.
    var rows: [ImportRow] = []
    /// Rows refused by reading and typing.
    var refusals: [Refusal] = []
    /// Rows read in all up to the end of this batch.
    var rowsRead = 0
    /// Bytes read up to the end of this batch.
    var bytesRead = 0
    /// Columns that nothing asks for, as far as they were met.
    var ignoredColumns: [String] = []
    /// Whether the file ends with it.
    var isLast = false
}

/// Reads a file on a thread of its own, at most one batch ahead of the writer.
final class ImportBatches: Sendable {
    private struct State {
        var ready: ImportBatch?
        var failure: (any Error)?
        var isAbandoned = false
    }
    private let state = Monitor(State())
    private let request: ImportRequest
    private let shape: FileShape
    private let typing: ImportTyping
    private let skipsComments: Bool
    private let size: Int

    /// Batches of `size` rows of the file that `request` names.
    init(_ request: ImportRequest, shape: FileShape, typing: ImportTyping, skipsComments: Bool, size: Int) {
        self.request = request
        self.shape = shape
        self.typing = typing
        self.skipsComments = skipsComments
        self.size = size
    }

    /// Begins reading; nil: the system has no thread left.
    func start() -> Worker? {
        Worker { [self] in
            do {
                try read()
            } catch {
                state.update { $0.failure = error }
            }
        }
    }

    /// The next batch, as soon as it is read. - Throws: ``ImportError``.
    func next() throws -> ImportBatch {
        let result: Result<ImportBatch, any Error>? = state.wait(milliseconds: nil) { state in
            if let batch = state.ready { return .success(batch) }
            return state.failure.map { .failure($0) }
        }
        state.update { $0.ready = nil }
        return try result?.get() ?? ImportBatch(isLast: true)
    }

    /// Ends the reading early.
    func abandon() {
        state.update { $0.isAbandoned = true }
    }

    private func read() throws {
        var file: ImportFile
        do {
            file = try ImportFile(path: request.path)
        } catch let error as FileReadError {
            throw ImportError.unreadable(error)
        }
        var reader = IntakeReader(
            kind: request.kind, shape: shape, mapping: request.mapping, zone: request.zone, declared: typing.declared,
            skipsComments: skipsComments)
        var typing = typing
        var outcomes: [IntakeOutcome] = []
        var batch = ImportBatch()
        var rows = 0
        var isAtEnd = false
        while !isAtEnd {
            do {
                isAtEnd = try file.next { bytes, isLast in try reader.read(bytes, isLast: isLast, into: &outcomes) }
            } catch let error as FileReadError {
                throw ImportError.unreadable(error)
            } catch let problem as IntakeProblem {
                throw ImportError.problem(problem)
            }
            for outcome in outcomes {
                rows += 1
                add(outcome, to: &batch, &typing)
                guard batch.rows.count == size else { continue }
                batch.rowsRead = rows
                batch.bytesRead = file.position
                guard handOver(batch) else { return }
                batch = ImportBatch()
                batch.rows.reserveCapacity(size)
            }
            outcomes.removeAll(keepingCapacity: true)
        }
        batch.rowsRead = rows
        batch.bytesRead = file.position
        batch.ignoredColumns = reader.ignoredColumns
        batch.isLast = true
        _ = handOver(batch)
    }

    private func add(_ outcome: IntakeOutcome, to batch: inout ImportBatch, _ typing: inout ImportTyping) {
        switch outcome {
        case .refusal(let refusal): batch.refusals.append(refusal)
        case .record(let record):
            if let refusal = typing.refusal(of: record) {
                batch.refusals.append(refusal)
            } else {
                var row = ImportRow(record, source: request.source)
                typing.note(&row)
                batch.rows.append(row)
            }
        }
    }

    /// Waits until the writer has taken the batch before; false: nobody wants any more.
    private func handOver(_ batch: ImportBatch) -> Bool {
        var batch = batch
        switch request.mode {
        case .history: ImportOrder.byCustomer(&batch.rows)
        case .fire, .fireAtRows: ImportOrder.inRounds(&batch.rows)
        }
        let isWanted = state.wait(milliseconds: nil) { state -> Bool? in
            if state.isAbandoned { return false }
            return state.ready == nil ? true : nil
        }
        guard isWanted == true else { return false }
        state.update { $0.ready = batch }
        return true
    }
}
