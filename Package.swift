// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // The tests reach internal declarations, and run on the code that ships: optimised.
    .unsafeFlags(["-enable-testing"], .when(configuration: .release)),
    // Overlapping accesses are found by the compiler where it can, and in debug builds; looking for the rest while
    // running costs a request 6 % of its time in this package's own code.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, exclude: exclude,
        swiftSettings: strict)
}

let package = Package(
    name: "pinline",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "pinline", targets: ["pinline"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Layer 0
        .target(name: "CChecksum"),
        .target(name: "CDuckDB", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .systemLibrary(
            name: "CCompression",
            providers: [.apt(["liblz4-dev", "libsnappy-dev", "libzstd-dev", "zlib1g-dev"])]),
        .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        library("AWSSigning", [crypto]),
        library("JSONText"),
        .target(name: "CFileSystem"),
        library("StateStore", [grdb]),
        library("StreamModel", [nioCore], exclude: ["README.md"]),
        // Layer 1
        library(
            "Emulation",
            [
                "JSONText", nioCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        library(
            "Gateway",
            [
                "AWSSigning", "JSONText", "Kinesis", "SchemaFormats", "StateStore", "StreamModel",
                "TransportSecurity", crypto, grdb, logging, nioCore, nioPosix, lifecycle,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], exclude: ["RESTProxy/V3/README.md", "Serving/README.md"]),
        library(
            "Kinesis", ["JSONText", "StreamModel", crypto, grdb, nioCore],
            exclude: ["README.md", "Streams/README.md"]),
        library(
            "KafkaWire", ["CChecksum", "CCompression", "StreamModel", nioCore],
            exclude: ["Messages/README.md"]),
        library(
            "TransportSecurity",
            [crypto, logging, nioCore, .product(name: "NIOSSL", package: "swift-nio-ssl")]),
        library(
            "ObjectStore",
            [
                "AWSSigning", "CFileSystem", "StreamModel", crypto, logging, nioCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], exclude: ["S3/README.md"]),
        library("QueryEngine", ["CDuckDB"], exclude: ["README.md"]),
        library("SchemaFormats", ["JSONText"], exclude: ["Protobuf/README.md"]),
        library(
            "Dashboard",
            [
                "JSONText", "StreamModel", logging, lifecycle, nioCore,
                .product(name: "Hummingbird", package: "hummingbird"),
            ]),
        // Layer 2
        library(
            "DeltaFormat", ["JSONText", "ObjectStore", "QueryEngine", "StreamModel", logging],
            exclude: ["README.md"]),
        library(
            "RemoteLogs",
            [
                "AWSSigning", "CRdKafka", "KafkaWire", "StreamModel", crypto, nioCore, nioPosix,
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], exclude: ["Admin/README.md"]),
        library("LogStorage", ["KafkaWire", "StreamModel", logging, nioCore], exclude: ["README.md"]),
        library(
            "Sinks",
            [
                "CCompression", "JSONText", "ObjectStore", "StreamModel", logging, lifecycle, nioCore,
                grdb,
            ], exclude: ["README.md"]),
        // Layer 3
        library(
            "Broker",
            [
                "AWSSigning", "KafkaWire", "LogStorage", "StateStore", "StreamModel", "TransportSecurity",
                crypto,
                grdb, lifecycle, logging,
                nioCore, nioPosix, .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            exclude: [
                "Groups/README.md", "Groups/Handlers/README.md", "Handlers/README.md",
                "Handlers/Administration/README.md", "LocalConsumers/README.md", "Transactions/README.md",
            ]),
        library(
            "Pipelines",
            [
                "AWSSigning", "CChecksum", "DeltaFormat", "JSONText", "ObjectStore", "QueryEngine", "StreamModel",
                lifecycle, logging, nioCore, .product(name: "Yams", package: "Yams"),
            ], exclude: ["Batch/README.md", "Live/README.md", "RawRows/README.md", "Stream/README.md"]),
        library(
            "Connect",
            [
                "JSONText", "Sinks", "StreamModel", grdb, lifecycle, logging, nioCore,
                .product(name: "Hummingbird", package: "hummingbird"),
            ], exclude: ["REST/README.md"]),
        // Layer 4
        library(
            "ServerAssembly",
            [
                "AWSSigning", "Broker", "Connect", "Dashboard", "DeltaFormat", "Gateway", "Kinesis",
                "LogStorage", "ObjectStore",
                "Pipelines", "QueryEngine",
                "Sinks",
                "StateStore", "StreamModel", "TransportSecurity", lifecycle, logging, nioCore, nioPosix,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ], exclude: ["README.md"]),
        // Layer 5
        .executableTarget(
            name: "pinline",
            dependencies: [
                "Connect", "DeltaFormat", "Emulation", "JSONText", "ObjectStore", "Pipelines", "QueryEngine",
                "RemoteLogs", "ServerAssembly", "StreamModel", logging, nioCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        // Tests
        tests(of: "AWSSigning"),
        tests(
            of: "Broker",
            [
                "AWSSigning", "KafkaWire", "LogStorage", "StateStore", "StreamModel", "TransportSecurity",
                crypto,
                grdb, logging, nioCore,
                nioPosix, .product(name: "NIOEmbedded", package: "swift-nio"),
            ]),
        tests(of: "Connect", ["JSONText", "Sinks", "StateStore", "StreamModel", grdb, logging]),
        tests(of: "DeltaFormat", ["JSONText", "ObjectStore", "QueryEngine", "StreamModel", logging]),
        tests(of: "Emulation"),
        tests(
            of: "Gateway",
            [
                "AWSSigning", "JSONText", "SchemaFormats", "StateStore", "StreamModel", crypto, grdb, logging,
                nioCore, nioPosix,
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ], exclude: ["Fuzz/json_oracle.py"]),
        tests(of: "JSONText", exclude: ["README.md"]),
        tests(of: "Kinesis", ["StateStore", "StreamModel", crypto, grdb, nioCore]),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        tests(
            of: "KafkaWire", ["CAllocationCount", "CChecksum", "StreamModel", nioCore], exclude: ["Fixtures"]),
        tests(of: "LogStorage", ["KafkaWire", "StreamModel", nioCore, logging], exclude: ["README.md"]),
        tests(
            of: "ObjectStore",
            ["AWSSigning", "StreamModel", logging, nioCore, .product(name: "NIOHTTP1", package: "swift-nio")]),
        tests(of: "Pipelines", ["JSONText", "QueryEngine", "StreamModel"], exclude: ["README.md"]),
        tests(of: "QueryEngine"),
        tests(of: "RemoteLogs", ["AWSSigning", "StreamModel"]),
        tests(of: "SchemaFormats", ["JSONText"]),
        tests(
            of: "ServerAssembly",
            [
                "Connect", "Dashboard", "Gateway", "LogStorage", "ObjectStore", "Sinks", "StreamModel",
                logging,
            ]),
        tests(
            of: "Sinks",
            [
                "JSONText", "ObjectStore", "StateStore", "StreamModel", lifecycle, logging, nioCore, grdb,
            ]),
        tests(of: "StateStore", [grdb]),
        tests(of: "TransportSecurity", [nioCore]),
        .testTarget(name: "RepositoryTests", swiftSettings: strict),
    ]
)
