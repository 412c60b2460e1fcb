import CareLogic
import CareValues
import Foundation

extension ColumnWork {
    /// One customer at a time, its state already decoded: every rule in steps with ways on, and walked as it is written,
    /// which also tells until when the answer holds.
    func measureScalar(_ report: inout Report, _ peers: Peers) throws {
        // As many as lie in the processor's caches: the state of an event's customer has just been decoded.
        let count = min(customers, 2_000)
        let rounds = max(1, customers / count / 2)
        let contexts = (0..<count).map {
            EvaluationContext(
                schema: schema, cache: Self.cache($0, schema), customer: String($0), now: Self.now, zone: .utc)
        }
        let steps = ScalarProgram(program)
        let amount = Double(conditions.count) * Double(count * rounds)
        let others = try peers.kernel(conditions, byRows: true)
        defer { for peer in others { peer.end() } }
        var hits = 0
        let stepped = try Turns(others) {
            hits = 0
            var frame = ScalarFrame(for: steps)
            for _ in 0..<rounds {
                for context in contexts {
                    frame.reset()
                    for index in 0..<conditions.count where try steps.isTrue(index, context, &frame) { hits += 1 }
                }
            }
        }
        // The peer has run over everybody.
        let scale = Double(count * rounds) / Double(customers)
        report.add(
            "one customer at a time, \(conditions.count) rules", amount: amount, unit: "evaluations/s",
            care: stepped.care, peers: stepped.peers.map { ($0.name, $0.seconds.map { $0 * scale }) },
            targets: ["care": "20 M, goal 100 M"])
        var frame = ScalarFrame(for: steps)
        var again = 0
        let known = try Turns([]) {
            again = 0
            for context in contexts {
                frame.reset()
                for _ in 0..<rounds {
                    for index in 0..<conditions.count where try steps.isTrue(index, context, &frame) { again += 1 }
                }
            }
        }
        report.add(
            "the same asked again of a known customer", amount: amount, unit: "evaluations/s", care: known.care)
        var walkedHits = 0
        let walked = try Turns([]) {
            walkedHits = 0
            for context in contexts {
                for expression in expressions where try expression.isTrue(context).isTrue { walkedHits += 1 }
            }
        }
        report.add(
            "the same walked, with its validity", amount: amount / Double(rounds), unit: "evaluations/s",
            care: walked.care)
        report.check("one customer at a time", "care", hits: [hits, again], expected: [walkedHits * rounds, hits])
    }

    /// Twenty rules for 100 customers, so many times over: the difference of two runs is what evaluations cost.
    static func evaluate(_ form: String, rounds: Int) throws {
        if form == "columns" {
            for count in [20, 100] {
                let work = try ColumnWork(conditions: BenchRules.conditions(count), customers: 1_000_000)
                for threads in [1, 2] {
                    var times: [Double] = []
                    for _ in 0..<rounds {
                        let start = DispatchTime.now().uptimeNanoseconds
                        _ = work.hits(threads: threads)
                        times.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6)
                    }
                    times.sort()
                    print(count, "rules", threads, "threads: min", times[0], "median", times[times.count / 2], "ms")
                }
            }
            return
        }
        let work = try ColumnWork(conditions: BenchRules.conditions(20), customers: 100)
        let contexts = (0..<100).map {
            EvaluationContext(
                schema: work.schema, cache: cache($0, work.schema), customer: String($0), now: now, zone: .utc)
        }
        let steps = ScalarProgram(work.program)
        var frame = ScalarFrame(for: steps)
        var hits = 0
        for _ in 0..<rounds {
            for context in contexts {
                frame.reset()
                for index in work.expressions.indices {
                    if form == "walk" {
                        hits += try work.expressions[index].isTrue(context).isTrue ? 1 : 0
                    } else {
                        hits += try steps.isTrue(index, context, &frame) ? 1 : 0
                    }
                }
            }
        }
        print("\(hits) hits, \(rounds * 100 * work.expressions.count) evaluations")
    }
}
