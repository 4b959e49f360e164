import ObjectStore
import Testing

@Suite struct ObjectStoreTests {
    static let key = ObjectKey.named("topics/a.pin/partition=0/a.pin+0+0000000000.json")

    @Test(arguments: StoreKind.allCases)
    func givesBackWhatWasPut(in kind: StoreKind) async throws {
        let content = [UInt8](0...255) + [UInt8](repeating: 7, count: 100_000)
        try await kind.withStore { store async throws in
            try await store.put(content, as: Self.key)
            #expect(try await store.get(Self.key) == content)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func keepsAnEmptyObject(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            try await store.put([], as: Self.key)
            #expect(try await store.get(Self.key) == [])
            #expect(try await store.list(prefix: "") == [Self.key])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aSecondPutReplacesTheFirstWhole(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            try await store.put(Array("a long first content".utf8), as: Self.key)
            try await store.put(Array("short".utf8), as: Self.key)
            #expect(try await store.get(Self.key) == Array("short".utf8))
            #expect(try await store.list(prefix: "") == [Self.key])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func thereIsNothingUnderAKeyThatWasNotPut(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            #expect(try await store.get(Self.key) == nil)
            #expect(try await store.list(prefix: "").isEmpty)
            #expect(try await store.list(prefix: "topics/").isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases, ["topics", "topics/a.pin/partition=0", "topics/a.pin/x/y"])
    func thereIsNoObjectAboveOrBesideOthers(in kind: StoreKind, at path: String) async throws {
        try await kind.withStore { store async throws in
            try await store.put([1], as: Self.key)
            #expect(try await store.get(.named(path)) == nil)
            try await store.delete(.named(path))
            #expect(try await store.get(Self.key) == [1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func thereIsNoObjectBelowAnother(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            try await store.put([1], as: .named("a"))
            #expect(try await store.get(.named("a/b")) == nil)
            try await store.delete(.named("a/b"))
            #expect(try await store.get(.named("a")) == [1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func listsTheKeysThatBeginWithTheTextInOrder(in kind: StoreKind) async throws {
        let names = ["b/1", "a/c+2", "a/c+10", "a/d/e", "ab", ".hidden"]
        try await kind.withStore { store async throws in
            for name in names { try await store.put([1], as: .named(name)) }
            func list(_ prefix: String) async throws -> [String] {
                try await store.list(prefix: prefix).map(\.rawValue)
            }
            #expect(try await list("") == [".hidden", "a/c+10", "a/c+2", "a/d/e", "ab", "b/1"])
            #expect(try await list("a/") == ["a/c+10", "a/c+2", "a/d/e"])
            #expect(try await list("a") == ["a/c+10", "a/c+2", "a/d/e", "ab"])
            #expect(try await list("a/c+1") == ["a/c+10"])
            #expect(try await list("a/d") == ["a/d/e"])
            #expect(try await list("c").isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases, ["../", "/", "a//", "./"])
    func listsNothingForAPrefixThatNoKeyCanHave(in kind: StoreKind, prefix: String) async throws {
        try await kind.withStore { store async throws in
            try await store.put([1], as: .named("a/b"))
            #expect(try await store.list(prefix: prefix).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func secondPutIfAbsentIsRefused(by kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            #expect(try await store.putIfAbsent([1], as: Self.key))
            #expect(try await store.putIfAbsent([2], as: Self.key) == false)
            #expect(try await store.get(Self.key) == [1])
            #expect(try await store.list(prefix: "") == [Self.key])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func putIfAbsentIsRefusedAfterAPutAndAllowedAfterADelete(by kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            try await store.put([1], as: Self.key)
            #expect(try await store.putIfAbsent([2], as: Self.key) == false)
            try await store.delete(Self.key)
            #expect(try await store.putIfAbsent([3], as: Self.key))
            #expect(try await store.get(Self.key) == [3])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func oneOfManyAtOnceGetsAKeyThatIsFree(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
                for number in UInt8(0)..<20 {
                    group.addTask { try await store.putIfAbsent([number], as: Self.key) ? number : nil }
                }
                return try await group.reduce(into: [UInt8]()) { $0 += $1.map { [$0] } ?? [] }
            }
            #expect(winners.count == 1)
            #expect(try await store.get(Self.key) == winners)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func deletesOneObjectAndMindsNoneThatIsGone(in kind: StoreKind) async throws {
        try await kind.withStore { store async throws in
            try await store.put([1], as: .named("a/b"))
            try await store.put([2], as: .named("a/c"))
            try await store.delete(.named("a/b"))
            try await store.delete(.named("a/b"))
            #expect(try await store.get(.named("a/b")) == nil)
            #expect(try await store.list(prefix: "") == [.named("a/c")])
        }
    }
}
