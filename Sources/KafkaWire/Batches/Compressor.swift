import CCompression
package import NIOCore

extension Compression {
    private static let zstdLevel: Int32 = 3

    /// Appends `source` to a buffer in this compression, so that every Kafka client can read it.
    package func compress(
        _ source: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) throws(KafkaWireError) {
        let bound = bound(source.count)
        var count: Int?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
            count = write(source, to: UnsafeMutableRawBufferPointer(rebasing: target[..<bound]))
            return count ?? 0
        }
        if count == nil {
            throw KafkaWireError(.tooLarge, "\(source.count) bytes cannot be compressed by \(self)")
        }
    }

    private func bound(_ count: Int) -> Int {
        switch self {
        case .none: count
        // Deflate's bound by the formula for its default settings, with room for gzip's head and end.
        case .gzip: count + count >> 10 + count >> 12 + 64
        case .snappy: snappy_max_compressed_length(count)
        case .lz4: LZ4F_compressFrameBound(count, nil)
        case .zstd: ZSTD_compressBound(count)
        }
    }

    private func write(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) -> Int? {
        switch self {
        case .none:
            target.copyMemory(from: source)
            return source.count
        case .gzip: return Self.gzip(source, to: target)
        case .snappy:
            var count = target.count
            let status = snappy_compress(
                source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count,
                target.baseAddress?.assumingMemoryBound(to: CChar.self), &count)
            return status == SNAPPY_OK ? count : nil
        case .lz4:
            // Kafka's Java reader refuses blocks that refer back to one another.
            var preferences = LZ4F_preferences_t()
            preferences.frameInfo.blockMode = LZ4F_blockIndependent
            let count = LZ4F_compressFrame(
                target.baseAddress, target.count, source.baseAddress, source.count, &preferences)
            return LZ4F_isError(count) == 0 ? count : nil
        case .zstd:
            let count = ZSTD_compress(
                target.baseAddress, target.count, source.baseAddress, source.count, Self.zstdLevel)
            return ZSTD_isError(count) == 0 ? count : nil
        }
    }

    private static func gzip(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard let available = UInt32(exactly: source.count), let room = UInt32(exactly: target.count) else {
            return nil
        }
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        // 15 bits of window, and 16 for gzip's own head and checksum.
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size
            )
                == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(
            mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = available
        stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = room
        return deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : nil
    }
}
