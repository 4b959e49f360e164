import Kinesis
import StreamModel

@testable import Gateway

/// Streams for tests that ask for none.
struct NoStreams: BackingStreams {
    func put(_ records: RecordList, isBatch: Bool, to stream: String, completion: @escaping Completion) {
        completion(.failure(KinesisError(.resourceNotFound, "There is none.")))
    }

    func perform(
        _ action: KinesisAction, _ input: [UInt8], for caller: Caller, completion: @escaping Completion
    ) {
        completion(.failure(KinesisError(.resourceNotFound, "There is none.")))
    }
}
