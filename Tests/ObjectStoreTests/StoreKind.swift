import AWSSigning
import Foundation
import Logging
import NIOCore
import StreamModel
import Testing

@testable import ObjectStore

/// The stores that keep the one contract.
enum StoreKind: String, CaseIterable, Sendable {
    case memory, directory
    /// A store that speaks S3, where `PINLINE_TEST_S3` names its address: `scripts/test` starts one.
    case s3

    static let endpoint = ProcessInfo.processInfo.environment["PINLINE_TEST_S3"]

    static var allCases: [StoreKind] {
        endpoint == nil ? [.memory, .directory] : [.memory, .directory, .s3]
    }

    /// Those that keep a version of each object.
    static var withTags: [StoreKind] { allCases.filter { $0 != .directory } }

    /// Runs a test body with an empty store of this kind.
    func withStore(_ body: (any ObjectStore) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(MemoryStore())
        case .directory:
            let folder = TemporaryFolder()
            try await body(DirectoryStore(root: folder.path + "/bucket"))
        case .s3: try await body(try await Self.freshBucket())
        }
    }

    static func settings() -> S3Settings {
        var settings = S3Settings(
            bucket: "test-" + UUID().uuidString.lowercased(), endpoint: endpoint, region: "eu-west-1",
            credentials: .key(AccessKey(id: "AKIATEST", secret: "secret")))
        settings.partBytes = S3Settings.minPartBytes
        settings.backoffMilliseconds = 1
        return settings
    }

    static func freshBucket(_ settings: S3Settings = settings()) async throws -> S3Store {
        let store = try S3Store(settings)
        var request = S3Request("PUT", nil)
        request.body = ByteBuffer(
            string: "<CreateBucketConfiguration><LocationConstraint>\(settings.region)</LocationConstraint>"
                + "</CreateBucketConfiguration>")
        _ = try await store.client.success(of: request, "make a bucket")
        return store
    }
}

/// A path for a folder, which is removed at the end of its test.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/object-store-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file beside what a store keeps, and gives its path.
    func file(_ content: [UInt8], _ name: String = "source") throws -> String {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(content).write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }

    /// The names of all files below it, hidden ones included.
    var files: [String] {
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }
}

extension ObjectKey {
    static func named(_ text: String) -> ObjectKey {
        guard let key = ObjectKey(text) else { preconditionFailure("\(text) is no key") }
        return key
    }
}
