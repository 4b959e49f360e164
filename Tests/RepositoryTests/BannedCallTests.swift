import Testing

/// What Sources must not call.
///
/// An exception names its file and its reason; one that is no longer needed fails too.
@Suite struct BannedCallTests {
    struct Ban: CustomTestStringConvertible, Sendable {
        let call: String
        let instead: String
        var allowed: [String: String] = [:]

        var testDescription: String { call }
    }

    static let bans = [
        Ban(call: "try!", instead: "handle the error"),
        Ban(call: "as!", instead: "use as? and handle nil"),
        Ban(call: "fatalError(", instead: "throw"),
        Ban(
            call: "preconditionFailure(", instead: "throw; precondition() is for our own mistakes",
            allowed: [
                "Sources/QueryEngine/DuckDBResultReader.swift":
                    "once a value: DuckDB gives each vector its memory"
            ]),
        Ban(call: ".unsafelyUnwrapped", instead: "handle nil"),
        Ban(call: "Date()", instead: "take the time from a clock that is handed in"),
        Ban(call: "Date.now", instead: "take the time from a clock that is handed in"),
        Ban(call: "Task.sleep", instead: "wait on a clock that is handed in"),
        Ban(call: "SystemRandomNumberGenerator", instead: "take a generator that is handed in"),
        Ban(
            call: "FileManager", instead: "go through the target's own file access",
            allowed: [
                "Sources/Emulation/Tables/SourceDisk.swift": "the emulator's only way to the disk",
                "Sources/LogStorage/PosixDisk.swift": "the log's only way to the disk",
                "Sources/ObjectStore/DirectoryStore.swift": "a folder as a bucket",
                "Sources/ServerAssembly/DataFolder.swift": "makes the data folder",
                "Sources/ServerAssembly/ServerSettings+Sources.swift": "reads the settings file",
            ]),
        Ban(call: "Task.detached", instead: "a task group or Service.run()"),
    ]

    @Test(arguments: bans)
    func sourcesDoNotCall(_ ban: Ban) {
        for file in Repository.swiftSources where ban.allowed[file.path] == nil {
            for use in file.uses(of: ban.call) {
                Issue.record("\(file.path):\(file.line(at: use)): \(ban.call): \(ban.instead)")
            }
        }
        for path in ban.allowed.keys {
            let isUsed = Repository.swiftSources.contains {
                $0.path == path && !$0.uses(of: ban.call).isEmpty
            }
            #expect(isUsed, "\(path) no longer uses \(ban.call): take it off the list")
        }
    }

    @Test(arguments: [".random(", ".randomElement(", ".shuffled("])
    func chanceComesFromAGeneratorThatIsHandedIn(call: String) {
        for file in Repository.swiftSources {
            for use in file.uses(of: call) where !file.argument("using:", standsInCallAt: use) {
                Issue.record("\(file.path):\(file.line(at: use)): \(call)) without using:")
            }
        }
    }

    private static let ownedTasks = [
        "Sources/pinline/ResultPrinting.swift": "awaited right there; kept so that Ctrl-C can cancel it"
    ]

    /// `Task { … }` runs on with nobody to wait for it or to cancel it.
    @Test func everyTaskHasAnOwner() {
        for file in Repository.swiftSources where Self.ownedTasks[file.path] == nil {
            for use in file.uses(of: "Task") where file.opensClosure(after: use + 4) {
                let place = "\(file.path):\(file.line(at: use))"
                Issue.record("\(place): a loose Task: use a task group or Service.run()")
            }
        }
    }

    @Test func tellsALooseTaskFromATypeOrAGroup() {
        let file = SwiftFile(
            "Task { a() }\nTask(priority: .low) { b() }\nTask<Void, Never>.self\nfinal class Task: X {\n")
        #expect(file.uses(of: "Task").map { file.opensClosure(after: $0 + 4) } == [true, true, false, false])
    }
}

extension SwiftFile {
    /// Whether a call that starts here names this argument before its closing parenthesis.
    func argument(_ name: String, standsInCallAt start: Int) -> Bool {
        guard let open = code[start...].firstIndex(of: UInt8(ascii: "(")), let close = closing(of: open)
        else { return false }
        return String(decoding: code[open...close], as: UTF8.self).contains(name)
    }

    /// Whether a closure follows, perhaps after arguments in parentheses.
    func opensClosure(after index: Int) -> Bool {
        var at = index
        if at < code.count, code[at] == UInt8(ascii: "("), let close = closing(of: at) { at = close + 1 }
        return code[at...].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "{")
    }

    private func closing(of open: Int) -> Int? {
        var depth = 0
        for at in open..<code.count {
            if code[at] == UInt8(ascii: "(") { depth += 1 }
            if code[at] == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { return at }
        }
        return nil
    }
}
