import NIOCore
import StreamModel
import Synchronization

/// The records of a stream that wait for schemas, and those behind them: appended in the order of the stream.
final class V3SchemaQueue: Sendable {
    struct Waiting: Sendable {
        var place: Int
        var spans: V3RecordSpans
        /// What the spans point into.
        var text: ByteBuffer
    }

    private struct State {
        var waiting: [Waiting] = []
        var isWorking = false
    }

    private let services: V3Services
    private let exchange: Exchange
    private let answers: V3AnswerQueue
    private let topic: String
    private let once: (any AppendOnce)?
    private let state = Mutex(State())

    init(
        _ services: V3Services, _ exchange: Exchange, _ answers: V3AnswerQueue, topic: String,
        once: (any AppendOnce)?
    ) {
        self.services = services
        self.exchange = exchange
        self.answers = answers
        self.topic = topic
        self.once = once
    }

    /// Whether records wait, so that others must wait behind them.
    var isBusy: Bool { state.withLock { $0.isWorking } }

    func add(_ record: Waiting) {
        let begins = state.withLock { state in
            state.waiting.append(record)
            defer { state.isWorking = true }
            return !state.isWorking
        }
        if begins { exchange.work { await self.work() } }
    }

    private func work() async {
        while let batch = next() {
            for record in batch { await take(record) }
        }
    }

    /// What waits; nil if nothing does, and the work ends.
    private func next() -> [Waiting]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWorking = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func take(_ waiting: Waiting) async {
        do throws(V3Error) {
            var record = try await services.record(waiting.spans, in: waiting.text, topic: topic)
            record.list.once = once
            let place = waiting.place
            services.append(record, to: topic, byteCount: waiting.text.readableBytes) { [answers] outcome in
                answers.fill(place, with: outcome)
            }
        } catch {
            answers.fill(waiting.place, with: .failure(error))
        }
    }
}

extension V3Services {
    /// Makes a record, with the schemas it asks for where there is a registry.
    func record(
        _ spans: V3RecordSpans, in text: ByteBuffer, topic: String
    ) async throws(V3Error) -> V3Record {
        var contents = V3SchemaContents()
        if let schemas, text.withUnsafeReadableBytes({ spans.needSchemas(in: $0) }) {
            let writer = V3SchemaWriter(registry: schemas, topic: topic, maxDepth: maxJSONDepth)
            contents = try await writer.contents(spans, in: text)
        }
        return try text.withUnsafeReadableBytes { source in
            Result { () throws(V3Error) in
                try V3RecordReader.record(spans, in: source, now: clock.milliseconds, written: contents)
            }
        }.get()
    }
}
