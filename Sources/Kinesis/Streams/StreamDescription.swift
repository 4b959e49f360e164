import StreamModel

/// What is known of a stream beside its records; kept in `state.sqlite` as JSON.
struct StreamDescription: Sendable, Equatable, Codable {
    enum Mode: String, Sendable, Codable {
        case provisioned = "PROVISIONED"
        case onDemand = "ON_DEMAND"
    }

    /// The topic's id: tells this stream from one of the same name that comes after it.
    var topicID: String
    /// Milliseconds since 1970.
    var created: Int64
    var mode = Mode.provisioned
    var retentionHours = Self.defaultRetentionHours
    /// In the order of their numbers, from 0, without gaps.
    var shards: [ShardDescription]
    var tags: [String: String] = [:]
    var consumers: [ConsumerDescription] = []
    /// The key of `StartStreamEncryption`; it changes nothing but what clients are told.
    var encryptionKey: String?
    var shardLevelMetrics: [String] = []
    var policy: String?
    var maxRecordKiB = Self.defaultMaxRecordKiB
    var warmThroughputMiBps: Int64?
    var recordDistribution: String?

    static let defaultRetentionHours: Int64 = 24
    static let retentionHours: ClosedRange<Int64> = 24...8760
    static let defaultMaxRecordKiB: Int64 = 1024
    static let onDemandShardCount = 4
    static let maxTags = 50

    var openShards: [ShardDescription] { shards.filter(\.isOpen) }

    /// The shards that are shown: all but closed ones whose records have outlived the retention.
    func visibleShards(at now: Int64) -> [ShardDescription] {
        let horizon = now - retentionHours * 3_600_000
        return shards.filter { shard in shard.closed.map { $0 > horizon } ?? true }
    }

    func shard(_ id: ShardID) -> ShardDescription? {
        shards.indices.contains(id.place) ? shards[id.place] : nil
    }
}

/// A part of a stream's hash keys, for a time.
struct ShardDescription: Sendable, Equatable, Codable {
    var number: Int32
    /// Seconds since 1970, later than those of its parents: see `SequenceNumber`.
    var second: Int64
    /// Milliseconds since 1970.
    var created: Int64
    /// When it was split or merged; nil while it takes records.
    var closed: Int64?
    var parent: Int32?
    var adjacentParent: Int32?
    private var start: String
    private var end: String
    /// A partition that a Kafka client added: it is read like every shard, but no hash key leads to it.
    var isForeign = false

    init(
        _ id: ShardID, range: HashKeyRange, second: Int64, created: Int64, parent: ShardID? = nil,
        adjacentParent: ShardID? = nil, isForeign: Bool = false
    ) {
        number = id.rawValue
        self.second = second
        self.created = created
        self.parent = parent?.rawValue
        self.adjacentParent = adjacentParent?.rawValue
        start = range.start.description
        end = range.end.description
        self.isForeign = isForeign
    }

    var id: ShardID { ShardID(PartitionIndex(number)) }
    var isOpen: Bool { closed == nil }
    /// Whether records can be sent to it by their hash keys.
    var isRoutable: Bool { isOpen && !isForeign }

    /// Kept as texts: JSON has no numbers of 128 bits.
    var range: HashKeyRange { HashKeyRange(HashKey(start) ?? HashKey(0), HashKey(end) ?? .max) }

    /// Less than the number of any record.
    var startingNumber: SequenceNumber { SequenceNumber(shardSecond: second, shard: id, position: 0) }
    /// Greater than the number of any record; nil while the shard is open.
    var endingNumber: SequenceNumber? {
        isOpen ? nil : SequenceNumber(shardSecond: second, shard: id, position: .max)
    }
}

/// A consumer that was registered for SubscribeToShard.
struct ConsumerDescription: Sendable, Equatable, Codable {
    var name: String
    /// Milliseconds since 1970.
    var created: Int64
    var tags: [String: String] = [:]
    var policy: String?
}
