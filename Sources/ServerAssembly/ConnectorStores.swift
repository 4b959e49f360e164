import AWSSigning
import Connect
import Foundation
import Logging
import ObjectStore
import Sinks
import StreamModel

/// Opens the store that a connector's configuration names.
struct ConnectorStores: Sendable {
    /// Folders that stand for buckets.
    let buckets: String
    let defaultStore: ConnectSettings.DefaultStore
    var timeoutMilliseconds = 60_000
    let environment: [String: String]
    let logger: Logger

    /// What a configuration names.
    enum Place: Equatable {
        /// A folder that stands for the bucket.
        case folder(String)
        /// AWS, or the endpoint of another store that speaks its protocol.
        case s3(endpoint: String?)
    }

    /// - Parameter given: the keys of the connector.
    func open(_ given: [String: String]) throws -> SinkStore {
        switch try place(of: given) {
        case .folder(let path):
            logger.info("a connector keeps its objects in a folder", metadata: ["folder": "\(path)"])
            return SinkStore(DirectoryStore(root: path), location: path)
        case .s3(let endpoint):
            let settings = try settings(given, endpoint: endpoint)
            logger.info(
                "a connector keeps its objects in S3",
                metadata: [
                    "bucket": "\(settings.bucket)", "endpoint": "\(endpoint ?? "AWS \(settings.region)")",
                ])
            return SinkStore(
                try S3Store(settings, logger: logger),
                location: "s3://\(settings.bucket)" + (endpoint.map { " at \($0)" } ?? ""))
        }
    }

    func place(of given: [String: String]) throws(ObjectStoreError) -> Place {
        let bucket = Self.text(given, "s3.bucket.name") ?? ""
        guard let url = Self.text(given, "store.url") else {
            return defaultStore == .aws ? .s3(endpoint: nil) : .folder(try folder(bucket, in: buckets))
        }
        guard url.hasPrefix("file:") else { return .s3(endpoint: url) }
        var path = url.dropFirst("file:".count)
        // file:///a/b and file:/a/b are /a/b, file:a/b is a/b.
        if path.hasPrefix("//") { path = path.dropFirst(2) }
        guard let decoded = String(path).removingPercentEncoding, !decoded.isEmpty else {
            throw ObjectStoreError(.refused, "store.url: '\(url)' names no folder: write file:///PATH")
        }
        return .folder(try folder(bucket, in: decoded.hasSuffix("/") ? String(decoded.dropLast()) : decoded))
    }

    private func folder(_ bucket: String, in parent: String) throws(ObjectStoreError) -> String {
        guard ObjectKey(bucket) != nil, !bucket.contains("/") else {
            throw ObjectStoreError(.refused, "s3.bucket.name: '\(bucket)' is no name for a bucket's folder")
        }
        return "\(parent)/\(bucket)"
    }

    // MARK: S3

    private func settings(
        _ given: [String: String], endpoint: String?
    ) throws(ObjectStoreError) -> S3Settings {
        var settings = S3Settings(
            bucket: Self.text(given, "s3.bucket.name") ?? "", endpoint: endpoint,
            region: Self.text(given, "s3.region") ?? S3Settings.defaultRegion, credentials: credentials(given)
        )
        func number(_ key: String) -> Int? { Self.text(given, key).flatMap { Int($0) } }
        func flag(_ key: String, or standard: Bool) -> Bool {
            Self.text(given, key).map { $0.lowercased() == "true" } ?? standard
        }
        settings.timeoutMilliseconds = timeoutMilliseconds
        settings.pathStyle = flag("s3.path.style.access.enabled", or: true)
        settings.partBytes = number("s3.part.size") ?? S3Settings.defaultPartBytes
        settings.retries = number("s3.part.retries") ?? S3Settings.defaultRetries
        settings.backoffMilliseconds = number("s3.retry.backoff.ms") ?? S3Settings.defaultBackoffMilliseconds
        settings.sendsDigest = flag("s3.send.digest", or: false)
        settings.sendsExpectContinue = flag("s3.http.send.expect.continue", or: true)
        settings.ignoresTaggingErrors =
            Self.text(given, "s3.object.behavior.on.tagging.error")?.lowercased() != "fail"
        settings.cannedACL = Self.text(given, "s3.acl.canned")
        settings.encryption = try encryption(given)
        settings.proxy = try proxy(given)
        settings.abandonedUploads = Self.abandonedUploads(given)
        return settings
    }

    /// Uploads of objects that a sink's connector names: `<topic>+<partition>+<offset>…` below the topic's folder.
    static func abandonedUploads(_ given: [String: String]) -> S3AbandonedUploads {
        let directory = given["topics.dir"] ?? "topics"
        let folder = text(given, "directory.delim") ?? "/"
        let delimiter = text(given, "file.delim") ?? "+"
        let prefix = directory.isEmpty ? "" : directory + folder
        return S3AbandonedUploads(prefix: prefix) { key in
            let parts = key.rawValue.dropFirst(prefix.count).components(separatedBy: folder)
            guard parts.count > 1, let topic = parts.first, let name = parts.last, name.hasPrefix(topic)
            else {
                return false
            }
            let numbers = name.dropFirst(topic.count).components(separatedBy: delimiter)
            return numbers.count == 3 && numbers[0].isEmpty && Int32(numbers[1]) != nil
                && numbers[2].first?.isNumber == true
        }
    }

    private func credentials(_ given: [String: String]) -> S3CredentialSource {
        if let id = Self.text(given, "aws.access.key.id"),
            let secret = Self.text(given, "aws.secret.access.key")
        {
            return .key(AccessKey(id: id, secret: secret))
        }
        let provider = Self.text(given, "s3.credentials.provider.class") ?? ""
        return provider.contains("Anonymous") ? .anonymous : .environment(environment)
    }

    private func encryption(_ given: [String: String]) throws(ObjectStoreError) -> S3Encryption {
        if let text = Self.text(given, "s3.sse.customer.key") {
            guard let key = Data(base64Encoded: text) else {
                throw ObjectStoreError(.refused, "s3.sse.customer.key must be 256 bits, in base64")
            }
            return .customer(key: Array(key))
        }
        switch Self.text(given, "s3.ssea.name") {
        case "AES256": return .aes256
        case "aws:kms": return .kms(keyID: Self.text(given, "s3.sse.kms.key.id"))
        default: return .none
        }
    }

    private func proxy(_ given: [String: String]) throws(ObjectStoreError) -> S3Proxy? {
        guard let text = Self.text(given, "s3.proxy.url") else { return nil }
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
            throw ObjectStoreError(.refused, "s3.proxy.url: '\(text)' is no address like http://proxy:3128")
        }
        return S3Proxy(
            host: host, port: url.port ?? (url.scheme == "https" ? 443 : 80),
            user: Self.text(given, "s3.proxy.user") ?? url.user,
            password: Self.text(given, "s3.proxy.password") ?? url.password)
    }

    /// A value without blanks around it; nil if it is missing or empty.
    private static func text(_ given: [String: String], _ key: String) -> String? {
        let text = (given[key] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}
