/// Which shards ListShards tells of.
enum ShardFilter: Sendable, Equatable {
    case all
    case after(ShardID)
    /// Open at the time.
    case at(Int64)
    /// Open at the time or later.
    case from(Int64)
    case open

    init(_ input: Input, _ stream: KinesisStream, _ now: Int64) throws(KinesisError) {
        guard let filter = input.structure("ShardFilter") else {
            self = .all
            return
        }
        let horizon = max(
            now - stream.description.retentionHours * 3_600_000, stream.description.created)
        switch filter.string("Type") {
        case "AFTER_SHARD_ID":
            guard let shard = filter.string("ShardId").flatMap({ ShardID($0) }) else {
                throw KinesisError(
                    .invalidArgument, "ShardId must be provided if ShardFilter type is AFTER_SHARD_ID.")
            }
            self = .after(shard)
        case "AT_TRIM_HORIZON": self = .at(horizon)
        case "FROM_TRIM_HORIZON": self = .from(horizon)
        case "AT_LATEST": self = .open
        case let type:
            guard let time = filter.time("Timestamp") else {
                throw KinesisError(
                    .invalidArgument,
                    "Timestamp must be provided if ShardFilter type is \(type ?? "AT_TIMESTAMP").")
            }
            self = type == "FROM_TIMESTAMP" ? .from(max(time, horizon)) : .at(max(time, horizon))
        }
    }

    func holds(_ shard: ShardDescription, _ description: StreamDescription) -> Bool {
        switch self {
        case .all: true
        case .after(let last): shard.id > last
        case .open: shard.isOpen
        case .at(let time): shard.created <= time && (shard.closed.map { $0 > time } ?? true)
        case .from(let time): shard.closed.map { $0 > time } ?? true
        }
    }

    // MARK: In a token

    var text: String {
        switch self {
        case .all: "all"
        case .after(let shard): "after \(shard.rawValue)"
        case .at(let time): "at \(time)"
        case .from(let time): "from \(time)"
        case .open: "open"
        }
    }

    /// - Parameter text: what `text` has written.
    init(text: String) {
        let parts = text.split(separator: " ")
        let number = parts.count > 1 ? Int64(parts[1]) : nil
        switch (parts.first, number) {
        case ("after", let number?):
            self = Int32(exactly: number).flatMap { ShardID($0) }.map(Self.after) ?? .all
        case ("at", let number?): self = .at(number)
        case ("from", let number?): self = .from(number)
        case ("open", _): self = .open
        default: self = .all
        }
    }
}
