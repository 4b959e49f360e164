import Testing

/// Which target may import which: `ARCHITECTURE.md` says the same to people.
@Suite struct LayerTests {
    private struct Target {
        let layer: Int
        /// Targets of this package.
        let own: Set<String>
        /// Modules of other packages; a new package needs a decision record.
        let outside: Set<String>

        init(_ layer: Int, _ own: Set<String> = [], outside: Set<String> = []) {
            self.layer = layer
            self.own = own
            self.outside = outside
        }
    }

    private static let targets: [String: Target] = [
        "CChecksum": Target(0),
        "CCompression": Target(0),
        "CDuckDB": Target(0),
        "CRdKafka": Target(0),
        "JSONText": Target(0),
        "CFileSystem": Target(0),
        "ObjectStore": Target(
            1, ["AWSSigning", "CFileSystem", "StreamModel"],
            outside: ["AsyncHTTPClient", "Crypto", "Logging", "NIOCore", "NIOHTTP1"]),
        "StateStore": Target(0, outside: ["GRDB"]),
        "StreamModel": Target(0, outside: ["NIOCore"]),
        "AWSSigning": Target(0, outside: ["Crypto"]),
        "Dashboard": Target(
            1, ["JSONText", "StreamModel"],
            outside: ["Hummingbird", "Logging", "NIOCore", "ServiceLifecycle"]),
        "Emulation": Target(1, ["JSONText"], outside: ["AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1"]),
        "Kinesis": Target(1, ["JSONText", "StreamModel"], outside: ["Crypto", "GRDB", "NIOCore"]),
        "Gateway": Target(
            2,
            [
                "AWSSigning", "JSONText", "Kinesis", "SchemaFormats", "StateStore", "StreamModel",
                "TransportSecurity",
            ],
            outside: [
                "AsyncHTTPClient", "Crypto", "CryptoExtras", "GRDB", "Logging", "NIOConcurrencyHelpers",
                "NIOCore", "NIOHTTP1", "NIOPosix", "ServiceLifecycle",
            ]),
        "KafkaWire": Target(1, ["CChecksum", "CCompression", "StreamModel"], outside: ["NIOCore"]),
        "QueryEngine": Target(1, ["CDuckDB"], outside: ["Logging"]),
        "SchemaFormats": Target(1, ["JSONText"]),
        "TransportSecurity": Target(1, outside: ["Crypto", "Logging", "NIOCore", "NIOSSL"]),
        "DeltaFormat": Target(
            2, ["JSONText", "ObjectStore", "QueryEngine", "StreamModel"], outside: ["Logging"]),
        "RemoteLogs": Target(
            2, ["AWSSigning", "CRdKafka", "KafkaWire", "StreamModel"],
            outside: ["Crypto", "CryptoExtras", "NIOCore", "NIOPosix", "NIOSSL"]),
        "LogStorage": Target(2, ["KafkaWire", "StreamModel"], outside: ["Logging", "NIOCore"]),
        "Sinks": Target(
            2, ["CCompression", "JSONText", "ObjectStore", "StreamModel"],
            outside: ["GRDB", "Logging", "NIOCore", "ServiceLifecycle"]),
        "Broker": Target(
            3, ["AWSSigning", "KafkaWire", "LogStorage", "StateStore", "StreamModel", "TransportSecurity"],
            outside: [
                "Crypto", "CryptoExtras", "GRDB", "Logging", "NIOConcurrencyHelpers", "NIOCore", "NIOPosix",
                "ServiceLifecycle",
            ]),
        "Connect": Target(
            3, ["JSONText", "Sinks", "StreamModel"],
            outside: ["GRDB", "Hummingbird", "Logging", "NIOCore", "ServiceLifecycle"]),
        "Pipelines": Target(
            3,
            [
                "AWSSigning", "CChecksum", "CDuckDB", "DeltaFormat", "JSONText", "ObjectStore", "QueryEngine",
                "StreamModel",
            ],
            outside: ["Logging", "NIOCore", "ServiceLifecycle", "Yams"]),
        "ServerAssembly": Target(
            4,
            [
                "AWSSigning", "Broker", "Connect", "Dashboard", "DeltaFormat", "Gateway", "Kinesis",
                "LogStorage", "ObjectStore",
                "Pipelines", "QueryEngine", "Sinks", "StateStore", "StreamModel", "TransportSecurity",
            ], outside: ["Logging", "NIOCore", "NIOPosix", "ServiceLifecycle", "UnixSignals", "Yams"]),
        "pinline": Target(
            5,
            [
                "Connect", "DeltaFormat", "Emulation", "JSONText", "ObjectStore", "Pipelines", "QueryEngine",
                "RemoteLogs", "ServerAssembly", "StreamModel",
            ], outside: ["ArgumentParser", "AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1"]),
    ]

    /// What every target may use: the language's own and the system's.
    private static let system: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization",
    ]

    @Test func everyImportIsOneTheTableAllows() {
        for file in Repository.swiftSources {
            guard let target = Self.targets[file.target] else { continue }
            let allowed = target.own.union(target.outside).union(Self.system)
            for (number, line) in file.lines.enumerated() {
                guard let module = Self.importedModule(line), module != file.target, !allowed.contains(module)
                else { continue }
                Issue.record("\(file.path):\(number + 1): \(file.target) may not import \(module)")
            }
        }
    }

    @Test func everyFolderOfSourcesStandsInTheTable() {
        let folders = Set(
            Repository.files.filter { $0.hasPrefix("Sources/") }.compactMap {
                $0.split(separator: "/").dropFirst().first.map(String.init)
            })
        #expect(folders.subtracting(Self.targets.keys).sorted() == [], "folders without a layer")
        #expect(Set(Self.targets.keys).subtracting(folders).sorted() == [], "layers without a folder")
    }

    @Test func importsPointDownOnly() {
        for (name, target) in Self.targets {
            for lower in target.own {
                #expect(
                    (Self.targets[lower]?.layer ?? .max) < target.layer, "\(name) may not import \(lower)")
            }
        }
    }

    @Test func theTableInARCHITECTUREIsThisTable() {
        var documented: [String: (layer: Int, own: Set<String>)] = [:]
        for line in Repository.lines(of: "ARCHITECTURE.md") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.filter { $0 != " " && $0 != "`" } }
            guard cells.count == 4, let layer = Int(cells[0]) else { continue }
            let own = cells[3] == "none" ? [] : Set(cells[3].split(separator: ",").map(String.init))
            documented[cells[1]] = (layer, own)
        }
        #expect(documented.keys.sorted() == Self.targets.keys.sorted())
        for (name, row) in documented {
            #expect(row.layer == Self.targets[name]?.layer, "\(name)")
            #expect(row.own.sorted() == Self.targets[name]?.own.sorted(), "\(name)")
        }
    }

    private static let imports: [(String, String?)] = [
        ("import NIOCore", "NIOCore"),
        ("@preconcurrency package import Logging", "Logging"),
        ("  internal import struct Foundation.URL", "Foundation"),
        ("let important = 1", nil),
    ]

    @Test(arguments: imports)
    func readsTheModuleOfAnImport(line: String, module: String?) {
        #expect(Self.importedModule(line[...]) == module)
    }

    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "typealias", "var", "let",
    ]
    private static let modifiers: Set<Substring> = [
        "package", "internal", "public", "private", "fileprivate",
    ]

    private static func importedModule(_ line: Substring) -> String? {
        guard line.contains("import ") else { return nil }
        var words = line.split(separator: " ")[...]
        while let word = words.first, word != "import" {
            guard word.hasPrefix("@") || modifiers.contains(word) else { return nil }
            words.removeFirst()
        }
        words.removeFirst()
        if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
        return words.first?.split(separator: ".").first.map(String.init)
    }
}
