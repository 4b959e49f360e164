import Foundation
import Testing

@testable import ObjectStore

@Suite struct ObjectCacheTests {
    let folder = TemporaryFolder()
    let store = MemoryStore()

    private func checkOut(_ prefix: String = "", maxBytes: Int64 = 1000) async throws -> CacheCheckout {
        let objects = await store.list(prefix: prefix, after: nil, limit: .max)
        return try await ObjectCache(folder: folder.path, maxBytes: maxBytes)
            .checkOut(objects, of: store, at: "memory", below: prefix)
    }

    private func files(_ checkout: CacheCheckout) -> [String: String] {
        let names =
            FileManager.default.enumerator(atPath: checkout.folder)?.compactMap { $0 as? String } ?? []
        let pairs = names.compactMap { name -> (String, String)? in
            guard !name.hasPrefix("."),
                let text = try? String(contentsOfFile: checkout.folder + "/" + name, encoding: .utf8)
            else { return nil }
            return (name, text)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private var copies: Int { folder.files.count { $0.hasPrefix("objects/") } }

    @Test func laysObjectsOutUnderTheirKeys() async throws {
        try await store.put(Array("1".utf8), as: .named("p/a/b.json"))
        try await store.put(Array("2".utf8), as: .named("p/c.json"))
        let checkout = try await checkOut("p/")
        #expect(files(checkout) == ["a/b.json": "1", "c.json": "2"])
        checkout.remove()
        #expect(copies == 2)
        #expect(!FileManager.default.fileExists(atPath: checkout.folder))
    }

    @Test func aNewVersionIsFetchedAndTheOldReaderKeepsItsOwn() async throws {
        try await store.put(Array("old".utf8), as: .named("a"))
        let before = try await checkOut()
        try await store.put(Array("new".utf8), as: .named("a"))
        let after = try await checkOut()
        #expect(files(before) == ["a": "old"])
        #expect(files(after) == ["a": "new"])
    }

    @Test func makesRoomAndTakesNothingFromReaders() async throws {
        try await store.put(Array(repeating: 65, count: 60), as: .named("a/1"))
        let first = try await checkOut("a/", maxBytes: 100)
        try await store.put(Array(repeating: 66, count: 60), as: .named("b/1"))
        let second = try await checkOut("b/", maxBytes: 100)
        #expect(copies == 1)
        #expect(files(first).values.map(\.count) == [60])
        #expect(files(second).values.map(\.count) == [60])
    }

    @Test func refusesMoreThanItTakes() async throws {
        try await store.put(Array(repeating: 65, count: 60), as: .named("a"))
        let error = await #expect(throws: ObjectStoreError.self) { try await checkOut(maxBytes: 59) }
        #expect(error?.code == .full)
        #expect(copies == 0)
    }

    @Test func removesWhatADeadReaderLeft() async throws {
        try await store.put([65], as: .named("a"))
        let dead = folder.path + "/readers/dead"
        try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: dead + "/.lock"))
        let living = try await checkOut()
        let other = try await checkOut()
        #expect(!FileManager.default.fileExists(atPath: dead))
        #expect(files(living) == ["a": "A"])
        #expect(files(other) == ["a": "A"])
    }

    @Test func anObjectThatIsGoneSinceIsLeftOut() async throws {
        try await store.put([65], as: .named("a"))
        let listed = await store.list(prefix: "", after: nil, limit: .max)
        await store.delete(.named("a"))
        let checkout = try await ObjectCache(folder: folder.path).checkOut(
            listed, of: store, at: "m", below: "")
        #expect(files(checkout).isEmpty)
    }
}
