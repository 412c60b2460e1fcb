import CareValues
import Foundation

/// The figures, as a table and as JSON.
struct Report {
    struct Row {
        var work: String
        var engine: String
        /// Median, least and greatest of the turns.
        var seconds: [Double]
        var rate: Double
        var unit: String
        /// Care's rate over this engine's.
        var ratio: Double?
        var target: String
    }
    private(set) var rows: [Row] = []
    private(set) var hasWrongHits = false

    /// Care's time of one work, and its peers' in the same turns.
    ///
    /// - Parameters:
    ///   - amount: how many evaluations or events one turn is.
    ///   - targets: the least ratio to a peer, by its name; under `care` the aim in words.
    mutating func add(
        _ work: String, amount: Double, unit: String, care: [Double], peers: [(name: String, seconds: [Double])] = [],
        targets: [String: String] = [:]
    ) {
        let own = care.sorted()
        rows.append(
            Row(
                work: work, engine: "care", seconds: own, rate: amount / own[own.count / 2], unit: unit, ratio: nil,
                target: targets["care"] ?? ""))
        for peer in peers {
            let sorted = peer.seconds.sorted()
            // Of pairs measured in turns, so that what else the machine does weighs on both.
            let ratios = zip(care, peer.seconds).map { $1 / $0 }.sorted()
            rows.append(
                Row(
                    work: work, engine: peer.name, seconds: sorted, rate: amount / sorted[sorted.count / 2], unit: unit,
                    ratio: ratios[ratios.count / 2], target: targets[peer.name] ?? ""))
        }
    }

    /// A figure by itself.
    mutating func add(_ work: String, value: Double, unit: String, target: String) {
        rows.append(
            Row(work: work, engine: "care", seconds: [], rate: value, unit: unit, ratio: nil, target: target))
    }

    /// Holds hits against what they must be; of a population of another size, against the first engine's.
    mutating func check(_ work: String, _ engine: String, hits: [Int], expected: [Int]) {
        guard hits != expected else { return }
        hasWrongHits = true
        let wrong = zip(hits, expected).enumerated().filter { $0.element.0 != $0.element.1 }.prefix(4)
        Swift.print("\(work): \(engine) has other hits: \(wrong.map { "\($0.offset): \($0.element)" })")
    }

    func print() {
        for row in rows {
            var line = row.work.padding(toLength: 44, withPad: " ", startingAt: 0)
            line += row.engine.padding(toLength: 16, withPad: " ", startingAt: 0)
            if row.seconds.isEmpty {
                line += String(format: "%12.2f ", row.rate) + row.unit
            } else {
                line += String(format: "%9.2f ms", row.seconds[row.seconds.count / 2] * 1000)
                line += String(format: " (%.2f–%.2f)", row.seconds[0] * 1000, (row.seconds.last ?? 0) * 1000)
                    .padding(toLength: 20, withPad: " ", startingAt: 0)
                line += String(format: "%9.1f M ", row.rate / 1e6) + row.unit
            }
            if let ratio = row.ratio { line += String(format: "   care is %.2f of it", ratio) }
            if !row.target.isEmpty { line += "   (aim \(row.target))" }
            Swift.print(line)
        }
    }

    var json: String {
        JSONValue.array(
            rows.map { row in
                .object([
                    "work": .string(row.work), "engine": .string(row.engine),
                    "seconds": .array(row.seconds.map(JSONValue.number)), "rate": .number(row.rate),
                    "unit": .string(row.unit), "careOverEngine": row.ratio.map(JSONValue.number) ?? .null,
                    "aim": .string(row.target),
                ])
            }
        ).canonicalText + "\n"
    }
}

/// Care and its peers in turns: care, peer, peer, care, peer …
struct Turns {
    static let count = 5
    static let runs = 3
    var care: [Double] = []
    var peers: [(name: String, seconds: [Double])]

    /// - Parameters:
    ///   - count: so many turns count; one before them does not.
    ///   - runs: of each turn so many runs in a row, of which the last counts.
    init(
        _ peers: [Peer], count: Int = Turns.count, runs: Int = Turns.runs, _ care: () throws -> Void,
        _ look: (Peer, [Int]) -> Void = { _, _ in }
    ) throws {
        self.peers = peers.map { ($0.name, []) }
        for turn in 0...count {
            // Whoever's turn it is begins with caches full of what the one before has read, and with cores that
            // slept: the last run of its turn counts.
            var seconds = 0.0
            for _ in 0..<runs {
                let start = DispatchTime.now().uptimeNanoseconds
                try care()
                seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            }
            if turn > 0 { self.care.append(seconds) }
            for (index, peer) in peers.enumerated() {
                var run = try peer.run()
                for _ in 1..<runs { run = try peer.run() }
                if turn > 0 { self.peers[index].seconds.append(run.seconds) } else { look(peer, run.hits) }
            }
        }
    }
}
