/// One measured value, named as Prometheus has it.
package struct MetricSample: Sendable {
    package enum Kind: String, Sendable { case counter, gauge }

    package var name: String
    package var help: String
    package var kind: Kind
    package var labels: [(name: String, value: String)]
    package var value: Double

    package init(
        _ name: String, _ kind: Kind, help: String, labels: [(name: String, value: String)] = [],
        value: Double
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.value = value
    }
}

/// A part that can be measured.
package protocol MetricSource: Sendable {
    /// Its values now; called at each scrape, from any thread.
    func samples() -> [MetricSample]
}

/// Whether a part does its work.
package struct PartStatus: Sendable, Equatable {
    package var part: String
    package var isReady: Bool
    /// What it waits for or suffers from, in words.
    package var detail: String

    package init(part: String, isReady: Bool, detail: String) {
        self.part = part
        self.isReady = isReady
        self.detail = detail
    }
}

/// A part that can say whether it does its work.
package protocol StatusSource: Sendable {
    func status() -> PartStatus
}
