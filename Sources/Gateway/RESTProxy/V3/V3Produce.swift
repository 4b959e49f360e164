import JSONText
import NIOCore
import StreamModel

/// `POST …/topics/{topic_name}/records`: records one after the other, each answered as soon as it is durable.
///
/// Unlike the peer: what is no object, and an object that is no JSON, ends the stream after its error. An object whose
/// content is at fault gets its error, and the stream goes on.
struct V3Produce: StreamingHandler {
    static let path = "/clusters/{cluster_id}/topics/{topic_name}/records"
    private static let template = V3Path(path)

    let services: V3Services

    func open(_ request: GatewayRequest, _ exchange: Exchange) -> any BodyReceiver {
        let variables = Self.template.variables(of: request.path.dropFirst())
        let stream = V3RecordStream(
            services, exchange, clusterID: variables["cluster_id"] ?? "",
            topic: variables["topic_name"] ?? "", once: request.once)
        if !request.acceptsV3 {
            stream.refuse(V3Error(.notAcceptable, "HTTP 406 Not Acceptable"))
        } else if !request.hasV3Body {
            stream.refuse(V3Error(.unsupportedMediaType, "HTTP 415 Unsupported Media Type"))
        }
        return stream
    }
}

/// Takes the body of one produce request.
final class V3RecordStream: BodyReceiver {
    private let services: V3Services
    private let exchange: Exchange
    private let answers: V3AnswerQueue
    private let topic: String
    private let once: (any AppendOnce)?
    /// Nil without a schema registry.
    private let queue: V3SchemaQueue?
    private var splitter: V3RecordSplitter
    private var scanner: JSONScanner
    /// Nothing more is taken of the body.
    private var isOver = false

    init(
        _ services: V3Services, _ exchange: Exchange, clusterID: String, topic: String,
        once: (any AppendOnce)? = nil
    ) {
        self.services = services
        self.exchange = exchange
        self.topic = topic
        self.once = once
        answers = V3AnswerQueue(exchange, clusterID: clusterID, topic: topic)
        let (answers, exchange) = (answers, exchange)
        queue = services.schemas.map { _ in
            V3SchemaQueue(services, exchange, answers, topic: topic, once: once)
        }
        splitter = V3RecordSplitter(maxBytes: services.maxRecordBytes)
        scanner = JSONScanner(maxDepth: services.maxJSONDepth)
    }

    var wantsMore: Bool { isOver || !answers.isFull }

    /// Answers the whole request with an error.
    func refuse(_ error: V3Error) {
        isOver = true
        exchange.answer(error.response())
    }

    func receive(_ part: ByteBuffer) {
        guard !isOver else { return }
        splitter.append(part)
        while !isOver {
            switch splitter.next() {
            case .object(let object): take(object)
            case .needsMore: return
            case .foreign:
                finish(V3Error(.badRequest, "Error processing message: a record is no JSON object"))
            case .tooLarge:
                finish(
                    V3Error(
                        .tooLarge,
                        "a record's object is larger than \(services.maxRecordBytes) bytes "
                            + "(gateway.max.request.bytes)"))
            }
        }
    }

    func end() {
        guard !isOver else { return }
        finish(
            splitter.isComplete
                ? nil
                : V3Error(
                    .badRequest, "Error processing message: the body ends in the middle of a record"))
    }

    func aborted() { isOver = true }

    /// Ends the stream, after an error if there is one.
    private func finish(_ error: V3Error?) {
        isOver = true
        if let error { answers.fill(answers.reserve(), with: .failure(error)) }
        answers.complete()
    }

    private func take(_ object: ByteBuffer) {
        let place = answers.reserve()
        switch object.withUnsafeReadableBytes(read) {
        case .success(.waits(let spans)):
            queue?.add(V3SchemaQueue.Waiting(place: place, spans: spans, text: object))
        case .success(.record(var record)):
            record.list.once = once
            services.append(record, to: topic, byteCount: object.readableBytes) { [answers] outcome in
                answers.fill(place, with: outcome)
            }
        case .failure(let fault):
            answers.fill(place, with: .failure(fault.error))
            if fault.isBroken {
                isOver = true
                answers.complete()
            }
        }
    }

    private struct Fault: Error {
        var error: V3Error
        /// The text is no JSON: where the next object begins is not known.
        var isBroken: Bool
    }

    private enum Taken {
        case record(V3Record)
        /// It needs a schema, or comes behind one that does.
        case waits(V3RecordSpans)
    }

    private func read(_ bytes: UnsafeRawBufferPointer) -> Result<Taken, Fault> {
        let spans: V3RecordSpans
        do throws(JSONTextError) {
            scanner.reset(bytes)
            spans = try V3RecordSpans(&scanner, hasID: false)
            try scanner.finish()
        } catch {
            return .failure(Fault(error: .unreadable(error), isBroken: error.isSyntax))
        }
        do throws(V3Error) {
            if let queue, queue.isBusy || spans.needSchemas(in: bytes) { return .success(.waits(spans)) }
            return .success(
                .record(try V3RecordReader.record(spans, in: bytes, now: services.clock.milliseconds)))
        } catch {
            return .failure(Fault(error: error, isBroken: false))
        }
    }
}
