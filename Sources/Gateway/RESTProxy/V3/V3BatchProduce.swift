import JSONText
import NIOCore
import StreamModel
import Synchronization

/// `POST …/topics/{topic_name}/records:batch`: up to ten records, told of apart.
enum V3BatchProduce {
    static let maxEntries = 10
    /// Letters, digits, `-` and `_`.
    static let maxIDLength = 80

    static let operations: [V3Operation] = [
        V3Operation(.post, V3Produce.path + ":batch", produce)
    ]

    /// An entry, read as far as that was possible.
    struct Entry: Sendable {
        var id: String
        var record: Result<V3Record, V3Error>
    }

    @Sendable private static func produce(_ call: V3Call) async throws -> GatewayResponse {
        var entries: [Entry] = []
        for (id, spans) in try records(in: call.request.body, maxDepth: call.services.maxJSONDepth) {
            do throws(V3Error) {
                let record = try await call.services.record(
                    spans, in: call.request.body, topic: call["topic_name"])
                entries.append(Entry(id: id, record: .success(record)))
            } catch {
                entries.append(Entry(id: id, record: .failure(error)))
            }
        }
        let outcomes = await append(entries, call)
        var body = ByteBuffer()
        body.writeStaticString(#"{"successes":["#)
        var isFirst = true
        func begin(_ id: String) {
            body.writeStaticString(isFirst ? #"{"id":"# : #",{"id":"#)
            body.writeJSONString(id)
            body.writeStaticString(",")
            isFirst = false
        }
        for (entry, outcome) in zip(entries, outcomes) {
            guard case .success(let receipt) = outcome else { continue }
            begin(entry.id)
            receipt.write(clusterID: call["cluster_id"], topic: call["topic_name"], to: &body)
            body.writeStaticString("}")
        }
        body.writeStaticString(#"],"failures":["#)
        isFirst = true
        for (entry, outcome) in zip(entries, outcomes) {
            guard case .failure(let error) = outcome else { continue }
            begin(entry.id)
            error.writeMembers(to: &body)
            body.writeStaticString("}")
        }
        body.writeStaticString("]}")
        return GatewayResponse(status: 207, contentType: V3Dialect.mediaType, body: body)
    }

    private static func append(_ entries: [Entry], _ call: V3Call) async -> [V3Outcome] {
        await withCheckedContinuation { continuation in
            let gathering = Gathering(count: entries.count, then: continuation)
            for (place, entry) in entries.enumerated() {
                switch entry.record {
                case .failure(let error): gathering.fill(place, .failure(error))
                case .success(var record):
                    record.list.once = call.request.once
                    call.services.append(
                        record, to: call["topic_name"], byteCount: record.list.bytes.readableBytes
                    ) { gathering.fill(place, $0) }
                }
            }
        }
    }

    // MARK: Reading

    /// The entries of a body by their ids; what is at fault in the content of one is found later.
    static func records(
        in body: ByteBuffer, maxDepth: Int
    ) throws(V3Error) -> [(id: String, spans: V3RecordSpans)] {
        guard body.readableBytes > 0 else {
            throw V3Error(.invalidBatch, "Request body is empty. Data is required.")
        }
        let result: Result<[(id: String, spans: V3RecordSpans)], V3Error> = body.withUnsafeReadableBytes {
            bytes in
            do throws(V3Error) {
                return .success(try read(bytes, maxDepth))
            } catch {
                return .failure(error)
            }
        }
        let entries = try result.get()
        guard Set(entries.map(\.id)).count == entries.count else {
            throw V3Error(.invalidBatch, "Batch entry IDs are not distinct.")
        }
        guard !entries.isEmpty else { throw V3Error(.invalidBatch, "Empty batch.") }
        return entries
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, _ maxDepth: Int
    ) throws(V3Error) -> [(id: String, spans: V3RecordSpans)] {
        let found: [V3RecordSpans]
        do throws(JSONTextError) {
            found = try spans(bytes, maxDepth)
        } catch {
            throw .unreadable(error)
        }
        var entries: [(id: String, spans: V3RecordSpans)] = []
        for spans in found {
            if let fault = spans.fault { throw V3Error(.badRequest, "Error processing JSON: " + fault) }
            entries.append((try id(spans, bytes), spans))
        }
        guard entries.count <= maxEntries else {
            throw V3Error(.invalidBatch, "Too many entries in batch.")
        }
        return entries
    }

    private static func id(
        _ spans: V3RecordSpans, _ bytes: UnsafeRawBufferPointer
    ) throws(V3Error) -> String {
        var text: [UInt8] = []
        if let id = spans.id, id.kind == .string {
            JSONText.unescape(UnsafeRawBufferPointer(rebasing: bytes[id.content]), into: &text)
        }
        guard (1...maxIDLength).contains(text.count), text.allSatisfy(isAllowedInID) else {
            throw V3Error(.invalidBatch, "Batch entry identifier is not a valid string.")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isAllowedInID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// One more than are allowed are read: enough to see that there are too many.
    private static func spans(
        _ bytes: UnsafeRawBufferPointer, _ maxDepth: Int
    ) throws(JSONTextError) -> [V3RecordSpans] {
        var scanner = JSONScanner(bytes, maxDepth: maxDepth)
        var found: [V3RecordSpans] = []
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            guard scanner.matches(name, "entries"), try scanner.peekKind() == .array else {
                _ = try scanner.value()
                continue
            }
            try scanner.beginArray()
            while try scanner.nextElement() {
                let spans = try V3RecordSpans(&scanner, hasID: true)
                if found.count <= maxEntries { found.append(spans) }
            }
        }
        try scanner.finish()
        return found
    }
}

/// Waits for the outcomes of several records.
private final class Gathering: Sendable {
    private struct State {
        var outcomes: [V3Outcome?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let continuation: CheckedContinuation<[V3Outcome], Never>

    /// - Parameter count: at least one.
    init(count: Int, then continuation: CheckedContinuation<[V3Outcome], Never>) {
        self.continuation = continuation
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
    }

    /// Fills each place once.
    func fill(_ place: Int, _ outcome: V3Outcome) {
        let all = state.withLock { state -> [V3Outcome]? in
            state.outcomes[place] = outcome
            state.missing -= 1
            return state.missing == 0 ? state.outcomes.compactMap(\.self) : nil
        }
        if let all { continuation.resume(returning: all) }
    }
}
