import StreamModel
import Synchronization

/// One row of the metric `rates`.
enum RateRow {
    static let names = [
        "records", "per_second", "latency_p50_ms", "latency_p99_ms", "latency_max_ms", "lateness_p50_ms",
        "lateness_p99_ms", "lateness_max_ms",
    ]

    static func values(_ sum: LiveRates.Pane, seconds: Double) -> [LiveValue] {
        let perSecond = (Double(sum.records) / max(0.001, seconds) * 1_000).rounded() / 1_000
        return [.integer(sum.records), .double(perSecond)] + times(sum.latency) + times(sum.lateness)
    }

    private static func times(_ histogram: LogHistogram) -> [LiveValue] {
        guard let middle = histogram.quantile(0.5), let high = histogram.quantile(0.99) else {
            return [.null, .null, .null]
        }
        return [.integer(middle), .integer(high), .integer(histogram.greatest)]
    }
}

extension LiveMetrics {
    /// Rows by table; from arrival to counted, and from the event to arrival, each to a sixteenth.
    func rates(_ request: LiveRequest) throws(LiveRefusal) -> LiveAnswer {
        guard request.by.isEmpty, request.filters.allSatisfy({ $0.column == "table" }) else {
            throw LiveRefusal(
                message: "rates can only be asked for by table.", known: ["table", "window", "limit"])
        }
        let (rows, told) = counts.withLock { state in
            let now = state.advance(to: clock.milliseconds)
            let begin = definition.windows[request.window].begin(at: now)
            let seconds = Double(now - begin) / 1_000
            let rows = zip(state.tables, state.rates).map { table, rates in
                [.text(table)] + RateRow.values(rates.sum(over: request.window, now: now), seconds: seconds)
            }
            return (
                rows,
                Told(asOf: now, records: state.records, countedAt: state.countedAt, error: 0, failure: nil)
            )
        }
        let chosen = rows.filter { row in request.filters.allSatisfy { row[0].isCalled($0.text) } }
        return render(Self.ratesName, request, ["table"] + RateRow.names, told) {
            Array(chosen.prefix(request.limit))
        }
    }
}
