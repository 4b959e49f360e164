package import AWSSigning
import Synchronization

/// Where access keys come from.
package enum S3CredentialSource: Sendable {
    case key(AccessKey)
    /// Requests are not signed: for buckets that are open to all.
    case anonymous
    /// The file that AWS hands out, with the columns `User name,Access key ID,Secret access key`.
    case csv(path: String)
    /// What the tools of AWS look at: the environment, then the shared files.
    case environment([String: String])

    /// The key to sign with; nil for none.
    func load() throws(ObjectStoreError) -> AccessKey? {
        switch self {
        case .key(let key): return key
        case .anonymous: return nil
        case .csv(let path):
            do {
                let text = String(decoding: try LocalFile.content(of: path), as: UTF8.self)
                // It has at least one, or it cannot be read.
                return try AccessKeys(csv: text).all.first
            } catch let error as AccessKeys.FormatError {
                throw ObjectStoreError(.refused, "\(path) holds no access key: \(error.message)")
            } catch {
                throw ObjectStoreError(.refused, "cannot read the access keys: \(error)")
            }
        case .environment(let environment): return try AWSEnvironment(environment).accessKey()
        }
    }
}

/// The key in use; read from its source again when it has ended.
final class S3Credentials: Sendable {
    private let source: S3CredentialSource
    private let known = Mutex<AccessKey??>(nil)

    init(_ source: S3CredentialSource) {
        self.source = source
    }

    func current() throws(ObjectStoreError) -> AccessKey? {
        if let key = known.withLock({ $0 }) { return key }
        let key = try source.load()
        known.withLock { $0 = .some(key) }
        return key
    }

    /// The next call reads the source again.
    func forget() {
        known.withLock { $0 = nil }
    }
}
