import CareValues
import Foundation

/// Reads made-up event lines in three ways and prints the rates, as a table and as JSON.
///
/// `json-bench [--scale S] [--rounds N] [--file EVENTS] [--json FILE]`: 300,000 lines times the scale, or those of the
/// events file; five rounds; the rate of a way is that of its median round. The JSON goes to the file, or after the table.
@main
struct JSONBench {
    struct Result {
        var name: String
        var target: Double
        /// Megabytes per second by the wall clock, a round each.
        var rates: [Double] = []
        /// Megabytes per second of this process's CPU time: what other work on the machine distorts less.
        var cpuRates: [Double] = []
        var sum: Int64 = 0

        var median: Double { rates.sorted()[rates.count / 2] }
        var cpuMedian: Double { cpuRates.sorted()[cpuRates.count / 2] }
    }

    static func main() {
        let scale = option("--scale").flatMap(Double.init) ?? 1
        let rounds = max(1, option("--rounds").flatMap(Int.init) ?? 5)
        let lines: [UInt8]
        if let file = option("--file") {
            guard let data = FileManager.default.contents(atPath: file) else {
                print("error: \(file) cannot be read")
                exit(1)
            }
            lines = [UInt8](data)
        } else {
            lines = EventLines.make(count: max(1, Int((300_000 * scale).rounded())))
        }
        let count = lines.reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
        var results = [
            Result(name: "tape", target: 600), Result(name: "typed events", target: 300),
            Result(name: "Foundation JSONDecoder", target: 0),
        ]
        // The rounds are interleaved, so that a busy moment of the machine falls on all three.
        for _ in 0..<rounds {
            measure(&results[0], lines, Readers.tape)
            measure(&results[1], lines, Readers.events)
            measure(&results[2], lines, Readers.foundation)
        }
        report(results, count: count, bytes: lines.count, rounds: rounds)
        guard results[1].sum == results[2].sum, results[0].sum == Int64(count) else {
            print("error: the readers disagree about what they read")
            exit(1)
        }
    }

    /// What follows `name` on the command line.
    private static func option(_ name: String) -> String? {
        guard let index = CommandLine.arguments.firstIndex(of: name), index + 1 < CommandLine.arguments.count else {
            return nil
        }
        return CommandLine.arguments[index + 1]
    }

    private static func measure(_ result: inout Result, _ lines: [UInt8], _ read: (UnsafeRawBufferPointer) -> Int64) {
        let clock = ContinuousClock()
        var sum: Int64 = 0
        let cpuStart = cpuSeconds()
        let time = clock.measure { sum = lines.withUnsafeBytes(read) }
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        result.rates.append(Double(lines.count) / seconds / 1e6)
        result.cpuRates.append(Double(lines.count) / (cpuSeconds() - cpuStart) / 1e6)
        result.sum = sum
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func report(_ results: [Result], count: Int, bytes: Int, rounds: Int) {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        func whole(_ number: Double) -> String { String(Int(number.rounded())) }
        let foundation = results[2].median
        print("\(count) lines of \(bytes / count) bytes, \(rounds) rounds")
        print("")
        print("  READER                    MEDIAN MB/s   BEST   MB/CPU s   LINES/s  TARGET  TIMES FOUNDATION")
        for result in results {
            let name = result.name + String(repeating: " ", count: max(0, 24 - result.name.count))
            let rate = result.median * 1e6 * Double(count) / Double(bytes)
            print(
                "  \(name)\(right(whole(result.median), 13))\(right(whole(result.rates.max() ?? 0), 7))"
                    + right(whole(result.cpuMedian), 11)
                    + right(whole(rate), 10) + right(result.target > 0 ? whole(result.target) : "-", 8)
                    + right(String(format: "%.1f", result.median / foundation), 18))
        }
        let rows = results.map { result -> JSONValue in
            .object([
                "reader": .string(result.name), "medianMegabytesPerSecond": .number(result.median.rounded()),
                "bestMegabytesPerSecond": .number((result.rates.max() ?? 0).rounded()),
                "megabytesPerCPUSecond": .number(result.cpuMedian.rounded()),
                "timesFoundation": .number((result.median / foundation * 10).rounded() / 10),
                "targetMegabytesPerSecond": result.target > 0 ? .number(result.target) : .null,
            ])
        }
        let text = JSONValue.object([
            "benchmark": .string("json"), "lines": .number(Double(count)), "bytes": .number(Double(bytes)),
            "rounds": .number(Double(rounds)), "results": .array(rows),
        ]).canonicalText
        if let file = option("--json") {
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            } catch {
                print("error: \(file) cannot be written: \(error)")
                exit(1)
            }
        } else {
            print("\n" + text)
        }
    }
}
