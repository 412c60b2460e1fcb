import Glibc

/// The figures of one run.
struct Report {
    private struct Line {
        var name: String
        var seconds: Double?
        var processorSeconds: Double?
        var count: Double
    }

    private var lines: [Line] = []

    /// Runs `body`, which tells how many things it did, and keeps how long it took.
    mutating func measure(_ name: String, _ body: () throws -> Int) rethrows {
        let start = Self.now(CLOCK_MONOTONIC)
        let processorStart = Self.now(CLOCK_PROCESS_CPUTIME_ID)
        let count = try body()
        let line = Line(
            name: name, seconds: Self.now(CLOCK_MONOTONIC) - start,
            processorSeconds: Self.now(CLOCK_PROCESS_CPUTIME_ID) - processorStart, count: Double(count))
        lines.append(line)
        // As it goes, because the whole takes a minute.
        print(text(line))
    }

    /// Keeps a figure that is not a duration.
    mutating func note(_ name: String, _ value: Double) {
        lines.append(Line(name: name, seconds: nil, processorSeconds: nil, count: value))
    }

    /// A line for each figure.
    var table: String {
        let head =
            pad("", 44) + left("seconds", 10) + left("count", 12) + left("per second", 14) + left("us each", 10)
            + left("cpu us", 10)
        return ([head] + lines.map(text)).joined(separator: "\n")
    }

    private func text(_ line: Line) -> String {
        guard let seconds = line.seconds, let processor = line.processorSeconds else {
            return pad(line.name, 44) + left("", 10) + left(fixed(line.count, 1), 12)
        }
        return pad(line.name, 44) + left(fixed(seconds, 3), 10) + left(fixed(line.count, 0), 12)
            + left(fixed(line.count / seconds, 0), 14) + left(fixed(seconds / line.count * 1e6, 2), 10)
            + left(fixed(processor / line.count * 1e6, 2), 10)
    }

    /// Writes the figures as a JSON array of objects.
    func write(to path: String) throws {
        let rows = lines.map { line in
            guard let seconds = line.seconds, let processor = line.processorSeconds else {
                return #"  {"name": "\#(line.name)", "value": \#(line.count)}"#
            }
            return
                #"  {"name": "\#(line.name)", "seconds": \#(seconds), "cpuSeconds": \#(processor), "count": \#(line.count)}"#
        }
        let text = "[\n" + rows.joined(separator: ",\n") + "\n]\n"
        guard let file = fopen(path, "w") else { throw CannotWrite(path: path) }
        fputs(text, file)
        guard fclose(file) == 0 else { throw CannotWrite(path: path) }
    }

    /// The figures could not be written.
    struct CannotWrite: Error {
        var path: String
    }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        guard digits > 0 else { return String(Int(rounded)) }
        let parts = String(rounded).split(separator: ".", maxSplits: 1)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return parts[0] + "." + fraction + String(repeating: "0", count: max(0, digits - fraction.count))
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
