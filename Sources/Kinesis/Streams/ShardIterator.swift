import NIOCore

/// A place in a shard that a client reads on from, good for five minutes.
struct ShardIterator: Sendable, Equatable {
    var region: String
    var stream: String
    /// When the stream was created: an iterator of a deleted stream is of no use to one of the same name.
    var streamCreated: Int64
    var shard: ShardID
    /// The next offset to read.
    var offset: Int64
    /// Milliseconds since 1970.
    var issued: Int64

    static let lifetimeMilliseconds: Int64 = 300_000
    private static let version: UInt8 = 1

    func text(_ tokens: SealedToken) -> String {
        var buffer = ByteBuffer()
        buffer.writeInteger(Self.version)
        buffer.writeInteger(streamCreated)
        buffer.writeInteger(shard.rawValue)
        buffer.writeInteger(offset)
        buffer.writeInteger(issued)
        buffer.writeInteger(UInt8(truncatingIfNeeded: region.utf8.count))
        buffer.writeString(region)
        buffer.writeString(stream)
        return tokens.seal(Array(buffer.readableBytesView))
    }

    /// Nil for a text that is no iterator.
    init?(_ text: String, _ tokens: SealedToken) {
        guard let content = tokens.open(text) else { return nil }
        var buffer = ByteBuffer(bytes: content)
        guard buffer.readInteger(as: UInt8.self) == Self.version,
            let streamCreated = buffer.readInteger(as: Int64.self),
            let shard = buffer.readInteger(as: Int32.self).flatMap({ ShardID($0) }),
            let offset = buffer.readInteger(as: Int64.self), let issued = buffer.readInteger(as: Int64.self),
            let regionLength = buffer.readInteger(as: UInt8.self),
            let region = buffer.readString(length: Int(regionLength)),
            let stream = buffer.readString(length: buffer.readableBytes)
        else { return nil }
        self.init(
            region: region, stream: stream, streamCreated: streamCreated, shard: shard, offset: offset,
            issued: issued)
    }

    init(region: String, stream: String, streamCreated: Int64, shard: ShardID, offset: Int64, issued: Int64) {
        self.region = region
        self.stream = stream
        self.streamCreated = streamCreated
        self.shard = shard
        self.offset = offset
        self.issued = issued
    }

    func checkAge(now: Int64) throws(KinesisError) {
        guard now - issued > Self.lifetimeMilliseconds else { return }
        throw KinesisError(
            .expiredIterator,
            "Iterator expired. The iterator was created at time \(UTCTime(milliseconds: issued)) while right now it "
                + "is \(UTCTime(milliseconds: now)) which is further in the future than the tolerated delay of "
                + "\(Self.lifetimeMilliseconds) milliseconds.")
    }
}

/// Where a listing goes on, good for five minutes.
struct NextToken: Sendable, Equatable {
    var region: String
    /// Empty for a listing of streams.
    var stream: String
    /// What was listed last: a name or a number.
    var last: String
    /// The filter of a listing of shards.
    var filter: String
    var issued: Int64

    private static let version: UInt8 = 2

    func text(_ tokens: SealedToken) -> String {
        var buffer = ByteBuffer()
        buffer.writeInteger(Self.version)
        buffer.writeInteger(issued)
        for part in [region, stream, last, filter] {
            buffer.writeInteger(UInt8(truncatingIfNeeded: part.utf8.count))
            buffer.writeString(String(decoding: part.utf8.prefix(255), as: UTF8.self))
        }
        return tokens.seal(Array(buffer.readableBytesView))
    }

    /// - Throws: `.invalidArgument` for a text that is no token, `.expiredNextToken` for an old one.
    init(_ text: String, _ tokens: SealedToken, now: Int64) throws(KinesisError) {
        let fault = KinesisError(.invalidArgument, "The specified NextToken is invalid.")
        var buffer = ByteBuffer(bytes: tokens.open(text) ?? [])
        guard buffer.readInteger(as: UInt8.self) == Self.version,
            let issued = buffer.readInteger(as: Int64.self)
        else { throw fault }
        var parts: [String] = []
        for _ in 0..<4 {
            guard let length = buffer.readInteger(as: UInt8.self),
                let part = buffer.readString(length: Int(length))
            else { throw fault }
            parts.append(part)
        }
        guard now - issued <= ShardIterator.lifetimeMilliseconds else {
            throw KinesisError(.expiredNextToken, "The specified NextToken has expired.")
        }
        self.init(region: parts[0], stream: parts[1], last: parts[2], filter: parts[3], issued: issued)
    }

    init(region: String, stream: String, last: String, filter: String = "", issued: Int64) {
        self.region = region
        self.stream = stream
        self.last = last
        self.filter = filter
        self.issued = issued
    }
}
