import CCompression

// Each writes at most `target.count` bytes, and has its working memory bounded by its format: 32 KiB for gzip, twice
// a block of at most 4 MiB for lz4, none for snappy and for zstd, which refers back to what it has written.

extension Decompressor {
    /// RFC 1952, one member or several.
    func gunzip(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(KafkaWireError) -> Int {
        let stream = try readyGzipStream()
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(clamping: source.count)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: target.count)
        while true {
            switch inflate(stream, Z_NO_FLUSH) {
            case Z_STREAM_END:
                guard stream.pointee.avail_in > 0 else {
                    return target.count - Int(stream.pointee.avail_out)
                }
                inflateReset(stream)
            case Z_OK where stream.pointee.avail_in > 0 && stream.pointee.avail_out > 0: continue
            case Z_OK, Z_BUF_ERROR:
                throw stream.pointee.avail_out == 0 ? .tooLarge(limit: target.count) : .damaged(.gzip)
            default: throw .damaged(.gzip)
            }
        }
    }

    private func readyGzipStream() throws(KafkaWireError) -> UnsafeMutablePointer<z_stream> {
        if let gzipStream {
            inflateReset(gzipStream)
            return gzipStream
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for gzip's own head and checksum.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            throw KafkaWireError(.corrupt, "zlib cannot be used: no memory, or another version")
        }
        gzipStream = stream
        return stream
    }

    /// One LZ4 frame, as Kafka's clients write and read it.
    func decompressLZ4(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(KafkaWireError) -> Int {
        if lz4Context == nil { LZ4F_createDecompressionContext(&lz4Context, UInt32(LZ4F_VERSION)) }
        guard let from = source.baseAddress, let to = target.baseAddress, let lz4Context else {
            throw .damaged(.lz4)
        }
        var options = LZ4F_decompressOptions_t()
        options.stableDst = 1
        var consumed = 0
        var produced = 0
        while true {
            var read = source.count - consumed
            var written = target.count - produced
            let rest = LZ4F_decompress(
                lz4Context, to + produced, &written, from + consumed, &read, &options)
            let isError = LZ4F_isError(rest) != 0
            if !isError {
                consumed += read
                produced += written
            }
            if rest == 0, consumed == source.count { return produced }
            if !isError, rest != 0, read > 0 || written > 0 { continue }
            LZ4F_resetDecompressionContext(lz4Context)
            throw produced == target.count && rest != 0 && !isError
                ? .tooLarge(limit: target.count) : .damaged(.lz4)
        }
    }

    /// Zstandard frames, one or several.
    func decompressZstd(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(KafkaWireError) -> Int {
        if zstdContext == nil { zstdContext = ZSTD_createDCtx() }
        guard let zstdContext else { throw .damaged(.zstd) }
        let count = ZSTD_decompressDCtx(
            zstdContext, target.baseAddress, target.count, source.baseAddress, source.count)
        guard ZSTD_isError(count) == 0 else {
            throw ZSTD_getErrorCode(count) == ZSTD_error_dstSize_tooSmall
                ? .tooLarge(limit: target.count) : .damaged(.zstd)
        }
        return count
    }
}

/// Snappy's raw format, and the blocks of it that Java clients write.
///
/// Such blocks follow a head of 16 bytes (magic, version, lowest compatible version), each after its length in four
/// bytes, big-endian. Some writers get the byte order of the versions wrong: they are not looked at, as in other
/// clients. Source: xerial/snappy-java, `SnappyOutputStream`.
enum Snappy {
    private static let magic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0]
    private static let headSize = 16

    static func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(KafkaWireError) -> Int {
        guard source.count >= headSize, source.starts(with: magic) else {
            return try block(source, into: target, at: 0)
        }
        var next = headSize
        var produced = 0
        while next < source.count {
            guard source.count - next >= 4 else { throw .damaged(.snappy) }
            let count = Int(Int32(bigEndian: source.loadUnaligned(fromByteOffset: next, as: Int32.self)))
            next += 4
            guard count >= 0, count <= source.count - next else { throw .damaged(.snappy) }
            let bytes = UnsafeRawBufferPointer(rebasing: source[next..<next + count])
            produced += try block(bytes, into: target, at: produced)
            next += count
        }
        return produced
    }

    private static func block(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, at position: Int
    ) throws(KafkaWireError) -> Int {
        guard let from = source.baseAddress, let to = target.baseAddress else { throw .damaged(.snappy) }
        let bytes = from.assumingMemoryBound(to: CChar.self)
        var count = 0
        guard snappy_uncompressed_length(bytes, source.count, &count) == SNAPPY_OK else {
            throw .damaged(.snappy)
        }
        guard count <= target.count - position else { throw .tooLarge(limit: target.count) }
        let place = (to + position).assumingMemoryBound(to: CChar.self)
        guard snappy_uncompress(bytes, source.count, place, &count) == SNAPPY_OK else {
            throw .damaged(.snappy)
        }
        return count
    }
}
