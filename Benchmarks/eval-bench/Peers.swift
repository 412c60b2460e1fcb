import BenchPopulation
import CareValues
import Foundation

/// Another engine in a process of its own: it runs once for every line it is sent.
final class Peer {
    let name: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init(_ name: String, _ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        self.name = name
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try process.run()
        _ = try answer()
    }

    /// One run: how long it took by its own clock, and its hits.
    func run() throws -> (seconds: Double, hits: [Int]) {
        try input.fileHandleForWriting.write(contentsOf: Data("run\n".utf8))
        guard case .object(let object) = try answer(), case .number(let seconds)? = object["seconds"],
            case .array(let hits)? = object["hits"]
        else { throw Failure(description: "\(name) answers something else") }
        return (seconds, hits.map { if case .number(let count) = $0 { Int(count) } else { -1 } })
    }

    private func answer() throws -> JSONValue {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread.removeSubrange(unread.startIndex...end)
                guard let json = JSONValue(jsonText: line) else {
                    throw Failure(description: "\(name): \(line.prefix(200))")
                }
                return json
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "\(name) has ended") }
            unread.append(more)
        }
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// The peers that can be had on this machine, and the data they read.
struct Peers {
    private let folder: String
    private let scripts: String?
    private let python: String?
    private let compiler: String?
    let customers: Int

    init(options: Options, folder: String, customers: Int) throws {
        self.folder = folder
        self.customers = customers
        scripts = options.peers
        python = options.python.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
        compiler = ["/usr/bin/gcc", "/usr/bin/cc", "/usr/bin/clang", "/opt/swift/usr/bin/clang"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        if scripts == nil || python == nil { print("no peers: set CARE_BENCH_PEERS and CARE_BENCH_PYTHON") }
    }

    /// The name of the compiler of the peers in C.
    var compilerName: String { compiler.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "none" }

    /// C over columns or rows; empty: there is no compiler.
    func kernel(_ conditions: [String], byRows: Bool = false, threads: Int = 1) throws -> [Peer] {
        guard let scripts, let python, let compiler else { return [] }
        try writeColumns()
        let name = "kernel-\(conditions.count)-\(byRows ? "rows" : "columns")"
        try ("[" + conditions.joined(separator: ",\n") + "]").write(
            toFile: "\(folder)/\(name).json", atomically: true, encoding: .utf8)
        let source = try Self.output(
            python,
            ["\(scripts)/kernel.py", "\(folder)/\(name).json", "\(folder)/words.json", byRows ? "rows" : "columns"])
        try source.write(toFile: "\(folder)/\(name).c", atomically: true, encoding: .utf8)
        _ = try Self.output(
            compiler,
            ["-O3", "-march=native", "-DKERNEL=\"\(folder)/\(name).c\""] + (byRows ? ["-DBY_ROWS"] : [])
                + ["\(scripts)/kernel_main.c", "-o", "\(folder)/\(name)", "-lpthread"])
        return [try Peer(byRows ? "C rows" : "C columns", "\(folder)/\(name)", [folder, String(threads)])]
    }

    /// Polars, DuckDB or DuckDB from its own file, over the conditions.
    func frames(_ engine: String, _ conditions: [String], threads: Int = 1) throws -> [Peer] {
        guard let scripts, let python else { return [] }
        try writeColumns()
        let path = "\(folder)/conditions-\(conditions.count).json"
        try ("[" + conditions.joined(separator: ",\n") + "]").write(toFile: path, atomically: true, encoding: .utf8)
        return [try Peer(engine, python, ["\(scripts)/frames.py", engine, folder, path, String(threads)])]
    }

    /// C, Polars and DuckDB over the windows of the events.
    func windows(_ stream: [EventStream.Event]) throws -> [Peer] {
        guard let scripts, let python else { return [] }
        try write("events.customer", stream.map { Int32($0.customer) })
        try write("events.seconds", stream.map { Int32($0.seconds) })
        try write("events.type", stream.map { UInt8($0.type) })
        try write("events.amount", stream.map { $0.amount ?? 0 })
        var peers: [Peer] = []
        if let compiler {
            _ = try Self.output(
                compiler, ["-O3", "-march=native", "\(scripts)/windows.c", "-o", "\(folder)/windows"])
            peers.append(try Peer("C", "\(folder)/windows", [folder, String(customers)]))
        }
        for engine in ["polars", "duckdb"] {
            peers.append(try Peer(engine, python, ["\(scripts)/frames.py", engine, folder, "windows", "1"]))
        }
        return peers
    }

    /// The columns as the peers read them, little-endian, once.
    private func writeColumns() throws {
        guard !FileManager.default.fileExists(atPath: "\(folder)/words.json") else { return }
        let all = (0..<customers).map { Population.customer($0) }
        // A name that occurs twice is one word.
        let cities = Population.cities.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let cityCodes = Population.cities.map { name in UInt8(cities.firstIndex(of: name) ?? 0) }
        try write("tier", all.map { UInt8($0.tier) })
        try write("country", all.map { UInt8($0.country) })
        try write("city", all.map { cityCodes[$0.city] })
        let births = all.map { $0.birthday?.components }
        try write("birthYear", births.map { Int16($0?.year ?? 0) })
        try write("birthMonthDay", births.map { Int16($0.map { $0.month * 100 + $0.day } ?? 0) })
        let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        try write(
            "birthYearDay", births.map { Int16($0.map { lengths[..<($0.month - 1)].reduce($0.day, +) } ?? 0) })
        func day(_ instant: Timestamp?) -> UInt16 { UInt16((instant?.milliseconds ?? 0) / 86_400_000) }
        try write("purchaseDay", all.map { day($0.lastPurchaseAt) })
        try write("activityDay", all.map { day($0.lastActivityAt) })
        try write("orders90d", all.map { UInt16($0.orders) })
        try write("spend90d", all.map(\.spend))
        try write("nps", all.map { Int8($0.nps ?? -1) })
        try write("openComplaints", all.map { UInt8($0.complaints) })
        try write("consentEmail", all.map { UInt8($0.consentEmail ? 1 : 0) })
        try write("vip", all.map { UInt8($0.isVIP ? 1 : 0) })
        let words: JSONValue = .object([
            "tier": .array(Population.tiers.map(JSONValue.string)),
            "country": .array(Population.countries.map(JSONValue.string)),
            "city": .array(cities.map(JSONValue.string)),
        ])
        try words.canonicalText.write(toFile: "\(folder)/words.json", atomically: true, encoding: .utf8)
    }

    private func write<Value>(_ name: String, _ values: [Value]) throws {
        try values.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: "\(folder)/\(name).bin")) }
    }

    private static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Peer.Failure(description: "\(program) \(arguments) failed") }
        return String(decoding: data, as: UTF8.self)
    }
}
