import NIOCore
import StreamModel
import Synchronization

/// Appends records to the shards of their hash keys, and answers with their sequence numbers.
///
/// Nothing here blocks; the answer comes from the log's thread.
struct RecordPutting: Sendable {
    let appender: any RecordAppender
    let settings: KinesisSettings

    /// The whole of a PutRecords, keys and data; twice as much where larger records are allowed.
    private static let maxRequestBytes = 5 << 20

    func put(
        _ request: consuming PutRequest, to stream: KinesisStream, codec: KinesisCodec, now: Int64,
        then completion: @escaping @Sendable (Result<ByteBuffer, KinesisError>) -> Void
    ) {
        let description = stream.putLimits
        if let fault = sizeFault(request, description) { return completion(.failure(fault)) }
        guard let routing = stream.enter() else { return completion(.failure(notFound(stream))) }
        do throws(KinesisError) {
            let isDryRun = request.isDryRun
            let plan = try plan(request, stream, routing, description, now)
            if isDryRun { throw Self.dryRun }
            guard !plan.records.entries.isEmpty else { throw rateExceeded(plan.refused.first?.value, stream) }
            appender.append(plan.records, to: stream.address.topic) { result in
                routing.leave()
                completion(
                    result.mapError { self.error($0, stream) }.map { receipt in
                        plan.answer(receipt, routing: routing, codec: codec) { shard in
                            self.rateExceeded(shard, stream)
                        }
                    })
            }
        } catch {
            routing.leave()
            completion(.failure(error))
        }
    }

    static let dryRun = KinesisError(
        .dryRun, "The request would have succeeded, but the DryRun flag is set.")

    // MARK: Limits

    private func sizeFault(_ request: PutRequest, _ limits: KinesisStream.PutLimits) -> KinesisError? {
        let isLarge = limits.maxRecordBytes > 1 << 20
        let entries = request.records.entries
        let total = entries.reduce(0) { $0 + $1.putByteCount }
        if request.isBatch, total > (isLarge ? 2 : 1) * Self.maxRequestBytes {
            return KinesisError(.invalidArgument, "Records size exceeds \(isLarge ? 10 : 5) MB limit")
        }
        guard let place = entries.firstIndex(where: { $0.putByteCount > limits.maxRecordBytes }) else {
            return nil
        }
        let path = request.isBatch ? "records.\(place + 1).member.data" : "data"
        return KinesisError(
            .validation,
            "1 validation error detected: Value at '\(path)' failed to satisfy constraint: Member must have length "
                + "less than or equal to \(limits.maxRecordBytes)")
    }

    // MARK: Plan

    private func plan(
        _ request: consuming PutRequest, _ stream: KinesisStream, _ routing: ShardRouting,
        _ limits: KinesisStream.PutLimits, _ now: Int64
    ) throws(KinesisError) -> PutPlan {
        let isBatch = request.isBatch
        let explicitHashKeys = request.explicitHashKeys
        // The only owner of its records, which are changed in place.
        var plan = PutPlan(isBatch: isBatch, isEncrypted: limits.isEncrypted, records: request.records)
        request.records.entries = []
        var isRefused = false
        for place in plan.records.entries.indices {
            let entry = plan.records.entries[place]
            guard
                let shard = shard(of: entry, explicitHashKeys[place], plan.records.bytes, routing, limits)
            else {
                let path = isBatch ? "records.\(place + 1).member.partitionKey" : "partitionKey"
                throw KinesisError(
                    .validation,
                    "1 validation error detected: Value null at '\(path)' failed to satisfy constraint: Member must "
                        + "not be null")
            }
            plan.records.entries[place].partition = shard.partition
            guard let throttle = stream.throttle,
                !throttle.admit(entry.putByteCount, to: shard, now: now)
            else { continue }
            plan.refused[place] = shard
            isRefused = true
        }
        plan.recordCount = plan.records.entries.count
        if isRefused {
            plan.records.entries = plan.records.entries.enumerated()
                .filter { plan.refused[$0.offset] == nil }.map(\.element)
        }
        return plan
    }

    /// Nil without a key, unless the stream distributes such records itself.
    private func shard(
        of entry: RecordList.Entry, _ explicit: HashKey?, _ bytes: ByteBuffer, _ routing: ShardRouting,
        _ limits: KinesisStream.PutLimits
    ) -> ShardID? {
        if let explicit { return routing.shard(for: explicit) }
        guard let key = entry.key else { return limits.distributes ? routing.nextShard() : nil }
        return bytes.withUnsafeReadableBytes { bytes in
            let text = UnsafeRawBufferPointer(rebasing: bytes[key.start..<key.start + key.count])
            return routing.shard(for: text)
        }
    }

    // MARK: Errors

    private func notFound(_ stream: KinesisStream) -> KinesisError {
        KinesisError(
            .resourceNotFound,
            "Stream \(stream.address.name) under account \(settings.accountID) not found.")
    }

    private func rateExceeded(_ shard: ShardID?, _ stream: KinesisStream) -> KinesisError {
        KinesisError(
            .throughputExceeded,
            "Rate exceeded for shard \(shard?.description ?? "") in stream \(stream.address.name) under account "
                + "\(settings.accountID).")
    }

    private func error(_ error: AppendError, _ stream: KinesisStream) -> KinesisError {
        switch error.code {
        case .unknownTopic, .unknownPartition: notFound(stream)
        case .invalidTopic, .recordTooLarge, .invalidRecord: KinesisError(.invalidArgument, error.message)
        case .overloaded: KinesisError(.throughputExceeded, error.message)
        case .diskFull, .failed, .closed: KinesisError(.internalFailure, error.message)
        }
    }
}

extension RecordList.Entry {
    /// What counts against Kinesis's limits.
    var putByteCount: Int { (key?.count ?? 0) + (value?.count ?? 0) }
}
