/// What one emulation posts, where to, and how fast.
package struct EmulationSettings: Sendable {
    /// Topics are `<id>.pin`, `<id>.geo` and `<id>.user`, streams `streaming-<id>-pin` and so on.
    package var id: String
    /// Through which interfaces each row is posted, in this order.
    package var interfaces: [PostingInterface]
    /// Posts to send; nil means until stopped.
    package var posts: Int?
    /// Posts a second; nil means as fast as answers come.
    package var rate: Double?
    package var seed: UInt64
    /// Senders that work at the same time; each waits for its answer before it sends again.
    package var concurrency: Int
    /// Posts whose rows of one table go in one request.
    package var batch: Int
    package var retry: RetryPolicy

    package static let defaultSeed: UInt64 = 100
    package static let defaultPosts = 1_000
    package static let defaultConcurrency = 8
    package static let maxConcurrency = 1_024
    package static let maxBatch = 10_000

    package init(
        id: String, interfaces: [PostingInterface] = [.kafka], posts: Int?, rate: Double? = nil,
        seed: UInt64 = EmulationSettings.defaultSeed,
        concurrency: Int = EmulationSettings.defaultConcurrency, batch: Int = 1,
        retry: RetryPolicy = RetryPolicy()
    ) {
        self.id = id
        self.interfaces = interfaces
        self.posts = posts
        self.rate = rate
        self.seed = seed
        self.concurrency = concurrency
        self.batch = batch
        self.retry = retry
    }

    /// Where the rows of a table go.
    package func destinations(of table: EmulatedTable) -> [PostingDestination] {
        interfaces.map { interface in
            let name =
                switch interface {
                case .kafka: "\(id).\(table.rawValue)"
                case .kinesis: "streaming-\(id)-\(table.rawValue)"
                }
            return PostingDestination(interface, table, name: name)
        }
    }

    /// Twelve hex digits that belong to a seed.
    package static func id(ofSeed seed: UInt64) -> String {
        var chance = SplitMix64(seed: seed, stream: .identifier, item: 0)
        var digits: [UInt8] = []
        digits.appendHex(chance.next(), digits: 12)
        return String(decoding: digits, as: UTF8.self)
    }

    /// Whether topics and streams may be named after this id: ASCII letters, digits, `-`, `_` and `.`, 100 at most.
    package static func isUsable(id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 100
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}
