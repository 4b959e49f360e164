package import AWSSigning

/// A bucket, or what lies below a prefix of it, as people write it: `s3://bucket/prefix`.
package struct S3Location: Sendable, Equatable {
    package var bucket: String
    /// Without a slash at its beginning; may be empty, a folder's, or that of an object, as it was written.
    package var path: String
    /// What notebooks write before the bucket: `s3n://KEY:SECRET@bucket`, the secret percent-encoded.
    package var key: AccessKey?

    private static let schemes = ["s3://", "s3a://", "s3n://"]

    /// Whether a text begins as one.
    package static func begins(_ text: String) -> Bool {
        schemes.contains { text.lowercased().hasPrefix($0) }
    }

    package init(bucket: String, path: String = "", key: AccessKey? = nil) {
        self.bucket = bucket
        self.path = path
        self.key = key
    }

    /// Nil for what is no such place.
    package init?(_ text: String) {
        guard let scheme = Self.schemes.first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        var rest = text.dropFirst(scheme.count)
        // A secret may hold a slash that nobody encoded; a bucket's name never holds an @.
        if let at = rest.firstIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") {
            guard let id = URIText.decode(rest[..<colon]),
                let secret = URIText.decode(rest[rest.index(after: colon)..<at]), !id.isEmpty, !secret.isEmpty
            else { return nil }
            key = AccessKey(id: id, secret: secret)
            rest = rest[rest.index(after: at)...]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        bucket = String(rest[..<slash])
        path = String(rest[slash...].drop { $0 == "/" })
        guard !bucket.isEmpty, !bucket.contains("@") else { return nil }
    }

    /// Without the key.
    package var description: String { path.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(path)" }

    /// The path as a folder: empty, or with a slash at its end.
    package var folder: String { path.isEmpty || path.hasSuffix("/") ? path : path + "/" }
}
