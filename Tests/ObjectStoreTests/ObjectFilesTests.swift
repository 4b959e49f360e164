import Foundation
import ObjectStore
import Testing

/// Files, parts, sizes and pages of listings, for every store alike.
@Suite struct ObjectFilesTests {
    static let key = ObjectKey.named("topics/a.pin/partition=0/a.pin+0+0000000000.json")

    /// More than two parts of the least size.
    static let large: [UInt8] = (0..<11_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    @Test(arguments: StoreKind.allCases, [0, 1, 100_000])
    func storesAWholeFile(in kind: StoreKind, of bytes: Int) async throws {
        let folder = TemporaryFolder()
        let content = Array(Self.large.prefix(bytes))
        let source = try folder.file(content)
        try await kind.withStore { store async throws in
            #expect(try await store.put(file: source, as: Self.key, options: PutOptions()) == .stored)
            #expect(try await store.get(Self.key) == content)
            #expect(try await store.stat(Self.key)?.size == Int64(bytes))
        }
        #expect(folder.files == ["source"])
    }

    @Test(arguments: StoreKind.allCases)
    func storesAFileThatTakesSeveralParts(in kind: StoreKind) async throws {
        let folder = TemporaryFolder()
        let source = try folder.file(Self.large)
        let target = folder.path + "/target"
        try await kind.withStore { store async throws in
            #expect(try await store.put(file: source, as: Self.key, options: PutOptions()) == .stored)
            #expect(try await store.get(Self.key, into: target)?.size == Int64(Self.large.count))
            #expect(FileManager.default.contentsEqual(atPath: source, andPath: target))
            let again = PutOptions(ifAbsent: true)
            #expect(try await store.put(file: source, as: Self.key, options: again) == .exists)
            let other = PutOptions(
                ifAbsent: true, tags: [("start offset", "0"), ("b", "c/d=e")], contentType: "a/b")
            #expect(try await store.put(file: source, as: .named("other"), options: other) == .stored)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aFileIsNotStoredOverAnObjectWhereItMustNot(in kind: StoreKind) async throws {
        let folder = TemporaryFolder()
        let source = try folder.file([1, 2])
        try await kind.withStore { store async throws in
            try await store.put([9], as: Self.key)
            let options = PutOptions(ifAbsent: true)
            #expect(try await store.put(file: source, as: Self.key, options: options) == .exists)
            #expect(try await store.get(Self.key) == [9])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aFileThatIsNotThereIsAnError(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            await #expect(throws: ObjectStoreError.self) {
                try await store.put(file: "/no/such/file", as: Self.key, options: PutOptions())
            }
            #expect(try await store.list(prefix: "").isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func writesAnObjectIntoAFileInPlaceOfWhatItHeld(in kind: StoreKind) async throws {
        let folder = TemporaryFolder()
        let target = try folder.file([9, 9, 9, 9, 9], "target")
        try await kind.withStore { store async throws in
            try await store.put([1, 2], as: Self.key)
            #expect(try await store.get(Self.key, into: target)?.size == 2)
            #expect(FileManager.default.contents(atPath: target) == Data([1, 2]))
            #expect(try await store.get(.named("none"), into: folder.path + "/none") == nil)
        }
        #expect(folder.files == ["target"])
    }

    static let ranges: [(Range<Int64>, [UInt8])] = [
        (0..<1, [0]), (1..<3, [1, 2]), (3..<100, [3, 4]), (4..<5, [4]), (5..<6, []), (100..<200, []),
        (2..<2, []),
        (-5..<2, [0, 1]), (-5 ..< -2, []), (0..<Int64.max, [0, 1, 2, 3, 4]),
    ]

    @Test(arguments: StoreKind.allCases)
    func givesThePartOfAnObjectThatLiesInARange(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            try await store.put([0, 1, 2, 3, 4], as: Self.key)
            for (range, expected) in Self.ranges {
                #expect(try await store.get(Self.key, range: range) == expected, "\(range)")
                #expect(try await store.get(.named("none"), range: range) == nil, "\(range)")
            }
            try await store.put([], as: Self.key)
            #expect(try await store.get(Self.key, range: 0..<10) == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func tellsWhatIsKnownOfAnObject(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            #expect(try await store.stat(Self.key) == nil)
            try await store.put([1, 2, 3], as: Self.key)
            let first = try #require(try await store.stat(Self.key))
            #expect(first.size == 3)
            #expect(first.modified > 0)
            let listed = try await store.list(prefix: "", after: nil, limit: 10)
            #expect(listed.map(\.key) == [Self.key])
            #expect(listed.map(\.stat.size) == [3])
            #expect(listed.first?.stat.etag == first.etag)
            try await store.put([1, 2, 3, 4], as: Self.key)
            let second = try #require(try await store.stat(Self.key))
            #expect(second.size == 4)
            #expect(second.etag != first.etag || first.etag == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func listsPageByPage(in kind: StoreKind) async throws {
        let names = ["a/1", "a/1+2 3", "a/1?x=%41&y", "a/2/\u{E9}", "a/2/😀", "b"]
        try await kind.withStore { store async throws in
            for name in names { try await store.put([1], as: .named(name)) }
            var found: [String] = []
            var last: ObjectKey?
            while true {
                let page = try await store.list(prefix: "a/", after: last, limit: 2)
                found += page.map(\.key.rawValue)
                guard page.count == 2 else { break }
                last = page.last?.key
            }
            #expect(found == names.filter { $0.hasPrefix("a/") })
            #expect(
                try await store.list(prefix: "", after: .named("a/2/😀"), limit: 9).map(\.key.rawValue) == [
                    "b"
                ])
            #expect(try await store.list(prefix: "", after: nil, limit: 0).isEmpty)
            for name in names { #expect(try await store.get(.named(name)) == [1], "\(name)") }
        }
    }
}
