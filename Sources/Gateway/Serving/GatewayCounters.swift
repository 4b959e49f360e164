import StreamModel
import Synchronization

/// What the gateway has done since its start.
final class GatewayCounters: Sendable {
    let succeeded = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let failed = Atomic<Int>(0)
    let records = Atomic<Int>(0)
    let bytes = Atomic<Int>(0)
    let connections = Atomic<Int>(0)

    func count(status: Int) {
        switch status {
        case ..<400: succeeded.add(1, ordering: .relaxed)
        case ..<500: refused.add(1, ordering: .relaxed)
        default: failed.add(1, ordering: .relaxed)
        }
    }

    func count(records count: Int, bytes byteCount: Int) {
        records.add(count, ordering: .relaxed)
        bytes.add(byteCount, ordering: .relaxed)
    }

    var samples: [MetricSample] {
        [
            requests("2xx", succeeded.load(ordering: .relaxed)),
            requests("4xx", refused.load(ordering: .relaxed)),
            requests("5xx", failed.load(ordering: .relaxed)),
            MetricSample(
                "pinline_gateway_records_total", .counter, help: "Records acknowledged.",
                value: Double(records.load(ordering: .relaxed))),
            MetricSample(
                "pinline_gateway_request_bytes_total", .counter,
                help: "Bytes of bodies whose records were acknowledged.",
                value: Double(bytes.load(ordering: .relaxed))),
            MetricSample(
                "pinline_gateway_connections", .gauge, help: "Connections open now.",
                value: Double(connections.load(ordering: .relaxed))),
        ]
    }

    private func requests(_ status: String, _ count: Int) -> MetricSample {
        MetricSample(
            "pinline_gateway_requests_total", .counter, help: "Requests answered, by class of status.",
            labels: [(name: "status", value: status)], value: Double(count))
    }
}
