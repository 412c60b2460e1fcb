// swift-tools-version: 6.2
import PackageDescription

// The order of the targets is the direction of imports: a target uses only targets above it.
// `Tests/TidyTests` holds this table against the sources.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "care",
    products: [
        .executable(name: "care", targets: ["care"])
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The pure core: no clock, no randomness, no disk, no network.
        .target(name: "CareValues", swiftSettings: strict),
        // The loops over columns, in C for the sake of the processor's widest vectors; nothing else.
        .target(name: "CKernels"),
        .target(name: "CareLogic", dependencies: ["CareValues", "CKernels"], swiftSettings: strict),
        .target(name: "CareRules", dependencies: ["CareValues", "CareLogic"], swiftSettings: strict),
        .target(name: "CareDecisions", dependencies: ["CareValues", "CareLogic", "CareRules"], swiftSettings: strict),
        .target(
            name: "CarePlanning", dependencies: ["CareValues", "CareLogic", "CareRules", "CareDecisions"],
            swiftSettings: strict),
        .target(name: "CareIntake", dependencies: ["CareValues"], swiftSettings: strict),

        // Ports and their adapters.
        // One lock, one monitor, one thread type for everything that blocks; knows nothing of Care.
        .target(name: "CareThreads", swiftSettings: strict),
        .target(
            name: "CareCalendar", dependencies: ["CareValues", "CareThreads"],
            resources: [
                .embedInCode("Holidays/CN.json"), .embedInCode("Holidays/DE.json"), .embedInCode("Holidays/GB.json"),
                .embedInCode("Holidays/JP.json"), .embedInCode("Holidays/US.json"),
            ],
            swiftSettings: strict),
        .target(name: "CareStore", dependencies: ["CareValues"], swiftSettings: strict),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "CareStoreSQLite",
            dependencies: [
                "CSQLite", "CareValues", "CareThreads", "CareStore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        // A plain target, so that the tests of every store can use it.
        .target(
            name: "CareStoreConformance", dependencies: ["CareValues", "CareStore"],
            path: "Tests/CareStoreConformance", swiftSettings: strict),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CareTransport", dependencies: ["CCurl", "CareThreads"], swiftSettings: strict),
        .target(
            name: "CareDispatch",
            dependencies: [
                "CareValues", "CareStore", "CareThreads", "CareTransport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: strict),

        // The service loops and the faces of the program.
        .target(
            name: "CareEngine",
            dependencies: [
                "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareIntake",
                "CareStore", "CareDispatch", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(
            name: "CareAPI",
            dependencies: [
                "CZlib", "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning",
                "CareStore",
                "CareDispatch", "CareEngine", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("OpenAPI/openapi.json")],
            swiftSettings: strict),
        .target(
            name: "CareConsole",
            dependencies: [
                "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareStore",
                "CareDispatch", "CareEngine", "CareAPI", .product(name: "Hummingbird", package: "hummingbird"),
            ],
            resources: [
                .embedInCode("Assets/console.css"), .embedInCode("Assets/console.js"), .embedInCode("Assets/mark.svg"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "care",
            dependencies: [
                "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareIntake",
                "CareCalendar", "CareStore", "CareStoreSQLite", "CareTransport", "CareDispatch", "CareEngine",
                "CareAPI", "CareConsole",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // Makes up what the demonstration's real purchases lack.
        .executableTarget(
            name: "demo-data", dependencies: ["CareValues"], path: "Demo/Generator", swiftSettings: strict),
        // The made-up population of the benchmarks, and what writes it into files.
        .target(
            name: "BenchPopulation", dependencies: ["CareValues"], path: "Benchmarks/population", swiftSettings: strict),
        .executableTarget(
            name: "bench-data", dependencies: ["BenchPopulation"], path: "Benchmarks/bench-data", swiftSettings: strict),

        // Answers the questions of Scripts/integration/calendars.sh.
        .executableTarget(
            name: "calendar-probe", dependencies: ["CareValues", "CareCalendar"], path: "Tests/CalendarProbe",
            swiftSettings: strict),

        // Benchmarks: built on demand, shipped nowhere.
        .executableTarget(
            name: "json-bench", dependencies: ["CareValues"], path: "Benchmarks/json-bench", swiftSettings: strict),

        .executableTarget(
            name: "engine-bench",
            dependencies: [
                "CareValues", "CareRules", "CareDecisions", "CarePlanning", "CareCalendar", "CareStore",
                "CareStoreSQLite", "CareEngine",
            ],
            path: "Benchmarks/engine-bench", swiftSettings: strict),

        .executableTarget(
            name: "eval-bench",
            dependencies: [
                "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareCalendar",
                "CareStore", "CareStoreSQLite", "CareEngine", "BenchPopulation",
            ],
            path: "Benchmarks/eval-bench", exclude: ["peers"], swiftSettings: strict),

        .executableTarget(
            name: "store-bench", dependencies: ["CareValues", "CareThreads", "CareStore", "CareStoreSQLite"],
            path: "Benchmarks/store-bench", swiftSettings: strict),
        // A bare C loop, and our dispatch beside it.
        .target(
            name: "BareLoop", path: "Benchmarks/delivery-bench/bare",
            linkerSettings: [.linkedLibrary("curl")]),
        .executableTarget(
            name: "delivery-bench",
            dependencies: [
                "BareLoop", "CareValues", "CareThreads", "CareStore", "CareStoreSQLite", "CareTransport",
                "CareDispatch",
            ],
            path: "Benchmarks/delivery-bench/main", swiftSettings: strict),

        // Mutated rule files, read and decided with: in small in the tests, a million times by `make fuzz`.
        .target(
            name: "RuleFuzz", dependencies: ["CareValues", "CareLogic", "CareRules", "CareDecisions"],
            path: "Tests/RuleFuzz", exclude: ["Found"], swiftSettings: strict),
        .executableTarget(
            name: "rule-fuzz", dependencies: ["CareValues", "CareThreads", "CareCalendar", "RuleFuzz"],
            path: "Benchmarks/rule-fuzz", swiftSettings: strict),

        // The tests.
        .testTarget(
            name: "CareDecisionsTests",
            dependencies: [
                "CareValues", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareCalendar", "RuleFuzz",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CareEngineTests",
            dependencies: [
                "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareCalendar",
                "CareStore", "CareStoreSQLite", "CareIntake", "CareDispatch", "CareEngine",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .testTarget(
            name: "CareStoreSQLiteTests",
            dependencies: [
                "CareValues", "CareThreads", "CareStore", "CareStoreSQLite", "CareStoreConformance",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .testTarget(
            name: "CareValuesTests", dependencies: ["CareValues"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "CareCalendarTests", dependencies: ["CareValues", "CareCalendar"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "CareLogicTests", dependencies: ["CareValues", "CareLogic", "CareCalendar"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "CareCommandTests",
            dependencies: [
                "CareValues", "CareThreads", "CarePlanning", "CareStore", "CareStoreSQLite", "CareEngine", "CareAPI",
                "care", "LoopbackServer",
            ],
            swiftSettings: strict),
        .testTarget(name: "CareIntakeTests", dependencies: ["CareValues", "CareIntake"], swiftSettings: strict),
        // A server on loopback that answers as a test wants.
        .target(
            name: "LoopbackServer", dependencies: ["CareThreads"], path: "Tests/LoopbackServer", swiftSettings: strict),
        .testTarget(
            name: "CareTransportTests", dependencies: ["CCurl", "CareThreads", "CareTransport", "LoopbackServer"],
            swiftSettings: strict),
        .testTarget(
            name: "CareDispatchTests",
            dependencies: [
                "CareValues", "CareThreads", "CareStore", "CareStoreSQLite", "CareTransport", "CareDispatch",
                "LoopbackServer", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CareAPITests",
            dependencies: [
                "CareValues", "CareThreads", "CareRules", "CareCalendar", "CareStore", "CareStoreSQLite",
                "CareTransport", "CareDispatch", "CareEngine", "CareAPI",
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "CareConsoleTests",
            dependencies: [
                "CareValues", "CareThreads", "CareLogic", "CareRules", "CareDecisions", "CarePlanning", "CareCalendar",
                "CareStore", "CareStoreSQLite", "CareDispatch", "CareEngine", "CareAPI", "CareConsole",
                .product(name: "Hummingbird", package: "hummingbird"),
            ], swiftSettings: strict),
        // Imports and style, held against the sources.
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(
            name: "CareRulesTests", dependencies: ["CareValues", "CareLogic", "CareRules"], swiftSettings: strict),
    ]
)
