import Foundation
import ObjectStore

/// The stores that keep the one contract.
enum StoreKind: String, CaseIterable, Sendable {
    case memory, directory

    /// Runs a test body with an empty store of this kind.
    func withStore(_ body: (any ObjectStore) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(MemoryStore())
        case .directory:
            let folder = TemporaryFolder()
            try await body(DirectoryStore(root: folder.path + "/bucket"))
        }
    }
}

/// A path for a folder, which is removed at the end of its test.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/object-store-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: path) }

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
