import Connect
import Logging
import ObjectStore
import Testing

@testable import ServerAssembly

@Suite struct ConnectorStoresTests {
    private static let stores = ConnectorStores(
        buckets: "/data/buckets", defaultStore: .directory, environment: [:], logger: Logger(label: "test"))
    private static let cloud = ConnectorStores(
        buckets: "/data/buckets", defaultStore: .aws, environment: [:], logger: Logger(label: "test"))

    @Test(arguments: [
        ("", ConnectorStores.Place.folder("/data/buckets/b")),
        ("file:///srv/x", .folder("/srv/x/b")), ("file:/srv/x/", .folder("/srv/x/b")),
        ("file:x%20y", .folder("x y/b")), ("http://127.0.0.1:5000", .s3(endpoint: "http://127.0.0.1:5000")),
    ])
    func aStoreIsAFolderUnlessItsAddressIsAServers(url: String, place: ConnectorStores.Place) throws {
        #expect(try Self.stores.place(of: ["s3.bucket.name": "b", "store.url": url]) == place)
    }

    @Test func withoutAnAddressItIsAWSWhereThatIsTheDefault() throws {
        #expect(try Self.cloud.place(of: ["s3.bucket.name": "b"]) == .s3(endpoint: nil))
    }

    @Test(arguments: ["", "..", "a/b", "."])
    func aBucketThatIsNoFolderIsRefused(bucket: String) {
        #expect(throws: ObjectStoreError.self) {
            try Self.stores.place(of: ["s3.bucket.name": bucket, "store.url": "file:/srv"])
        }
    }

    @Test func aFileAddressWithoutAPathIsRefused() {
        #expect(throws: ObjectStoreError.self) {
            try Self.stores.place(of: ["s3.bucket.name": "b", "store.url": "file://"])
        }
    }

    @Test(arguments: [
        ("topics/t.pin/partition=0/t.pin+0+0000000010.json", true), ("topics/t/t+3+5.avro", true),
        ("topics/t.pin/partition=0/other+0+0000000010.json", false), ("topics/t/t+x+5.json", false),
        ("topics/t/t+0+x.json", false), ("topics/t/t.json", false), ("topics/t+0+1.json", false),
        ("topics/t/t+0+1+2.json", false),
    ])
    func anUploadIsTheSinksByItsName(key: String, isOurs: Bool) throws {
        let abandoned = ConnectorStores.abandonedUploads([:])
        #expect(abandoned.prefix == "topics/")
        #expect(abandoned.isOurs(try #require(ObjectKey(key))) == isOurs)
    }

    @Test func theNamesOfUploadsFollowTheConfiguration() throws {
        let abandoned = ConnectorStores.abandonedUploads(["topics.dir": "", "file.delim": "-"])
        #expect(abandoned.prefix == "")
        #expect(abandoned.isOurs(try #require(ObjectKey("t/partition=0/t-0-1.json"))))
        #expect(!abandoned.isOurs(try #require(ObjectKey("t/partition=0/t+0+1.json"))))
    }
}
