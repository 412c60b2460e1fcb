import CareValues
import Foundation

/// What is compared: each reads all lines once and gives back a sum that must be the same for all.
enum Readers {
    /// A typed event as an intake needs it.
    struct TypedEvent {
        var id: String
        var customer: String
        var type: String
        var time: Timestamp
        /// The member `amount`, or that of `properties`; nil: there is none.
        var amount: FixedDecimal?
    }

    /// To the tape only; gives the number of lines read.
    static func tape(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        let tape = JSONTape()
        var count: Int64 = 0
        forEachLine(bytes) { line in
            guard let root = try? tape.parse(line) else { return }
            count += root.kind == .object ? 1 : 0
        }
        return count
    }

    /// To typed events, in batches as a transaction takes them; gives the sum of cents and of seconds.
    static func events(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        var reader = EventReader()
        forEachLine(bytes) { reader.read($0) }
        reader.flush()
        return reader.sum
    }

    private struct EventReader {
        let tape = JSONTape()
        let id: JSONKey = "id"
        let customer: JSONKey = "customer"
        let type: JSONKey = "type"
        let time: JSONKey = "time"
        let amount: JSONKey = "amount"
        let properties: JSONKey = "properties"
        var batch: [TypedEvent] = []
        var sum: Int64 = 0

        mutating func read(_ line: UnsafeRawBufferPointer) {
            guard let root = try? tape.parse(line), let id = root[id]?.string, let customer = root[customer]?.string,
                let type = root[type]?.string, let time = root[time]?.timestamp
            else { return }
            let amount = (root[amount] ?? root[properties]?[amount])?.decimal
            batch.append(TypedEvent(id: id, customer: customer, type: type, time: time, amount: amount))
            if batch.count == 2_000 { flush() }
        }

        mutating func flush() {
            for event in batch {
                let cents = Int64((event.amount?.units ?? 0) / 10_000_000)
                sum &+= cents &+ event.time.milliseconds / 1000 &+ Int64(event.id.utf8.count)
            }
            batch.removeAll(keepingCapacity: true)
        }
    }

    private struct DecodedEvent: Decodable {
        var id: String
        var customer: String
        var type: String
        var time: String
        var amount: Double?
        var properties: Properties?

        struct Properties: Decodable {
            var amount: Double?
        }
    }

    /// Foundation's `JSONDecoder` on the same lines, to the same fields; amounts stay doubles, times are then parsed as
    /// above, so that it is spared its slow date strategies.
    static func foundation(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        let decoder = JSONDecoder()
        var sum: Int64 = 0
        forEachLine(bytes) { line in
            guard let base = line.baseAddress else { return }
            let data = Data(
                bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: line.count, deallocator: .none)
            guard let event = try? decoder.decode(DecodedEvent.self, from: data),
                let time = Timestamp(iso8601: event.time)
            else { return }
            let amount = event.amount ?? event.properties?.amount ?? 0
            sum &+= Int64((amount * 100).rounded()) &+ time.milliseconds / 1000 &+ Int64(event.id.utf8.count)
        }
        return sum
    }

    /// Calls `body` with each line, without its line feed.
    private static func forEachLine(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard var start = bytes.baseAddress else { return }
        let end = start + bytes.count
        while start < end, let stop = memchr(start, 0x0A, end - start) {
            body(UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(stop) - start))
            start = UnsafeRawPointer(stop) + 1
        }
    }
}
