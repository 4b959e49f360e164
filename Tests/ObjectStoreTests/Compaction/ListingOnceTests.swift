import StreamModel
import Testing

@testable import ObjectStore

/// What a listing gives when objects are merged between its parts.
@Suite struct ListingOnceTests {
    /// Answers listings from a script, the last one again and again.
    private actor ScriptedStore: ObjectStore {
        private let inner = MemoryStore()
        private var listings: [[ListedObject]]

        init(_ listings: [[ListedObject]]) {
            self.listings = listings
        }

        func put(_ content: [UInt8], as key: ObjectKey, options: PutOptions) async -> PutOutcome {
            await inner.put(content, as: key, options: options)
        }
        func put(
            file path: String, as key: ObjectKey, options: PutOptions
        ) async throws(ObjectStoreError) -> PutOutcome {
            try await inner.put(file: path, as: key, options: options)
        }
        func get(_ key: ObjectKey, range: Range<Int64>?) async -> [UInt8]? {
            await inner.get(key, range: range)
        }
        func get(_ key: ObjectKey, into path: String) async throws(ObjectStoreError) -> ObjectStat? {
            try await inner.get(key, into: path)
        }
        func stat(_ key: ObjectKey) async -> ObjectStat? { await inner.stat(key) }
        func list(prefix: String, after: ObjectKey?, limit: Int) -> [ListedObject] {
            listings.count > 1 ? listings.removeFirst() : listings.first ?? []
        }
        func delete(_ key: ObjectKey) async { await inner.delete(key) }
    }

    private static func object(_ name: String, _ size: Int64, _ etag: String) -> ListedObject {
        ListedObject(key: .named("t/" + name), stat: ObjectStat(size: size, etag: etag, modified: 1))
    }

    private static let small = object("t+0+0.json", 10, "small")
    private static let second = object("t+0+1.json", 10, "second")
    private static let merged = object("t+0+0.json", 20, "merged")
    private static let manifestKey = ObjectKey.named("t/" + CompactionManifest.name)
    private static let manifest = CompactionManifest(
        host: "h", process: 1, started: 0,
        merges: [
            .init(
                bytes: 20,
                sources: [
                    .init(name: "t+0+0.json", bytes: 10, etag: "small"),
                    .init(name: "t+0+1.json", bytes: 10, etag: "second"),
                ])
        ])
    /// Everything is as young as can be.
    private static let clock = WallClock { 2 }

    private func keys(_ listings: [[ListedObject]], hasManifest: Bool) async throws -> [ListedObject] {
        var listings = listings
        let store = ScriptedStore([])
        if hasManifest {
            try await store.put(Self.manifest.encoded, as: Self.manifestKey)
            let stat = try #require(await store.stat(Self.manifestKey))
            let entry = ListedObject(key: Self.manifestKey, stat: stat)
            listings = listings.map { [entry] + $0 }
        }
        let scripted = ScriptedStore(listings)
        if hasManifest { try await scripted.put(Self.manifest.encoded, as: Self.manifestKey) }
        return try await scripted.listOnce(prefix: "t/", clock: Self.clock)
    }

    @Test func withoutAManifestAllIsListed() async throws {
        #expect(
            try await keys([[Self.small, Self.second]], hasManifest: false) == [Self.small, Self.second])
    }

    @Test func beforeTheMergedObjectIsThereItsSourcesCount() async throws {
        #expect(try await keys([[Self.small, Self.second]], hasManifest: true) == [Self.small, Self.second])
    }

    @Test func onceItIsThereItsSourcesDoNotCount() async throws {
        #expect(try await keys([[Self.merged, Self.second]], hasManifest: true) == [Self.merged])
    }

    @Test func aMergeThatEndsWithinTheListingIsListedAnew() async throws {
        let listings = [[Self.merged, Self.second], [Self.merged]]
        #expect(try await keys(listings, hasManifest: false) == [Self.merged])
    }

    @Test func anotherProgramsFileOfThatNameIsRefused() async throws {
        let store = ScriptedStore([[Self.small]])
        try await store.put([1, 2, 3], as: Self.manifestKey)
        let entry = ListedObject(
            key: Self.manifestKey, stat: try #require(await store.stat(Self.manifestKey)))
        let listed = ScriptedStore([[entry, Self.small]])
        try await listed.put([1, 2, 3], as: Self.manifestKey)
        await #expect(throws: ObjectStoreError.self) {
            try await listed.listOnce(prefix: "t/", clock: Self.clock)
        }
    }
}
