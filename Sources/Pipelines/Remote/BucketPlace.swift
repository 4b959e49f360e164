package import ObjectStore
import Synchronization

/// Where the raw objects of a run lie.
package enum BucketPlace: Sendable, CustomStringConvertible {
    /// A folder of this machine.
    case folder(String)
    case remote(RemoteBucket)

    package var description: String {
        switch self {
        case .folder(let path): path
        case .remote(let bucket): bucket.name
        }
    }

    /// Lists the bucket and makes the chosen objects files of this machine.
    ///
    /// - Parameter choose: which of the objects are needed.
    func open(
        _ checkouts: Checkouts, _ progress: BatchProgress,
        choose: (BucketListing) throws(PipelineError) -> BucketListing
    ) async throws -> BucketListing {
        switch self {
        case .folder(let path): return try choose(try BucketListing.list(path))
        case .remote(let bucket):
            return try await bucket.checkOut(checkouts, progress) {
                let objects = try await bucket.list()
                let chosen = try choose(try bucket.listing(of: objects))
                let names = Set(chosen.topics.flatMap { $0.objects.map(\.name) })
                return (objects.filter { names.contains(bucket.name(of: $0)) }, chosen)
            } placed: { chosen, folder in
                chosen.folder = folder
            }
        }
    }
}

/// Objects below a prefix of a remote store, read by way of a local cache.
package struct RemoteBucket: Sendable {
    /// As people write it: `s3://bucket/prefix`.
    package var name: String
    package var store: any ObjectStore
    /// Tells stores apart whose buckets have one name.
    package var address: String
    /// Empty, or with a slash at its end.
    package var prefix: String
    package var cache: ObjectCache

    package init(
        name: String, store: any ObjectStore, address: String, prefix: String, cache: ObjectCache
    ) {
        self.name = name
        self.store = store
        self.address = address
        self.prefix = prefix
        self.cache = cache
    }

    /// The objects below the prefix: those below `topics/` where there are some, else all.
    func list() async throws -> [ListedObject] {
        let topics = try await store.listOnce(prefix: prefix + "topics/")
        return topics.isEmpty ? try await store.listOnce(prefix: prefix) : topics
    }

    fileprivate func listing(of objects: [ListedObject]) throws(PipelineError) -> BucketListing {
        let named = objects.map { object in
            RawObject(name: name(of: object), bytes: Int(clamping: object.stat.size))
        }
        let base = named.contains { $0.name.hasPrefix("topics/") } ? "topics/" : ""
        return try BucketListing(
            of: named.filter { $0.name.hasPrefix(base) }, in: "", called: name, base: base)
    }

    func name(of object: ListedObject) -> String { String(object.key.rawValue.dropFirst(prefix.count)) }

    /// How often a bucket is listed anew when objects changed before they were fetched.
    private static let attempts = 5

    /// Lists and fetches objects, all as they are at one time.
    ///
    /// - Parameters:
    ///   - list: lists the objects that are needed, and what the caller makes of them.
    ///   - placed: told the folder in which they lie, by their names below the prefix.
    func checkOut<Value>(
        _ checkouts: Checkouts, _ progress: BatchProgress,
        list: () async throws -> ([ListedObject], Value), placed: (inout Value, String) -> Void
    ) async throws -> Value {
        var left = Self.attempts
        while true {
            var (objects, value) = try await list()
            let checkout = try await fetch(objects, progress)
            left -= 1
            if checkout.hasChanges, left > 0 {
                checkout.remove()
                continue
            }
            checkouts.add(checkout)
            placed(&value, checkout.folder)
            return value
        }
    }

    private func fetch(_ objects: [ListedObject], _ progress: BatchProgress) async throws -> CacheCheckout {
        let come = Atomic64()
        progress.beginFetching(
            "fetching \(name)", objects.reduce(0) { $0 + Int(clamping: $1.stat.size) }, come)
        return try await cache.checkOut(objects, of: store, at: address, below: prefix) {
            come.value.store(Int($0), ordering: .relaxed)
        }
    }
}

/// A number that several threads look at.
final class Atomic64: Sendable {
    let value = Atomic<Int>(0)
}

/// What a run has taken from caches, until it ends.
package final class Checkouts: Sendable {
    private let held = Mutex<[CacheCheckout]>([])

    package init() {}

    func add(_ checkout: CacheCheckout) {
        held.withLock { $0.append(checkout) }
    }

    package func remove() {
        for checkout in held.withLock({ $0 }) { checkout.remove() }
    }
}
