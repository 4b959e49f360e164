import KafkaWire
import NIOCore
import StreamModel
import Synchronization

extension PartitionLog {
    /// Reads whole batches from `offset` on, out of one segment.
    func readBatches(
        from offset: Int64, maxBytes: Int, isCommitted: Bool
    ) throws(LogStorageError) -> FetchedBatches {
        do throws(LogStorageError) {
            return try fetch(from: offset, maxBytes: maxBytes, isCommitted: isCommitted)
        } catch {
            guard error.code == .inputOutput else { throw error }
            throw cause(of: error, at: offset)
        }
    }

    private func fetch(
        from offset: Int64, maxBytes: Int, isCommitted: Bool
    ) throws(LogStorageError) -> FetchedBatches {
        let (offsets, window) = try place(of: offset, isCommitted: isCommitted)
        guard let window else {
            return FetchedBatches(bytes: ByteBuffer(), offsets: offsets, aborted: [])
        }
        let (bytes, end) = try batches(in: window, from: offset, maxBytes: maxBytes)
        let aborted = isCommitted ? try aborted(from: offset, to: end) : []
        return FetchedBatches(bytes: bytes, offsets: offsets, aborted: aborted.map(\.forReader))
    }

    private func batches(
        in window: Window, from offset: Int64, maxBytes: Int
    ) throws(LogStorageError) -> (bytes: ByteBuffer, endOffset: Int64) {
        let file = window.file
        let start = try position(of: offset, window, file)
        var wanted = min(max(maxBytes, Self.leastRead), window.byteCount - start)
        while true {
            var bytes = try Self.read(file, at: start, count: wanted, window.files)
            let outcome = try bytes.withUnsafeReadableBytesTyped { bytes throws(LogStorageError) in
                try walk(bytes, window, from: offset, maxBytes: maxBytes)
            }
            guard outcome.byteCount > 0 else {
                guard outcome.needed > wanted, outcome.needed <= window.byteCount - start else {
                    throw hole(at: offset, in: window.files.log)
                }
                wanted = outcome.needed
                continue
            }
            let position = start + outcome.byteCount
            if position == window.byteCount, outcome.next != window.endOffset {
                throw hole(at: outcome.next, in: window.files.log)
            }
            extent.withLock { $0.remember(outcome.next, in: window, at: position) }
            bytes.moveWriterIndex(to: outcome.byteCount)
            return (bytes, outcome.next)
        }
    }

    private static let leastRead = 4096

    /// How far whole batches reach in bytes that were read.
    private struct Walk {
        var byteCount = 0
        var next: Int64
        /// What the first batch takes.
        var needed = 0
    }

    private func walk(
        _ bytes: UnsafeRawBufferPointer, _ window: Window, from offset: Int64, maxBytes: Int
    ) throws(LogStorageError) -> Walk {
        var walk = Walk(next: offset)
        while bytes.count - walk.byteCount >= RecordBatchHeader.size {
            let header = try header(bytes, at: walk.byteCount, window)
            let isFirst = walk.byteCount == 0
            guard window.holds(header, next: walk.next, isFirst: isFirst),
                header.nextOffset > offset
            else { throw hole(at: walk.next, in: window.files.log) }
            guard header.baseOffset < window.stop else { break }
            if isFirst { walk.needed = header.byteCount }
            let end = walk.byteCount + header.byteCount
            guard end <= bytes.count, isFirst || end <= maxBytes else { break }
            try header.verifyAsLog(bytes, at: walk.byteCount, window.files)
            walk.byteCount = end
            walk.next = header.nextOffset
        }
        return walk
    }

    private func header(
        _ bytes: UnsafeRawBufferPointer, at position: Int, _ window: Window
    ) throws(LogStorageError) -> RecordBatchHeader {
        do throws(KafkaWireError) {
            return try RecordBatchHeader(bytes, at: position)
        } catch {
            throw LogStorageError(.corrupted, "\(window.files.log) is damaged: \(error.message)")
        }
    }

    /// Where the first batch begins that reaches past an offset.
    private func position(
        of offset: Int64, _ window: Window, _ file: any LogFile
    ) throws(LogStorageError) -> Int {
        if let position = window.position { return position }
        var cursor = HeaderCursor(
            file: file, position: try searchPosition(offset, window, file), limit: window.byteCount,
            path: window.files.log, chunkBytes: max(Self.leastRead, settings.indexIntervalBytes * 2))
        while let header = try cursor.next() {
            if header.nextOffset > offset { return cursor.batchPosition }
        }
        throw hole(at: offset, in: window.files.log)
    }

    private static func read(
        _ file: any LogFile, at position: Int, count: Int, _ files: SegmentFiles
    ) throws(LogStorageError) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: count)
        var failure: LogStorageError?
        let found = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            do throws(LogStorageError) {
                return try file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: position)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        guard found == count else {
            throw LogStorageError(.corrupted, "\(files.log) is shorter than what was durable of it")
        }
        return bytes
    }
}

extension ByteBuffer {
    /// `withUnsafeReadableBytes` for a closure that throws errors of the log.
    fileprivate func withUnsafeReadableBytesTyped<Value>(
        _ body: (UnsafeRawBufferPointer) throws(LogStorageError) -> Value
    ) throws(LogStorageError) -> Value {
        let result = withUnsafeReadableBytes { bytes -> Result<Value, LogStorageError> in
            do throws(LogStorageError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

extension AbortedRange {
    fileprivate var forReader: AbortedTransaction {
        AbortedTransaction(producerID: producerID, firstOffset: Offset(firstOffset))
    }
}
