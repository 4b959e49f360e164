/// How objects of a bucket of S3, or of a store that speaks its protocol, are reached.
package struct S3Settings: Sendable {
    /// Most times a request is sent again (`s3.part.retries`).
    package static let defaultRetries = 3
    /// The wait before the first repetition, in milliseconds (`s3.retry.backoff.ms`).
    package static let defaultBackoffMilliseconds = 200
    /// Bytes of a part of a large object (`s3.part.size`); a file of so many bytes is stored by one request.
    package static let defaultPartBytes = 26_214_400
    /// The least that S3 takes for any part but the last.
    package static let minPartBytes = 5_242_880
    /// The region where nothing names one (`s3.region`).
    package static let defaultRegion = "us-west-2"

    package var bucket: String
    /// `http://` or `https://`, perhaps with a port; nil for AWS in the region (`store.url`).
    package var endpoint: String?
    package var region: String
    /// `https://host/bucket/key` rather than `https://bucket.host/key` (`s3.path.style.access.enabled`).
    package var pathStyle = true
    package var credentials: S3CredentialSource
    package var partBytes = Self.defaultPartBytes
    package var retries = Self.defaultRetries
    package var backoffMilliseconds = Self.defaultBackoffMilliseconds
    /// How long the store may be silent within one request, in milliseconds.
    package var timeoutMilliseconds = 60_000
    package var encryption = S3Encryption.none
    /// A canned access control list (`s3.acl.canned`).
    package var cannedACL: String?
    /// Sends the MD5 of what is stored, so that the store refuses what was damaged on its way (`s3.send.digest`).
    package var sendsDigest = false
    /// Announces a body before it is sent (`s3.http.send.expect.continue`).
    package var sendsExpectContinue = false
    /// Stores an object without its tags where the store refuses them (`s3.object.behavior.on.tagging.error`).
    package var ignoresTaggingErrors = true
    package var conditionalWrites = S3ConditionalWrites.header
    package var proxy: S3Proxy?
    /// Uploads that a killed process left behind are dropped before the first object is stored; nil for never.
    package var abandonedUploads: S3AbandonedUploads?

    package init(
        bucket: String, endpoint: String? = nil, region: String = Self.defaultRegion,
        credentials: S3CredentialSource
    ) {
        self.bucket = bucket
        self.endpoint = endpoint
        self.region = region
        self.credentials = credentials
    }
}

/// Which uploads in parts were left behind; their parts are paid for though no listing shows them.
package struct S3AbandonedUploads: Sendable {
    /// The age from which on an upload is taken to have nobody who goes on with it, in milliseconds.
    package static let defaultAge: Int64 = 7 * 86_400_000

    /// What their keys begin with.
    package var prefix: String
    package var age: Int64
    /// The store tells nothing of an upload but its key and its age, so the keys must tell whose it is.
    package var isOurs: @Sendable (ObjectKey) -> Bool

    package init(
        prefix: String, age: Int64 = Self.defaultAge, isOurs: @escaping @Sendable (ObjectKey) -> Bool
    ) {
        self.prefix = prefix
        self.age = age
        self.isOurs = isOurs
    }
}

/// How an object is stored only if its key is free.
package enum S3ConditionalWrites: Sendable {
    /// The store decides, by `If-None-Match: *`: two writers can never both succeed. A store that does not know the
    /// header and says so is an error; one that passes over it overwrites.
    case header
    /// Looks first and writes then: for stores without conditional writes and a single writer.
    case lookFirst
}

/// How a store encrypts what it keeps.
package enum S3Encryption: Sendable, Equatable {
    case none
    case aes256
    /// With a key of the key management service; nil for the bucket's own.
    case kms(keyID: String?)
    /// With a key of 256 bits that comes with every request.
    case customer(key: [UInt8])
}

/// A proxy between here and the store (`s3.proxy.url`).
package struct S3Proxy: Sendable, Hashable {
    package var host: String
    package var port: Int
    package var user: String?
    package var password: String?

    package init(host: String, port: Int, user: String? = nil, password: String? = nil) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }
}
