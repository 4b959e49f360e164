import JSONText
import NIOCore
import StreamModel

/// `PUT …/record` and `PUT …/records`: the body's records go to the stream that the path names.
///
/// No task and no `await`: the body is scanned once, and the answer is given by whoever made the records durable.
struct PutHandler: GatewayHandler {
    enum Form: Sendable { case record, records }

    private let form: Form
    private let streams: any BackingStreams
    private let maxJSONDepth: Int
    private let storesEmptyData: Bool
    private let counters: GatewayCounters
    private let answers: StreamsAnswers

    init(
        form: Form, streams: any BackingStreams, settings: GatewaySettings, counters: GatewayCounters,
        answers: StreamsAnswers
    ) {
        self.form = form
        self.streams = streams
        maxJSONDepth = settings.maxJSONDepth
        storesEmptyData = settings.compatibility.storesEmptyData
        self.counters = counters
        self.answers = answers
    }

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        do throws(StreamsError) {
            var records = try records(of: request)
            records.once = request.once
            let count = records.entries.count
            let byteCount = request.body.readableBytes
            let stream = StreamPath.stream(of: request)
            streams.put(records, isBatch: form == .records, to: stream) { [counters, answers] result in
                switch result {
                case .success(let body):
                    counters.count(records: count, bytes: byteCount)
                    exchange.answer(StreamsAnswers.success(body))
                case .failure(let error): exchange.answer(answers.response(to: StreamsError(error)))
                }
            }
        } catch {
            exchange.answer(answers.response(to: error))
        }
    }

    private func records(of request: GatewayRequest) throws(StreamsError) -> RecordList {
        let isBase64 = try Self.isNative(request.head.contentType)
        var scanner = JSONScanner(maxDepth: maxJSONDepth)
        switch form {
        case .record:
            return try PutBody.record(
                request.body, as: isBase64 ? .base64 : .json, storesEmptyData: storesEmptyData, with: &scanner
            )
        case .records:
            return try PutBody.records(
                request.body, as: isBase64 ? .base64 : .text, storesEmptyData: storesEmptyData, with: &scanner
            )
        }
    }

    /// Whether the body is in the native form of Kinesis, its data in base64; one without a type is JSON.
    private static func isNative(_ contentType: String?) throws(StreamsError) -> Bool {
        guard let contentType, contentType != "application/json" else { return false }
        switch contentType.prefix(while: { $0 != ";" }).lowercased().trimmingBlanks {
        case "application/json": return false
        case "application/x-amz-json-1.1", "application/x-amz-json-1.0": return true
        default: throw .unsupportedMediaType
        }
    }
}
