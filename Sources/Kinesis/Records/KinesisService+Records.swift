import Dispatch
package import NIOCore
package import StreamModel

/// Records that came by another way than Kinesis's own interface.
extension KinesisService {
    /// Appends records, whose keys are their partition keys, to a stream of the default region.
    ///
    /// Does not block; `completion` runs exactly once, on any thread, and must not block. It is given the JSON of
    /// PutRecord's answer or, for a batch, of PutRecords'.
    ///
    /// - Parameter makesStream: whether a stream that is not there comes into being, with one shard.
    package func put(
        _ records: consuming RecordList, isBatch: Bool, to name: String, makesStream: Bool,
        then completion: @escaping @Sendable (Result<ByteBuffer, KinesisError>) -> Void
    ) {
        let address = StreamAddress(region: settings.region, name: name, defaultRegion: settings.region)
        if let address, let stream = actions.registry.current(address.topic) {
            return putting.put(
                PutRequest(records, isBatch: isBatch), to: stream, codec: .json, now: clock.milliseconds,
                then: completion)
        }
        control.async { [self, records] in
            do throws(KinesisError) {
                let stream = try stream(name, makesStream: makesStream)
                putting.put(
                    PutRequest(records, isBatch: isBatch), to: stream, codec: .json, now: clock.milliseconds,
                    then: completion)
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// Finds a stream, or makes it; blocks.
    private func stream(_ name: String, makesStream: Bool) throws(KinesisError) -> KinesisStream {
        let scope = StreamActions.Scope(region: settings.region, now: clock.milliseconds)
        let named = [("StreamName", OutputValue.string(name))]
        let input = try input(.describeStreamSummary, .object(named))
        do throws(KinesisError) {
            return try actions.stream(input, scope)
        } catch {
            guard makesStream, error.code == .resourceNotFound else { throw error }
        }
        do throws(KinesisError) {
            let wanted = try self.input(.createStream, .object(named + [("ShardCount", .integer(1))]))
            _ = try actions.perform(.createStream, wanted, scope)
        } catch {
            // Another request may have been first.
            guard error.code == .resourceInUse else { throw error }
        }
        return try actions.stream(input, scope)
    }

    /// An action's input, checked as if it had been sent.
    private func input(_ action: KinesisAction, _ value: OutputValue) throws(KinesisError) -> Input {
        try input(
            of: KinesisRequest(
                action: action, codec: .json, body: KinesisCodec.json.buffer(value), region: settings.region))
    }
}
