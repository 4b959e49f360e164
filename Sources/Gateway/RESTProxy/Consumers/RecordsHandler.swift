import NIOCore
import SchemaFormats
import StreamModel

/// `GET …/records`: waits for records, and hands them out in the instance's format.
struct RecordsHandler: GatewayHandler {
    let instances: ConsumerInstances
    var schemas: SchemaRegistry?
    let key: ConsumerInstances.Key

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        RESTProxyHandler { (request) throws(RESTProxyError) in
            guard let choice = RecordsFormat.choose(request.head.accept) else { throw .notAcceptable }
            return try await instances.use(key, by: ClusterCaller(request.caller)) {
                (instance) throws(RESTProxyError) in
                guard choice.format == instance.request.format else { throw .formatMismatch }
                let polled = try await poll(
                    instance.consumer, try pollRequest(request.query, instance.request), exchange)
                if case .schema(let kind) = choice.format {
                    let body = try await decoded(polled, kind, instance.consumer)
                    return GatewayResponse(status: 200, contentType: choice.contentType, body: body)
                }
                return GatewayResponse(
                    status: 200, contentType: choice.contentType,
                    body: RecordsFormat.write(
                        polled, as: instance.request.format, allocator: exchange.allocator))
            }
        }.handle(request, exchange)
    }

    /// The records up to the first one that cannot be read; that one and those after it come with the next read.
    private func decoded(
        _ polled: PolledRecords, _ kind: SchemaKind, _ consumer: any GroupConsumer
    ) async throws(RESTProxyError) -> ByteBuffer {
        guard let schemas else { throw .formatMismatch }
        let outcome = await SchemaRecords.write(
            polled, as: kind, schemas, maxBytes: instances.settings.requestMaxBytes)
        var first: [TopicPartition: Offset] = [:]
        for record in outcome.rest where first[record.partition] == nil {
            first[record.partition] = record.offset
        }
        // A partition that went to another member meanwhile is read there, from what was committed.
        if !first.isEmpty { try? consumer.seek(first) }
        if let error = outcome.error, outcome.rest.count == polled.records.count { throw error }
        return ByteBuffer(bytes: outcome.body)
    }

    /// What the query asks for only lowers what the settings allow.
    private func pollRequest(
        _ query: QueryItems, _ wish: ConsumerInstanceRequest
    ) throws(RESTProxyError) -> PollRequest {
        let settings = instances.settings
        let longest = wish.requestTimeoutMilliseconds ?? settings.requestTimeoutMilliseconds
        let timeout = try number(query, "timeout") ?? longest
        let maxBytes = try number(query, "max_bytes") ?? Int64(settings.requestMaxBytes)
        let minBytes = wish.fetchMinBytes ?? settings.fetchMinBytes
        return PollRequest(
            maxBytes: Int(min(maxBytes, Int64(settings.requestMaxBytes))),
            maxRecords: settings.requestMaxRecords, minBytes: minBytes < 0 ? .max : minBytes,
            timeout: .milliseconds(max(0, min(timeout, longest))),
            objection: wish.format == .json ? RecordsFormat.jsonObjection : nil)
    }

    /// Nil if it is absent or not above zero, which stands for the default; text that is no number is no such path,
    /// as with the proxy.
    private func number(_ query: QueryItems, _ name: String) throws(RESTProxyError) -> Int64? {
        guard let text = query[name] else { return nil }
        guard let number = Int64(text) else { throw .notFound }
        return number > 0 ? number : nil
    }

    /// Ends when the client seems to go: what nobody reads is not handed out, and one that only sends no more gets none.
    private func poll(
        _ consumer: any GroupConsumer, _ request: PollRequest, _ exchange: Exchange
    ) async throws(RESTProxyError) -> PolledRecords {
        let (departure, departed) = AsyncStream<Never>.makeStream()
        exchange.whenClosed { departed.finish() }
        exchange.whenInputClosed { departed.finish() }
        let result = await withTaskGroup(of: Result<PolledRecords, ConsumerError>?.self) { group in
            group.addTask {
                do throws(ConsumerError) {
                    return .success(try await consumer.poll(request))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await _ in departure {}
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
        switch result {
        case .success(let polled): return polled
        case .failure(let error): throw RESTProxyError(error)
        case nil: return PolledRecords()
        }
    }
}
