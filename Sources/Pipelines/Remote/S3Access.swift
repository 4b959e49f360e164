import AWSSigning
package import ObjectStore

/// How a bucket is reached: what is not given comes from the environment, as for the tools of AWS.
package struct S3Access: Sendable, Equatable, Codable {
    package var endpoint: String?
    package var region: String?
    /// The CSV that AWS hands out.
    package var credentials: String?
    package var accessKeyID: String?
    package var secretAccessKey: String?
    /// The bucket is a part of the host's name.
    package var virtualHost: Bool?

    package init(
        endpoint: String? = nil, region: String? = nil, credentials: String? = nil, virtualHost: Bool? = nil
    ) {
        self.endpoint = endpoint
        self.region = region
        self.credentials = credentials
        self.virtualHost = virtualHost
    }

    /// Keeps the key that stands in a location.
    package mutating func takeKey(of location: S3Location) {
        accessKeyID = location.key?.id
        secretAccessKey = location.key?.secret
    }

    /// The store of a bucket.
    package func store(
        of location: S3Location, environment: [String: String]
    ) throws(ObjectStoreError) -> S3Store {
        let found = AWSEnvironment(environment)
        var settings = S3Settings(
            bucket: location.bucket, endpoint: endpoint ?? found.endpoint,
            region: region ?? found.region ?? "us-east-1", credentials: source(location, environment))
        settings.pathStyle = virtualHost != true
        return try S3Store(settings)
    }

    private func source(_ location: S3Location, _ environment: [String: String]) -> S3CredentialSource {
        if let key = location.key { return .key(key) }
        if let accessKeyID, let secretAccessKey {
            return .key(AccessKey(id: accessKeyID, secret: secretAccessKey))
        }
        if let credentials { return .csv(path: credentials) }
        return .environment(environment)
    }

    /// The objects of a location, read by way of a cache.
    package func bucket(
        _ location: S3Location, environment: [String: String], cache: ObjectCache
    ) throws(ObjectStoreError) -> RemoteBucket {
        let store = try store(of: location, environment: environment)
        let address = endpoint ?? AWSEnvironment(environment).endpoint ?? "aws"
        return RemoteBucket(
            name: location.description, store: store, address: "\(address)/\(location.bucket)",
            prefix: location.folder, cache: cache)
    }
}
