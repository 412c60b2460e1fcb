import BenchPopulation
import CareLogic
import CareRules
import CareValues
import Foundation

/// Five conditions over windows of events, for everybody, straight from the events.
struct WindowWork {
    static let conditions = [
        #"{ ">=": [{ "var": "complaints30" }, 2] }"#, #"{ ">=": [{ "var": "purchases7" }, 3] }"#,
        #"{ ">": [{ "var": "refunds90" }, 100] }"#,
        #"{ "and": [{ ">=": [{ "var": "purchases90" }, 1] }, { "==": [{ "var": "logins14" }, 0] }] }"#,
        #"{ ">=": [{ "var": "contacts14" }, 2] }"#,
    ]
    static let traits = """
        "complaints30": { "count": { "event": "complaint", "within": "P30DT1S" } },
        "purchases7": { "count": { "event": "purchase", "within": "P7DT1S" } },
        "refunds90": { "sum": { "event": "refund", "property": "amount", "within": "P90DT1S" } },
        "purchases90": { "count": { "event": "purchase", "within": "P90DT1S" } },
        "logins14": { "count": { "event": "login", "within": "P14DT1S" } },
        "contacts14": { "count": { "event": "support", "within": "P14DT1S" } }
        """

    let customers: Int
    let stream: [EventStream.Event]
    let program: BatchProgram

    init(customers: Int) throws {
        self.customers = customers
        let order = EventStream(customers: customers, rows: 0..<(customers * 5), seconds: 120 * 86_400)
        stream = (0..<(customers * 5)).map { order.event($0) }
        let campaigns = Self.conditions.enumerated().map { index, condition in
            """
            "w\(index)": { "trigger": { "event": "looked" }, "condition": \(condition),
              "actions": [{ "send": "crm", "type": "care.looked", "data": {} }] }
            """
        }
        let text = """
            { "events": { "refund": { "properties": { "amount": { "type": "number" } } } },
              "traits": { \(Self.traits) }, "campaigns": { \(campaigns.joined(separator: ",\n")) } }
            """
        let loaded = RuleSetLoader.load([RuleSource(file: "windows.json", bytes: Array(text.utf8))], destinations: nil)
        guard let rules = loaded.ruleSet else {
            throw Peer.Failure(description: loaded.diagnostics.prefix(3).map { $0.rendered(colour: false) }.joined())
        }
        program = BatchProgram(conditions: rules.campaigns.compactMap(\.condition), schema: rules.schema)
    }

    func measure(_ report: inout Report, _ peers: Peers) throws {
        guard var windows = EventWindows(for: program, customers: customers, now: ColumnWork.now) else {
            throw Peer.Failure(description: "the windows have no column form")
        }
        let codes = EventStream.types.map { name in UInt8(windows.types.firstIndex(of: name) ?? 255) }
        let ids = stream.map { Int32($0.customer - 1) }
        let times = stream.map { $0.seconds * 1000 }
        let types = stream.map { codes[$0.type] }
        let amounts = stream.map { event in
            event.amount.flatMap { FixedDecimal($0) }.flatMap { Int64(exactly: $0.units) } ?? .min
        }
        var scratch = BatchScratch(for: program)
        func run() {
            windows.reset()
            scratch.reset()
            ids.withUnsafeBufferPointer { ids in
                times.withUnsafeBufferPointer { times in
                    types.withUnsafeBufferPointer { types in
                        amounts.withUnsafeBufferPointer { amounts in
                            windows.add(.init(customers: ids, times: times, types: types, amounts: amounts))
                        }
                    }
                }
            }
            windows.blocks(of: program, zone: .utc) { _, block in program.evaluate(block, &scratch) { _ in nil } }
        }
        run()
        let expected = customers == 1_000_000 ? BenchRules.hitsOfWindows : scratch.hits
        report.check("windows", "care", hits: scratch.hits, expected: expected)
        let others = try peers.windows(stream)
        defer { for peer in others { peer.end() } }
        let turns = try Turns(others, { run() }) { report.check("windows", $0.name, hits: $1, expected: expected) }
        report.add(
            "5 window rules, \(stream.count) events", amount: Double(stream.count), unit: "events/s", care: turns.care,
            peers: turns.peers, targets: ["care": "20 M"])
    }
}
