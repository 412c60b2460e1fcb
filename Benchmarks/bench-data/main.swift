import BenchPopulation
import Foundation

// bench-data: writes the population of the benchmarks in a folder: customers.csv; events.jsonl, of the 120 days before
// the last hour; and firing.jsonl, of the last hour. Of a shop's customers most have bought before: five in eight have a
// purchase in the history, so that the twenty campaigns decide once for five events of the last hour.

let arguments = CommandLine.arguments.dropFirst().map { $0 }
let counts = arguments.dropFirst().compactMap { Int($0) }
guard arguments.count == 4, counts.count == 3, counts[0] > 0, counts.allSatisfy({ $0 >= 0 }) else {
    FileHandle.standardError.write(Data("usage: bench-data FOLDER CUSTOMERS EVENTS FIRING\n".utf8))
    exit(64)
}

/// Writes `count` lines, in pieces of some megabytes.
func write(_ path: String, header: String?, count: Int, line: (Int) -> String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
    else { throw CocoaError(.fileWriteUnknown) }
    var buffer = header.map { Array(($0 + "\n").utf8) } ?? []
    for index in 0..<count {
        buffer.append(contentsOf: line(index).utf8)
        buffer.append(0x0A)
        if buffer.count > 4 << 20 {
            try file.write(contentsOf: buffer)
            buffer.removeAll(keepingCapacity: true)
        }
    }
    try file.write(contentsOf: buffer)
    try file.close()
}

let (customers, events, firing) = (counts[0], counts[1], counts[2])

do {
    let folder = URL(fileURLWithPath: arguments[0], isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(
        folder.appendingPathComponent("customers.csv").path, header: Population.customerHeader, count: customers,
        line: Population.customerLine)
    let history = EventStream(
        customers: customers, rows: 0..<events, seconds: 120 * 86_400, endingBefore: 3600,
        buyers: min(events, customers * 5 / 8))
    try write(folder.appendingPathComponent("events.jsonl").path, header: nil, count: events, line: history.line)
    let recent = EventStream(customers: customers, rows: events..<events + firing, seconds: 3600)
    try write(folder.appendingPathComponent("firing.jsonl").path, header: nil, count: firing, line: recent.line)
} catch {
    FileHandle.standardError.write(Data("bench-data: \(error)\n".utf8))
    exit(1)
}
