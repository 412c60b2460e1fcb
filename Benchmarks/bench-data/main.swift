import Foundation

// bench-data: writes the population of the benchmarks, customers.csv and events.jsonl, in a folder.

let arguments = CommandLine.arguments.dropFirst().map { $0 }
guard arguments.count == 3, let customers = Int(arguments[1]), let events = Int(arguments[2]), customers > 0, events >= 0
else {
    FileHandle.standardError.write(Data("usage: bench-data FOLDER CUSTOMERS EVENTS\n".utf8))
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

do {
    let folder = URL(fileURLWithPath: arguments[0], isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(
        folder.appendingPathComponent("customers.csv").path, header: Population.customerHeader, count: customers,
        line: Population.customerLine)
    let stream = EventStream(customers: customers, count: events)
    try write(folder.appendingPathComponent("events.jsonl").path, header: nil, count: events, line: stream.line)
} catch {
    FileHandle.standardError.write(Data("bench-data: \(error)\n".utf8))
    exit(1)
}
