import CareCalendar
import CareValues
import Foundation
import RuleFuzz
import Testing

/// The fuzzer of rule files in small: `make fuzz` runs a million inputs.
struct FuzzTests {
    static let corpus: [String] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ["rules", "examples"].flatMap { folder -> [String] in
            let place = root.appending(path: folder)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
            return names.filter { $0.hasSuffix(".json") }.sorted().compactMap {
                try? String(contentsOf: place.appending(path: $0), encoding: .utf8)
            }
        }
    }()

    /// Inputs that once broke something.
    static let found: [(name: String, text: String)] = {
        let place = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "RuleFuzz/Found")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return names.sorted().compactMap { name in
            (try? String(contentsOf: place.appending(path: name), encoding: .utf8)).map { (name, $0) }
        }
    }()

    @Test func `what fuzzing has found once is found no more`() throws {
        let zones = SystemZones()
        let zone = try #require(zones.zone(named: "Asia/Shanghai"))
        var fuzz = RuleFuzz(corpus: [], seed: 1, zones: zones, zone: zone)
        #expect(!Self.found.isEmpty)
        for (name, text) in Self.found {
            #expect(throws: Never.self, "\(name)") { try fuzz.use(Array(text.utf8)) }
            #expect(throws: Never.self, "\(name), as it was found") {
                let compact = try #require(JSONValue(jsonText: text)).canonicalText
                try fuzz.use(Array(compact.utf8))
            }
        }
    }

    @Test(arguments: [UInt64](1...3)) func `mutated rule files are read or refused, and decided with`(
        seed: UInt64
    ) throws {
        let zones = SystemZones()
        let zone = try #require(zones.zone(named: "Asia/Shanghai"))
        var fuzz = RuleFuzz(corpus: Self.corpus, seed: seed, zones: zones, zone: zone)
        for _ in 0..<40 {
            do {
                try fuzz.run()
            } catch let failure as RuleFuzz.Failure {
                Issue.record("\(failure.what)\n\(failure.text)")
            }
        }
        #expect(fuzz.tally.inputs == 40 && fuzz.tally.findings > 0)
    }
}
