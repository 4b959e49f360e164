/// A run as it is shown: while it goes on and when it is over.
package struct EmulationReport: Sendable {
    package var tally: EmulationTally
    package var elapsed: Duration
    /// Posts that were asked for; nil means no end.
    package var posts: Int?

    package init(tally: EmulationTally, elapsed: Duration, posts: Int?) {
        self.tally = tally
        self.elapsed = elapsed
        self.posts = posts
    }

    package var seconds: Double { elapsed / .seconds(1) }

    private var recordRate: Int { seconds > 0 ? Int(Double(tally.sent) / seconds) : 0 }

    /// Two lines for people: how fast it went, and as the last one what became of the records.
    package var text: String {
        let total =
            "sent \(tally.sent), acknowledged \(tally.acknowledged), failed \(tally.failed),"
            + " seconds \(decimal(seconds, places: 2))"
        let latency = [("p50", 0.5), ("p99", 0.99)].compactMap { name, share in
            tally.latency.quantile(share).map { "\(name) \(decimal($0 / .milliseconds(1), places: 1)) ms" }
        }
        var speed = "\(recordRate) records/s, \(tally.retried) requests sent again"
        if !latency.isEmpty { speed += ", answers after " + latency.joined(separator: ", ") }
        return speed + "\n" + total
    }

    /// One JSON object with acknowledged records by topic and by stream.
    package func json(_ destinations: [PostingDestination]) -> String {
        func counts(_ interface: PostingInterface) -> String {
            destinations.filter { $0.interface == interface }
                .map { "\"\($0.name)\":\(tally.acknowledgedByDestination[$0, default: 0])" }
                .joined(separator: ",")
        }
        return "{\"sent\":\(tally.sent),\"acknowledged\":\(tally.acknowledged),\"failed\":\(tally.failed),"
            + "\"retried\":\(tally.retried),\"seconds\":\(decimal(seconds, places: 3)),"
            + "\"topics\":{\(counts(.kafka))},\"streams\":{\(counts(.kinesis))}}"
    }

    /// One line on how far the run is.
    package var progress: String {
        let rate = "\(recordRate) records/s"
        let trouble =
            (tally.retried > 0 ? ", \(tally.retried) sent again" : "")
            + (tally.failed > 0 ? ", \(tally.failed) failed" : "")
        guard let posts, posts > 0 else { return "\(tally.posts) posts, \(rate)\(trouble)" }
        return "\(tally.posts) of \(posts) posts, \(rate)\(trouble)"
    }

    /// The same as a bar, for a terminal.
    package func progressBar(width: Int = 30) -> String {
        guard let posts, posts > 0 else { return progress }
        let filled = min(width, width * tally.posts / posts)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        return "[\(bar)] \(100 * tally.posts / posts) %  \(progress)"
    }
}

/// A number with so many places after the point, rounded.
func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "0" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    var digits: [UInt8] = scaled > 0 && value < 0 ? [UInt8(ascii: "-")] : []
    digits.appendDecimal(scaled / scale)
    if places > 0 {
        digits.append(UInt8(ascii: "."))
        digits.appendDecimal(scaled % scale, width: places)
    }
    return String(decoding: digits, as: UTF8.self)
}
