import CareValues
import Foundation

/// DuckDB over the same customers and the conditions of the same campaigns, from its own file.
struct TodayPeer {
    private let python: String
    private let script: String
    private let folder: String
    private let conditions: [JSONValue]
    private let customers: Int

    /// nil: there is no Python with DuckDB on this machine.
    init?(folder: String, rules: String, customers: Int) throws {
        let environment = ProcessInfo.processInfo.environment
        guard let python = environment["CARE_BENCH_PYTHON"], let peers = environment["CARE_BENCH_PEERS"],
            FileManager.default.isExecutableFile(atPath: python)
        else {
            print("no peer: set CARE_BENCH_PEERS and CARE_BENCH_PYTHON")
            return nil
        }
        self.python = python
        script = peers + "/today.py"
        self.folder = folder
        self.customers = customers
        guard case .object(let file)? = JSONValue(jsonText: rules), case .object(let campaigns)? = file["campaigns"]
        else { return nil }
        conditions = campaigns.members.compactMap {
            if case .object(let campaign) = $0.value { campaign["condition"] } else { nil }
        }
        try JSONValue.array(conditions).canonicalText.write(
            toFile: folder + "/conditions.json", atomically: true, encoding: .utf8)
        guard !FileManager.default.fileExists(atPath: folder + "/peer.duckdb") else { return }
        var lines = ["tier,country,orders90d,spend90d,openComplaints,consentEmail,vip"]
        for row in 0..<customers {
            guard case .attributes(let fact)? = Population.facts(row).first else { continue }
            let texts = ["tier", "country", "orders90d", "spend90d", "openComplaints", "consentEmail", "vip"].map {
                switch fact.values[$0] {
                case .string(let text)?: $0 == "tier" ? String(Population.tiers.firstIndex(of: text) ?? 0) : text
                case .number(let number)?: number == number.rounded() ? String(Int(number)) : String(number)
                case .bool(let flag)?: flag ? "true" : "false"
                default: ""
                }
            }
            lines.append(texts.joined(separator: ","))
        }
        try lines.joined(separator: "\n").write(
            toFile: folder + "/customers.csv", atomically: true, encoding: .utf8)
    }

    /// One run on two threads: how long it took, and of how many customers each condition is true.
    func run() throws -> (seconds: Double, hits: [Int]) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            script, folder + "/customers.csv", folder + "/conditions.json", folder + "/peer.duckdb", "2",
        ]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard case .object(let object)? = JSONValue(jsonText: String(decoding: data, as: UTF8.self)),
            case .number(let seconds)? = object["seconds"], case .array(let hits)? = object["hits"]
        else { throw CocoaError(.fileReadUnknown) }
        return (seconds, hits.map { if case .number(let count) = $0 { Int(count) } else { -1 } })
    }
}
