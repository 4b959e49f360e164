import AWSSigning
package import Logging
import NIOCore
package import StreamModel
import Synchronization

/// A bucket of S3, or of a store that speaks its protocol.
package final class S3Store: ObjectStore {
    let client: S3Client
    let settings: S3Settings
    /// Reads and writes local files, which blocks.
    let thread = BackgroundThread(name: "s3-store", niceness: 0)
    /// Whether abandoned uploads were looked for.
    let hasCleaned = Mutex(false)
    /// Whether it was told that abandoned uploads cannot be dropped.
    let hasComplained = Mutex(false)

    /// The largest object that is read into memory; a larger one is read into a file.
    static let maxBytesInMemory = 1 << 30
    /// What a store gives at most in one page of a listing.
    static let maxPageKeys = 1000
    /// Most pages of one listing.
    private static let maxPages = 1_000_000

    /// - Throws: `.refused` for settings with which no request can be made. Whether the bucket is there is seen by
    ///   the first request.
    package init(
        _ settings: S3Settings, wallClock: WallClock = .system,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "objects")
    ) throws(ObjectStoreError) {
        try settings.check()
        self.settings = settings
        client = try S3Client(settings, wallClock: wallClock, clock: clock, logger: logger)
    }

    // MARK: Reading

    package func get(_ key: ObjectKey, range: Range<Int64>?) async throws(ObjectStoreError) -> [UInt8]? {
        if let range, range.isEmpty || range.upperBound <= 0 { return try await stat(key) == nil ? nil : [] }
        var request = S3Request("GET", key, headers: settings.readingHeaders)
        if let range {
            request.headers.append(("Range", "bytes=\(max(0, range.lowerBound))-\(range.upperBound - 1)"))
        }
        let action = "get \(name(key))"
        let answer = try await client.answer(to: request, action, maxBytes: Self.maxBytesInMemory)
        switch answer.status {
        case 200 where range != nil:
            // The store passed over the range.
            let content = Array(answer.body.readableBytesView)
            return Array(content[(range ?? 0..<0).within(Int64(content.count))])
        case 200, 206: return Array(answer.body.readableBytesView)
        case 416: return []
        case 404 where S3Failure(answer).code != "NoSuchBucket": return nil
        default: throw client.error(answer, action)
        }
    }

    package func stat(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectStat? {
        let action = "look at \(name(key))"
        let answer = try await client.answer(
            to: S3Request("HEAD", key, headers: settings.readingHeaders), action)
        if answer.status == 404 { return nil }
        guard answer.isSuccess else { throw client.error(answer, action) }
        return answer.stat
    }

    package func list(
        prefix: String, after: ObjectKey?, limit: Int
    ) async throws(ObjectStoreError) -> [ListedObject] {
        var found: [ListedObject] = []
        var token: String?
        for _ in 0..<Self.maxPages where found.count < limit {
            let page = try await page(prefix, after, token, limit: limit - found.count)
            found += page.objects.prefix(limit - found.count)
            guard let next = page.next else { return found }
            token = next
        }
        return found
    }

    private func page(
        _ prefix: String, _ after: ObjectKey?, _ token: String?, limit: Int
    ) async throws(ObjectStoreError) -> S3Page {
        var query = [
            QueryParameter("encoding-type", "url"), QueryParameter("list-type", "2"),
            QueryParameter("max-keys", String(min(limit, Self.maxPageKeys))),
            QueryParameter("prefix", prefix),
        ]
        if let token {
            query.append(QueryParameter("continuation-token", token))
        } else if let after {
            query.append(QueryParameter("start-after", after.rawValue))
        }
        let action = "list \(name(nil))\(prefix)"
        let answer = try await client.success(of: S3Request("GET", nil, query: query), action)
        guard let page = S3Page(answer.text) else {
            throw ObjectStoreError(
                .refused,
                "cannot \(action): \(client.place.address) does not answer as S3 does: correct its address")
        }
        return page
    }

    // MARK: Deleting

    package func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        let action = "delete \(name(key))"
        let answer = try await client.answer(to: S3Request("DELETE", key), action)
        let isGone = answer.status == 404 && S3Failure(answer).code != "NoSuchBucket"
        guard answer.isSuccess || isGone else { throw client.error(answer, action) }
    }

    /// How messages name an object.
    func name(_ key: ObjectKey?) -> String { "s3://\(settings.bucket)/\(key?.rawValue ?? "")" }
}
