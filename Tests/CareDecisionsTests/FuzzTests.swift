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
