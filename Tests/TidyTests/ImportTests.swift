import Foundation
import Testing

/// The direction of imports, which a build does not enforce: an incremental one takes any module it can find.
@Suite struct ImportTests {
    /// The targets that read no clock, disk or network: they import nothing but each other.
    static let pure: Set<String> = [
        "CareValues", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareIntake",
    ]

    /// What the toolchain brings, allowed outside of the pure targets.
    static let system: Set<String> = ["Foundation", "Glibc", "Musl", "Darwin", "Dispatch", "Testing"]

    /// Modules that come with a product of another name.
    static let modules = ["GRDB": ["GRDB", "GRDBSQLite"], "Hummingbird": ["Hummingbird", "HTTPTypes", "NIOCore"]]

    @Test func `every target uses only targets above it`() throws {
        let targets = try PackageTable().targets
        #expect(targets.count > 10)
        let own = Set(targets.map(\.name))
        var above: Set<String> = []
        for target in targets where !target.isTest {
            for dependency in target.dependencies where own.contains(dependency) {
                #expect(above.contains(dependency), "\(target.name) uses \(dependency), which stands below it")
            }
            above.insert(target.name)
        }
    }

    @Test func `every import is a declared dependency, and the pure targets import no more`() throws {
        for target in try PackageTable().targets {
            var allowed: Set<String> = Set(target.dependencies.flatMap { Self.modules[$0] ?? [$0] })
            if !Self.pure.contains(target.name) { allowed.formUnion(Self.system) }
            for source in try Repository.sources(below: target.path) {
                for (index, line) in source.lines.enumerated() {
                    guard let module = Self.importedModule(line), !allowed.contains(module) else { continue }
                    Issue.record("\(source.path):\(index + 1): \(target.name) may not import \(module)")
                }
            }
        }
    }

    @Test(arguments: [
        ("import Foundation", "Foundation"), ("@testable import CareValues", "CareValues"),
        ("    import Glibc", "Glibc"), ("public import struct CareValues.Zone", "CareValues"),
        ("// import Foundation", nil), ("let important = 1", nil), ("", nil),
    ] as [(String, String?)])
    func `finds the module that a line imports`(line: String, module: String?) {
        #expect(Self.importedModule(line) == module)
    }

    static func importedModule(_ line: String) -> String? {
        var words = line.split(separator: " ").map(String.init)
        while let first = words.first, first.hasPrefix("@") || first == "public" || first == "package" || first == "internal" {
            words.removeFirst()
        }
        guard words.first == "import", words.count >= 2 else { return nil }
        let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let path = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
        return path.split(separator: ".").first.map(String.init)
    }
}
