import KafkaWire
import NIOCore

/// Cuts requests out of the bytes of a connection: each is preceded by its length in four bytes.
///
/// A length is judged as soon as it is there, and nothing is allocated by it: only what has arrived is kept.
struct RequestFraming {
    enum Head: Equatable {
        /// The next request is not all there.
        case incomplete
        case whole(apiKey: Int16, byteCount: Int)
        /// The connection cannot go on; in words for the log.
        case refused(String)
    }

    /// Key, version and correlation id: no request is shorter.
    private static let minBytes = 8
    /// A buffer that is full becomes at most so many times larger.
    private static let maxGrowth = 4

    let maxRequestBytes: Int
    let maxControlRequestBytes: Int

    /// What the received bytes begin with.
    func head(of received: ByteBuffer) -> Head {
        let start = received.readerIndex
        guard let length = received.getInteger(at: start, as: Int32.self) else { return .incomplete }
        let byteCount = Int(length)
        guard byteCount >= Self.minBytes else {
            return .refused("a request of \(byteCount) bytes is announced")
        }
        guard byteCount <= maxRequestBytes else {
            return .refused(
                "a request of \(byteCount) bytes is larger than \(maxRequestBytes) (kafka.max.request.bytes)")
        }
        guard let apiKey = received.getInteger(at: start + 4, as: Int16.self) else { return .incomplete }
        guard byteCount <= maxControlRequestBytes || apiKey == APIKey.produce.rawValue else {
            return .refused(
                "a request of key \(apiKey) and \(byteCount) bytes is larger than \(maxControlRequestBytes) "
                    + "(kafka.max.control.request.bytes)")
        }
        guard received.readableBytes - 4 >= byteCount else { return .incomplete }
        return .whole(apiKey: apiKey, byteCount: byteCount)
    }

    /// What the received bytes begin with where a client logs in by bare tokens.
    func tokenHead(of received: ByteBuffer) -> Head {
        guard let length = received.getInteger(at: received.readerIndex, as: Int32.self) else {
            return .incomplete
        }
        let byteCount = Int(length)
        guard (0...LoginService.maxTokenBytes).contains(byteCount) else {
            return .refused("a token of \(byteCount) bytes is announced")
        }
        guard received.readableBytes - 4 >= byteCount else { return .incomplete }
        return .whole(apiKey: APIKey.saslAuthenticate.rawValue, byteCount: byteCount)
    }

    /// Takes out a request of which `head` says that it is whole.
    func cut(_ byteCount: Int, from received: inout ByteBuffer) -> ByteBuffer? {
        received.moveReaderIndex(forwardBy: 4)
        let frame = received.readSlice(length: byteCount)
        if received.readableBytes == 0 { received = ByteBuffer() }
        return frame
    }

    /// What to reserve for a request that is `byteCount` bytes so far: its length, but no more than some times what has
    /// arrived.
    private func room(for byteCount: Int, of received: ByteBuffer) -> Int {
        guard let length = received.getInteger(at: received.readerIndex, as: Int32.self), length > 0 else {
            return byteCount
        }
        return max(byteCount, min(Int(length) + 4, byteCount * Self.maxGrowth))
    }

    /// Adds what has arrived, without disturbing the requests that were cut out before and are still in use.
    func append(_ bytes: inout ByteBuffer, to received: inout ByteBuffer) {
        if received.readableBytes == 0 {
            received = bytes
        } else if received.readerIndex == 0 {
            let room = room(for: received.readableBytes + bytes.readableBytes, of: received)
            if received.capacity < received.readableBytes + bytes.readableBytes {
                received.reserveCapacity(room)
            }
            received.writeBuffer(&bytes)
        } else {
            var joined = ByteBuffer()
            joined.reserveCapacity(room(for: received.readableBytes + bytes.readableBytes, of: received))
            joined.writeBuffer(&received)
            joined.writeBuffer(&bytes)
            received = joined
        }
    }
}
