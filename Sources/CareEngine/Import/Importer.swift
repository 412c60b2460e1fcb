import CareIntake
import CareLogic
import CareRules
import CareStore
import CareValues

/// Takes a file of customers or events into the store: `care import`.
///
/// Rows are read on a thread of their own, decided about on another, and written in transactions on the caller's. A
/// row that cannot be taken is refused and named; it costs no other one. What was committed stays when the import is
/// stopped, and the same file imported again adds the rest.
public struct Importer: Sendable {
    /// How many rows of history one transaction holds: enough that each page of the store is written once for many.
    static let historyBatch = 250_000
    /// How far ahead of the clock a row may be that is received at its own time, in milliseconds: a customer's clock,
    /// and the store's, never go back.
    static let aheadLimit: Int64 = 10 * 60_000
    /// How many rows that fire one transaction holds: half a second's work. Measured with a million customers: beside
    /// 2,000, half as much is written.
    static let firingBatch = 20_000

    /// Hands a message to the service that holds the store, and gets its answer; nil: it has ended, or does not answer.
    ///
    /// Throws what the service had to say instead.
    public typealias Exchange = @Sendable (_ message: [UInt8]) throws -> [UInt8]?

    private enum Place: Sendable {
        case store(any CareStore, DecisionClock)
        case service(Exchange)
    }
    private let place: Place
    private let zones: any ZoneDirectory

    /// An importer into `store`, by `clock`.
    public init(store: any CareStore, zones: any ZoneDirectory, clock: DecisionClock) {
        place = .store(store, clock)
        self.zones = zones
    }

    /// An importer into the store that a service holds: an ``ImportSession`` of that process gets the messages.
    public init(through exchange: @escaping Exchange, zones: any ZoneDirectory) {
        place = .service(exchange)
        self.zones = zones
    }

    /// Takes the file in.
    ///
    /// The rules of the files are put in force first, if they are not: rows are typed and decided by them. A service
    /// decides by those that it has in force.
    /// - Parameters:
    ///   - progress: called now and then with how far it is; false: stop after what is read.
    /// - Throws: ``ImportError``, `StoreError`, ``EngineError``.
    public func run(
        _ request: ImportRequest, rules candidate: CandidateRules,
        progress: (ImportProgress) -> Bool = { _ in true }
    ) throws -> ImportSummary {
        let file: ImportFile
        do {
            file = try ImportFile(path: request.path)
        } catch let error as FileReadError {
            throw ImportError.unreadable(error)
        }
        let beginning = file.beginning(4096)
        let shape = request.mapping.shape ?? .guessed(name: request.path, beginning: beginning)
        var rejects = RejectsFile(
            path: request.rejectsPath, origin: request.shownPath, header: Self.header(of: shape, beginning))
        let preparer = Preparer()
        var writer: any ImportTarget
        switch place {
        case .store(let store, let clock):
            writer = ImportWriter(
                request.orders, store: store, zones: zones, clock: clock, candidate: candidate, preparer: preparer)
        case .service(let exchange): writer = try RemoteImport(request.orders, exchange)
        }
        let batches = ImportBatches(
            request, shape: shape, typing: ImportTyping(rules: candidate.rules, zones: zones),
            skipsComments: beginning.starts(with: RejectsFile.mark.utf8), size: writer.batch)
        guard let reading = batches.start() else { throw StoreError(.io, "no thread can be had") }
        defer {
            batches.abandon()
            reading.join()
        }
        guard let deciding = preparer.start() else { throw StoreError(.io, "no thread can be had") }
        defer {
            preparer.end()
            deciding.join()
        }
        var summary = ImportSummary()
        var isAtEnd = false
        while !isAtEnd {
            let batch: ImportBatch
            do {
                batch = try batches.next()
            } catch ImportError.unreadable(let error) where summary.read > 0 {
                throw ImportError.brokenOff(error, rows: summary.read)
            }
            isAtEnd = batch.isLast
            let refusals: [Refusal]
            do {
                refusals = try batch.refusals + writer.write(batch.rows, &summary)
            } catch is RemoteImport.Ended {
                throw ImportError.serviceEnded(rows: summary.read)
            }
            for refusal in refusals.sorted(by: { $0.extent.line < $1.extent.line }) {
                summary.count(refusal)
                try rejects.add(refusal, row: file.bytes(of: refusal.extent))
            }
            summary.read = batch.rowsRead
            if isAtEnd { summary.ignoredColumns = batch.ignoredColumns }
            let state = ImportProgress(bytesRead: batch.bytesRead, bytes: file.bytes, rows: summary.read)
            if !progress(state), !isAtEnd {
                summary.isInterrupted = true
                break
            }
        }
        do {
            try writer.finish(rejects: rejects.isMade ? request.rejectsPath : nil)
        } catch is RemoteImport.Ended {
            throw ImportError.serviceEnded(rows: summary.read)
        }
        summary.decisions = writer.decisions
        return summary
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
