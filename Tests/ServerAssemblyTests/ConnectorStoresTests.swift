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
}
