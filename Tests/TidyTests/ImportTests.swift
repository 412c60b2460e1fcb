import Foundation
import Testing

/// Imports held against Package.swift: an incremental build takes any module it can find, a clean one does not.
@Suite struct ImportTests {
    /// What the toolchain brings.
    static let system: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "Testing",
    ]

    /// Modules that come with a product of another name.
    static let modules = [
        "GRDB": ["GRDB", "GRDBSQLite"], "Hummingbird": ["Hummingbird", "HTTPTypes", "NIOCore", "NIOHTTPTypes"],
    ]

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

    @Test func `every import is a declared dependency of its target`() throws {
        for target in try PackageTable().targets {
            let declared = Set(target.dependencies.flatMap { Self.modules[$0] ?? [$0] })
            for file in SourceTree.swiftFiles(under: target.path) {
                for (number, line) in file.lines.enumerated() {
                    guard let module = SourceTree.importedModule(line) else { continue }
                    #expect(
                        declared.contains(module) || Self.system.contains(module),
                        "\(file.path):\(number + 1): Package.swift does not let \(target.name) import \(module)")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("import Foundation", "Foundation"), ("@testable import CareValues", "CareValues"),
            ("    import Glibc", "Glibc"), ("public import struct CareValues.Zone", "CareValues"),
            ("// import Foundation", nil), ("let important = 1", nil), ("", nil),
        ] as [(String, String?)])
    func `finds the module that a line imports`(line: String, module: String?) {
        #expect(SourceTree.importedModule(line) == module)
    }
}
