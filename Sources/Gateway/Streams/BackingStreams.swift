import Kinesis
import NIOCore
import StreamModel

/// The streams behind this dialect, as it needs them: input and output are the JSON of Kinesis's own interface.
///
/// Nothing here blocks; each `completion` runs exactly once, on any thread, and must not block either.
protocol BackingStreams: Sendable {
    typealias Completion = @Sendable (Result<ByteBuffer, KinesisError>) -> Void

    /// Appends records, whose keys are their partition keys; answers when they are durable, as PutRecord does or, for a
    /// batch, as PutRecords does.
    func put(_ records: RecordList, isBatch: Bool, to stream: String, completion: @escaping Completion)

    /// - Parameter caller: asked for its rights beside those that the path needs, since an iterator names a stream too.
    func perform(
        _ action: KinesisAction, _ input: [UInt8], for caller: Caller, completion: @escaping Completion)
}

/// Kinesis, in its own region.
struct KinesisStreams: BackingStreams {
    private let service: KinesisService
    /// A stream that is not there comes into being when records are put to it.
    private let makesStreams: Bool

    init(_ service: KinesisService, makesStreams: Bool) {
        self.service = service
        self.makesStreams = makesStreams
    }

    func put(_ records: RecordList, isBatch: Bool, to stream: String, completion: @escaping Completion) {
        service.put(records, isBatch: isBatch, to: stream, makesStream: makesStreams, then: completion)
    }

    func perform(
        _ action: KinesisAction, _ input: [UInt8], for caller: Caller, completion: @escaping Completion
    ) {
        var request = KinesisRequest(
            action: action, codec: .json, body: ByteBuffer(bytes: input), region: service.settings.region)
        if caller.access != nil { request.allows = { caller.allows($0, on: $1) } }
        service.perform(request) { answer in
            switch answer {
            case .done(let body): completion(.success(body))
            case .failed(let error): completion(.failure(error))
            case .subscription: completion(.failure(KinesisError(.unknownOperation)))
            }
        }
    }
}
