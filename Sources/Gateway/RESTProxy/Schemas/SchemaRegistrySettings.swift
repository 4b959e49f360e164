/// Where schemas are kept; keys are those of kafka-rest.properties where it has the key.
package struct SchemaRegistrySettings: Sendable, Equatable {
    /// `schema.registry.url` (text, default: none): the registry, or several with commas between them; without it
    /// there are no formats with schemas.
    package var urls: [String] = []
    /// `schema.registry.basic.auth.user.info` (text, default: none, secret): `user:password`.
    package var userInfo: String?
    /// `schema.registry.request.timeout.ms` (milliseconds, default: 10000): how long one answer may take.
    package var requestTimeoutMilliseconds: Int64 = 10_000
    /// `schema.registry.retries` (default: 2): how often a request is sent again that found no registry, or one that
    /// failed.
    package var retries = 2
    /// `schema.registry.cache.entries` (default: 1000): most schemas that are remembered in each of the ways to ask
    /// for them.
    package var cacheEntries = 1_000
    /// `schema.registry.latest.cache.ms` (milliseconds, default: 1000): how long a subject's latest version is believed
    /// to be that.
    package var latestCacheMilliseconds: Int64 = 1_000

    package init() {}
}
