import AWSSigning
import Testing

@testable import ObjectStore

/// What only S3 has, against the store that `PINLINE_TEST_S3` names.
@Suite(.enabled(if: StoreKind.endpoint != nil)) struct S3StoreTests {
    static let key = ObjectKey.named("a/b.json")

    @Test func listsMoreThanAPageOfKeys() async throws {
        let store = try await StoreKind.freshBucket()
        let names = (0..<1005).map { "k\(1000 + $0)" }
        for name in names { try await store.put([], as: .named(name)) }
        #expect(try await store.list(prefix: "k").map(\.rawValue) == names)
    }

    @Test func aBucketThatIsNotThereIsRefusedByName() async throws {
        let store = try S3Store(StoreKind.settings())
        let put = await #expect(throws: ObjectStoreError.self) { try await store.put([1], as: Self.key) }
        #expect(put?.code == .refused)
        #expect(put?.message.contains("there is no bucket '\(store.settings.bucket)'") == true)
        await #expect(throws: ObjectStoreError.self) { try await store.list(prefix: "") }
        await #expect(throws: ObjectStoreError.self) { try await store.get(Self.key) }
        await #expect(throws: ObjectStoreError.self) { try await store.get(Self.key, into: "/dev/null") }
    }

    @Test func anAddressThatNobodyListensAtIsUnavailable() async throws {
        var settings = StoreKind.settings()
        settings.endpoint = "http://127.0.0.1:1"
        settings.retries = 1
        let store = try S3Store(settings)
        let error = await #expect(throws: ObjectStoreError.self) { try await store.put([1], as: Self.key) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("2 attempts") == true)
        #expect(error?.message.contains("http://127.0.0.1:1") == true)
    }

    @Test func sendsWhatTheBucketsOwnerAsksFor() async throws {
        var settings = StoreKind.settings()
        settings.encryption = .aes256
        settings.cannedACL = "bucket-owner-full-control"
        settings.sendsDigest = true
        settings.sendsExpectContinue = true
        let store = try await StoreKind.freshBucket(settings)
        let options = PutOptions(
            tags: [("startOffset", "0"), ("a b", "c/d")], contentType: "application/json")
        #expect(try await store.put([1, 2], as: Self.key, options: options) == .stored)
        let answer = try await store.client.success(of: S3Request("HEAD", Self.key), "look")
        #expect(answer.header("x-amz-server-side-encryption") == "AES256")
        #expect(answer.header("content-type") == "application/json")
        let tagging = S3Request("GET", Self.key, query: [QueryParameter("tagging", "")])
        let tags = S3XML(try await store.client.success(of: tagging, "read tags").text)?["TagSet"]
        #expect(tags?.all("Tag").compactMap { $0["Key"]?.text }.sorted() == ["a b", "startOffset"])
    }

    @Test func keepsAnObjectWithACustomersKey() async throws {
        var settings = StoreKind.settings()
        settings.encryption = .customer(key: Array(repeating: 7, count: 32))
        let store = try await StoreKind.freshBucket(settings)
        try await store.put([1, 2], as: Self.key)
        #expect(try await store.get(Self.key) == [1, 2])
        #expect(try await store.stat(Self.key)?.size == 2)
    }

    @Test func looksFirstWhereTheStoreHasNoConditionalWrites() async throws {
        var settings = StoreKind.settings()
        settings.conditionalWrites = .lookFirst
        let store = try await StoreKind.freshBucket(settings)
        #expect(try await store.putIfAbsent([1], as: Self.key))
        #expect(try await store.putIfAbsent([2], as: Self.key) == false)
        #expect(try await store.get(Self.key) == [1])
    }

    @Test func abortsUploadsThatWereLeftBehindAndNoOthers() async throws {
        let store = try await StoreKind.freshBucket()
        for name in ["topics/a", "topics/b", "other"] {
            let request = S3Request("POST", .named(name), query: [QueryParameter("uploads", "")])
            _ = try await store.client.success(of: request, "begin")
        }
        let all = S3AbandonedUploads(prefix: "") { _ in true }
        var young = all
        young.age = .max / 2
        #expect(try await store.abortUploads(young) == 0)
        var settings = store.settings
        settings.abandonedUploads = S3AbandonedUploads(prefix: "topics/") { $0.rawValue != "topics/b" }
        let next = try S3Store(settings)
        try await next.put([1], as: Self.key)
        #expect(try await store.abortUploads(all) == 2)
    }
}
