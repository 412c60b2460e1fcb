import CareDecisions
import CareIntake
import CareValues

/// Writes the rows of an import through the service that holds the store: reading, typing and the file of rejects stay
/// with the command.
struct RemoteImport: ImportTarget {
    /// The service has ended, or what it answers cannot be read.
    struct Ended: Error {}

    private let orders: ImportOrders
    private let exchange: Importer.Exchange
    private(set) var decisions = CustomerWriter.Summary()
    let batch: Int

    /// Begins an import there. - Throws: what the service has to say; ``ImportError/serviceEnded(rows:)``.
    init(_ orders: ImportOrders, _ exchange: @escaping Importer.Exchange) throws {
        self.orders = orders
        self.exchange = exchange
        switch orders.mode {
        case .history: batch = ImportWire.historyBatch
        case .fire, .fireAtRows: batch = ImportWire.firingBatch
        }
        guard try exchange(Array(JSONWriter.text(orders.json).utf8)) != nil else {
            throw ImportError.serviceEnded(rows: 0)
        }
    }

    mutating func write(_ rows: [ImportRow], _ summary: inout ImportSummary) throws -> [Refusal] {
        var refusals: [Refusal] = []
        var start = 0
        while start < rows.count {
            var end = start
            var text = #"{"rows":["#
            repeat {
                if end > start { text += "," }
                text += JSONWriter.text(rows[end].json)
                end += 1
            } while end < rows.count && text.utf8.count < ImportWire.messageBytes
            text += "]}"
            guard let reply = try exchange(Array(text.utf8)), let object = ImportWire.value(reply),
                let answer = ImportAnswer(object)
            else { throw Ended() }
            note(answer, rows[start..<end], &summary)
            refusals += answer.refusals
            start = end
        }
        return refusals
    }

    /// Counts what a message came to; what is odd about rows that were taken is known here.
    private mutating func note(_ answer: ImportAnswer, _ rows: ArraySlice<ImportRow>, _ summary: inout ImportSummary) {
        summary.new += answer.new
        summary.alreadyStored += answer.alreadyStored
        summary.erased += answer.erased
        summary.notTaken += answer.notTaken
        decisions.decisions.merge(answer.decisions, uniquingKeysWith: +)
        let refused = Set(answer.refusals.map(\.extent))
        for row in rows where !refused.contains(row.extent) {
            if case .history(let until) = orders.mode, let time = row.time, time >= until { continue }
            summary.flag(row)
        }
    }

    mutating func finish(rejects: String?) throws {
        let message: JSONValue = ["finish": .bool(true), "rejects": rejects.map(JSONValue.string) ?? .null]
        guard try exchange(Array(JSONWriter.text(message).utf8)) != nil else { throw Ended() }
    }
}
