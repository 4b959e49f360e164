import KafkaWire
import StreamModel
import Synchronization

/// What the Kafka port has done since its start.
final class BrokerCounters: Sendable {
    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    let connections = Atomic<Int>(0)
    let receivedBytes = Atomic<Int>(0)
    let sentBytes = Atomic<Int>(0)
    /// What half-sent requests hold that are longer than a connection may send ahead.
    let bufferedBytes = Atomic<Int>(0)
    /// Connections closed because their request was not understood, too large or not allowed before the login.
    let refusedRequests = Atomic<Int>(0)
    let refusedConnections = Atomic<Int>(0)
    private let requests = Dictionary(uniqueKeysWithValues: APIKey.allCases.map { ($0.rawValue, Count()) })

    func count(requestOf apiKey: Int16) {
        requests[apiKey]?.value.add(1, ordering: .relaxed)
    }

    var samples: [MetricSample] {
        var samples = [
            MetricSample(
                "pinline_kafka_connections", .gauge, help: "Connections open now.",
                value: Double(connections.load(ordering: .relaxed))),
            MetricSample(
                "pinline_kafka_refused_connections_total", .counter,
                help: "Connections closed at once because kafka.max.connections was reached.",
                value: Double(refusedConnections.load(ordering: .relaxed))),
            MetricSample(
                "pinline_kafka_buffered_bytes", .gauge, help: "Bytes of half-sent large requests.",
                value: Double(bufferedBytes.load(ordering: .relaxed))),
            MetricSample(
                "pinline_kafka_received_bytes_total", .counter, help: "Bytes of requests.",
                value: Double(receivedBytes.load(ordering: .relaxed))),
            MetricSample(
                "pinline_kafka_sent_bytes_total", .counter, help: "Bytes of answers.",
                value: Double(sentBytes.load(ordering: .relaxed))),
            MetricSample(
                "pinline_kafka_refused_requests_total", .counter,
                help: "Requests that closed their connection: malformed, too large, or before the login.",
                value: Double(refusedRequests.load(ordering: .relaxed))),
        ]
        for api in APIKey.allCases {
            let count = requests[api.rawValue]?.value.load(ordering: .relaxed) ?? 0
            guard count > 0 else { continue }
            samples.append(
                MetricSample(
                    "pinline_kafka_requests_total", .counter, help: "Requests, by API.",
                    labels: [(name: "api", value: "\(api)")], value: Double(count)))
        }
        return samples
    }
}
