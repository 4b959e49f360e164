import Foundation
import Synchronization
import Testing

@testable import ObjectStore

@Suite struct DirectoryStoreTests {
    let folder = TemporaryFolder()
    let store: DirectoryStore

    init() {
        store = DirectoryStore(root: folder.path)
    }

    @Test func leavesNothingButTheObjectsBehind() async throws {
        try await store.put([1], as: .named("a/b.json"))
        try await store.put([2], as: .named("a/b.json"))
        #expect(try await store.putIfAbsent([3], as: .named("a/c.json")))
        #expect(try await store.putIfAbsent([4], as: .named("a/c.json")) == false)
        #expect(folder.files == ["a/b.json", "a/c.json"])
    }

    @Test func anUnfinishedObjectIsNotListed() async throws {
        try await store.put([1], as: .named("a/b.json"))
        let left = URL(fileURLWithPath: folder.path + "/a/.c.json.partial")
        try Data([1, 2]).write(to: left)
        #expect(try await store.list(prefix: "") == [.named("a/b.json")])
    }

    @Test func whatAKilledPutLeftBehindIsOverwritten() async throws {
        try await store.put([1], as: .named("a/b.json"))
        let name = DirectoryStore.unfinishedName(of: folder.path + "/a/c.json")
        try Data(repeating: 9, count: 50).write(to: URL(fileURLWithPath: folder.path + "/a/" + name))
        try await store.put([2], as: .named("a/c.json"))
        #expect(try await store.get(.named("a/c.json")) == [2])
        #expect(folder.files == ["a/b.json", "a/c.json"])
    }

    @Test func whatAKilledPutLeftAsAnotherNameOfAnObjectIsNotWrittenTo() async throws {
        try await store.put([1], as: .named("a/b.json"))
        let unfinished = folder.path + "/a/" + DirectoryStore.unfinishedName(of: folder.path + "/a/b.json")
        try FileManager.default.linkItem(atPath: folder.path + "/a/b.json", toPath: unfinished)
        #expect(try await store.putIfAbsent([2], as: .named("a/b.json")) == false)
        #expect(try await store.get(.named("a/b.json")) == [1])
    }

    @Test func aFileThatWasPutMayBeDeleted() async throws {
        let source = try folder.file([1, 2, 3])
        #expect(try await store.put(file: source, as: .named("a/b"), options: PutOptions()) == .stored)
        #expect(try await store.put(file: source, as: .named("a/b"), options: PutOptions()) == .stored)
        try FileManager.default.removeItem(atPath: source)
        #expect(try await store.get(.named("a/b")) == [1, 2, 3])
        #expect(folder.files == ["a/b"])
    }

    @Test func isAFileOfTheKeysPath() async throws {
        try await store.put(Array("{}\n".utf8), as: .named("topics/a/b.json"))
        let text = try String(contentsOfFile: folder.path + "/topics/a/b.json", encoding: .utf8)
        #expect(text == "{}\n")
    }

    @Test func twoStoresOfOneFolderSeeTheSameObjects() async throws {
        try await store.put([1], as: .named("a"))
        let other = DirectoryStore(root: folder.path)
        #expect(try await other.get(.named("a")) == [1])
        #expect(try await other.putIfAbsent([2], as: .named("a")) == false)
    }

    @Test func saysWhichPathCannotBeWritten() async throws {
        try await store.put([1], as: .named("a"))
        let error = await #expect(throws: ObjectStoreError.self) {
            try await store.put([2], as: .named("a/b"))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(folder.path + "/a") == true)
        #expect(try await store.get(.named("a")) == [1])
        #expect(folder.files == ["a"])
    }

    @Test func aPutOntoAFolderFailsAndLeavesNothing() async throws {
        try await store.put([1], as: .named("a/b"))
        await #expect(throws: ObjectStoreError.self) { try await store.put([2], as: .named("a")) }
        #expect(folder.files == ["a/b"])
    }
}

@Suite struct BackgroundThreadTests {
    private final class Running: Sendable {
        let count = Atomic<Int>(0)
    }

    @Test func runsEveryPieceOnceAndNeverTwoTogether() async throws {
        let thread = BackgroundThread(name: "test", niceness: 0)
        let running = Running()
        let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await thread.run {
                        let others = running.count.add(1, ordering: .relaxed).oldValue
                        defer { running.count.subtract(1, ordering: .relaxed) }
                        return others == 0 ? number : -1
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(0..<50))
    }

    @Test func handsBackWhatThePieceThrows() async throws {
        let thread = BackgroundThread(name: "test", niceness: 0)
        await #expect(throws: ObjectStoreError.self) {
            try await thread.run { throw ObjectStoreError(.full, "no room") }
        }
        #expect(try await thread.run { 1 } == 1)
    }
}
