import Testing

/// The style and the architecture, held by tests: messages name file, line and the rule.
@Suite struct TidyTests {
    static let sources = SourceTree.swiftFiles(under: "Sources")

    /// What each target may import of Care, and of the system. A target uses only targets above it.
    static let allowedImports: [String: Set<String>] = [
        "CareValues": [],
        "CareLogic": ["CKernels", "CareValues", "Synchronization"],
        "CareRules": ["CareValues", "CareLogic"],
        "CareDecisions": ["CareValues", "CareLogic", "CareRules"],
        "CarePlanning": ["CareValues", "CareLogic", "CareRules", "CareDecisions"],
        "CareIntake": ["CareValues"],
        "CareThreads": ["Glibc"],
        "CareCalendar": ["CareValues", "CareThreads", "Glibc"],
        "CareStore": ["CareValues"],
        "CareStoreSQLite": [
            "CSQLite", "CareValues", "CareThreads", "CareStore", "GRDB", "SQLite3", "GRDBSQLite", "Foundation", "Glibc",
        ],
        "CareTransport": ["CCurl", "CareThreads", "Glibc"],
        "CareDispatch": [
            "CareValues", "CareStore", "CareThreads", "CareTransport", "Crypto", "CryptoExtras", "Mustache",
            "Logging", "Glibc",
        ],
        "CareEngine": [
            "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareIntake",
            "CareStore", "CareDispatch", "Logging", "Glibc",
        ],
        "CareAPI": [
            "CZlib", "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning",
            "CareStore", "CareDispatch", "CareEngine", "Hummingbird", "HummingbirdCore", "Crypto", "CryptoExtras",
            "Logging", "NIOCore", "NIOHTTPTypes", "NIOSSL", "HTTPTypes", "Foundation", "FoundationEssentials",
            "ServiceLifecycle", "Glibc",
        ],
        "CareConsole": [
            "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareStore",
            "CareDispatch", "CareEngine", "CareAPI", "Hummingbird", "Logging", "NIOCore", "HTTPTypes",
        ],
        "care": [
            "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareIntake",
            "CareCalendar", "CareStore", "CareStoreSQLite", "CareTransport", "CareDispatch", "CareEngine", "CareAPI",
            "CareConsole", "ArgumentParser", "Logging", "ServiceLifecycle", "Foundation", "Dispatch", "Glibc",
        ],
    ]

    /// The targets without clock, randomness, disk, network and printing.
    static let pure: Set<String> = [
        "CareValues", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareIntake",
    ]

    @Test func `every source file belongs to a known target`() {
        #expect(!Self.sources.isEmpty)
        for file in Self.sources {
            #expect(Self.allowedImports[file.target] != nil, "\(file.path): target \(file.target) is not in the map")
        }
    }

    @Test func `a target imports only what the architecture lets it`() {
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() {
                guard let module = SourceTree.importedModule(line) else { continue }
                let allowed = Self.allowedImports[file.target]?.contains(module) ?? false
                #expect(allowed, "\(file.path):\(number + 1): \(file.target) must not import \(module)")
            }
        }
    }

    static let impure = [
        "Date()", "Date.now", ".now()", "ContinuousClock", "SuspendingClock", "UUID()", "SystemRandomNumberGenerator",
        ".random(in", "Task.sleep", "print(", "FileManager", "fopen(", "getenv(", "ProcessInfo",
    ]

    @Test func `the core reads no clock, no randomness, no disk, and prints nothing`() {
        for file in Self.sources where Self.pure.contains(file.target) {
            for (number, line) in file.lines.enumerated() where !isComment(line) {
                for word in Self.impure where line.contains(word) {
                    if word == ".random(in", line.contains("using:") { continue }
                    Issue.record("\(file.path):\(number + 1): '\(word)' in the pure core")
                }
            }
        }
    }

    @Test func `nothing is forced, in no target`() {
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() where !isComment(line) {
                #expect(!line.contains("try!"), "\(file.path):\(number + 1): try!")
                #expect(!line.contains("fatalError("), "\(file.path):\(number + 1): fatalError, say precondition")
                #expect(!line.contains("Task.sleep"), "\(file.path):\(number + 1): Task.sleep, wait on the clock given")
            }
        }
    }

    @Test func `what the compiler cannot check says why it is safe`() {
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() where !isComment(line) {
                guard line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") else { continue }
                let around = file.lines[max(0, number - 4)..<min(file.lines.count, number + 4)]
                #expect(
                    around.contains { $0.contains("Safety:") },
                    "\(file.path):\(number + 1): unchecked without a '// Safety:' beside it")
            }
        }
    }

    @Test func `files are rooms, not halls: 500 lines at most`() {
        for file in Self.sources {
            #expect(file.lines.count <= 501, "\(file.path): \(file.lines.count) lines")
        }
    }

    @Test func `every public and package symbol has a comment`() {
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() where declaresForOthers(line) {
                var above = number - 1
                while above >= 0, file.lines[above].trimmingSpaces.hasPrefix("@") { above -= 1 }
                let isCommented = above >= 0 && file.lines[above].trimmingSpaces.hasPrefix("///")
                #expect(isCommented, "\(file.path):\(number + 1): no '///' above \(line.trimmingSpaces)")
            }
        }
    }

    // MARK: Reading lines

    private func isComment(_ line: String) -> Bool { line.trimmingSpaces.hasPrefix("//") }

    /// A declaration that others can use and whose meaning is not given by what it conforms to.
    private func declaresForOthers(_ line: String) -> Bool {
        let text = line.trimmingSpaces
        guard text.hasPrefix("public ") || text.hasPrefix("package ") || text.hasPrefix("@frozen public ") else {
            return false
        }
        if text.hasPrefix("public import") || text.hasPrefix("package import") || text.contains(" extension ") {
            return false
        }
        // The requirements of well-known protocols say what they are.
        let known = [
            "static func == (", "static func < (", "func hash(into", "var description", "var debugDescription",
            "var errorDescription", "static var configuration", "static let configuration", "func run()",
            "init(from decoder", "func encode(to", "func makeIterator()", "mutating func next() -> UInt64",
            "typealias Element",
        ]
        return !known.contains { text.contains($0) }
    }
}

extension String {
    /// Without white space at its ends.
    var trimmingSpaces: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
