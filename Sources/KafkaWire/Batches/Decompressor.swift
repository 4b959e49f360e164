import CCompression
import Synchronization

/// Decompresses the records of batches, one batch after the other, in memory that it keeps.
///
/// The size that compressed bytes declare is never trusted: the output has room for `limit` bytes of address space,
/// of which the system gives memory only as bytes are written.
/// `@unchecked Sendable`: the pool hands each to one borrower at a time.
package final class Decompressor: @unchecked Sendable {
    /// The most bytes that the records of one batch may take decompressed.
    package static let defaultLimit = 64 << 20
    /// Memory that is kept from one batch to the next.
    private static let keptBytes = 4 << 20
    /// Decompressors that are kept for the next borrower.
    private static let maxIdle = 8
    private static let idle = Mutex<[Decompressor]>([])

    private let limit: Int
    private var output: UnsafeMutableRawPointer?
    var zstdContext: OpaquePointer?
    var lz4Context: OpaquePointer?
    var gzipStream: UnsafeMutablePointer<z_stream>?

    /// - Parameter limit: the most bytes that a batch may take decompressed.
    package init(limit: Int = Decompressor.defaultLimit) {
        self.limit = limit
    }

    deinit {
        output?.deallocate()
        ZSTD_freeDCtx(zstdContext)
        LZ4F_freeDecompressionContext(lz4Context)
        if let gzipStream {
            inflateEnd(gzipStream)
            gzipStream.deallocate()
        }
    }

    /// Lends a decompressor with the default limit to the calling thread.
    package static func borrowed<Result, Failure: Error>(
        _ body: (Decompressor) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let decompressor = idle.withLock { $0.popLast() } ?? Decompressor()
        defer { idle.withLock { if $0.count < maxIdle { $0.append(decompressor) } } }
        return try body(decompressor)
    }

    /// Decompresses the whole of `source`.
    ///
    /// - Returns: bytes that stay valid until the next call.
    /// - Throws: `corrupt` if the bytes contradict the compression's format, `tooLarge` past the limit.
    package func decompress(
        _ source: UnsafeRawBufferPointer, _ compression: Compression
    ) throws(KafkaWireError) -> UnsafeRawBufferPointer {
        let target = UnsafeMutableRawBufferPointer(start: room(), count: limit)
        let count: Int
        switch compression {
        case .none: return source
        case .gzip: count = try gunzip(source, into: target)
        case .snappy: count = try Snappy.decompress(source, into: target)
        case .lz4: count = try decompressLZ4(source, into: target)
        case .zstd: count = try decompressZstd(source, into: target)
        }
        usedBytes = count
        return UnsafeRawBufferPointer(rebasing: target[..<count])
    }

    /// What the last batch took; it may have failed after touching all.
    private var usedBytes = 0

    private func room() -> UnsafeMutableRawPointer {
        if usedBytes > Self.keptBytes {
            output?.deallocate()
            output = nil
        }
        // Stands if the call that now begins throws.
        usedBytes = limit
        if let output { return output }
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: limit, alignment: 16)
        output = fresh
        return fresh
    }
}

extension KafkaWireError {
    static func damaged(_ compression: Compression) -> KafkaWireError {
        KafkaWireError(.corrupt, "the records are no valid \(compression) data")
    }

    static func tooLarge(limit: Int) -> KafkaWireError {
        KafkaWireError(.tooLarge, "the records of a batch take more than \(limit) bytes decompressed")
    }
}
