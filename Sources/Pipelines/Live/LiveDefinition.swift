/// What `pipeline.yaml` says under `live`: the windows, what is joined, which column tells when something happened.
package struct LiveDefinition: Sendable, Equatable {
    /// From the shortest to the longest.
    package var windows: [LiveWindow]
    /// The position of the window that is meant where none is named.
    package var defaultWindow: Int
    package var joins: [LiveJoin]
    /// For tables that have one: the column that tells when a row's event happened.
    package var eventTimes: [String: String]
    package var recommendation: RecommendationRule?

    package init(
        windows: [LiveWindow] = LiveWindow.usual, defaultWindow: Int = 0, joins: [LiveJoin] = [],
        eventTimes: [String: String] = [:], recommendation: RecommendationRule? = nil
    ) {
        self.windows = windows
        self.defaultWindow = defaultWindow
        self.joins = joins
        self.eventTimes = eventTimes
        self.recommendation = recommendation
    }

    static let maxWindows = 8
    static let maxJoins = 8
}

/// A span of time up to now that is counted in panes: whole panes leave it as time goes on.
package struct LiveWindow: Sendable, Equatable {
    package var name: String
    package var milliseconds: Int64
    package var paneMilliseconds: Int64

    package init(name: String, milliseconds: Int64, paneMilliseconds: Int64) {
        self.name = name
        self.milliseconds = milliseconds
        self.paneMilliseconds = paneMilliseconds
    }

    /// A minute, five minutes, an hour, a day.
    package static let usual = [
        LiveWindow(name: "1m", milliseconds: 60_000, paneMilliseconds: 1_000),
        LiveWindow(name: "5m", milliseconds: 300_000, paneMilliseconds: 5_000),
        LiveWindow(name: "1h", milliseconds: 3_600_000, paneMilliseconds: 60_000),
        LiveWindow(name: "1d", milliseconds: 86_400_000, paneMilliseconds: 600_000),
    ]

    static let maxPanes: Int64 = 1_000
    static let maxMilliseconds: Int64 = 400 * 86_400_000

    var panes: Int { Int(milliseconds / paneMilliseconds) }

    /// The beginning of the pane that a time lies in.
    func pane(of time: Int64) -> Int64 { time &- Self.remainder(time, paneMilliseconds) }

    /// The beginning of the oldest pane that belongs to the window now.
    func begin(at now: Int64) -> Int64 { pane(of: now &- milliseconds) &+ paneMilliseconds }

    private static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    /// Milliseconds of a text such as `500ms`, `1s`, `5m`, `1h`, `1d`.
    static func milliseconds(of text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let number = Int64(digits), number > 0, let unit = units[String(text.dropFirst(digits.count))]
        else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: unit)
        return overflows || product > maxMilliseconds ? nil : product
    }
}

/// Rows of several tables with one key, which arrive one after the other: the first ones are remembered for a while.
package struct LiveJoin: Sendable, Equatable {
    package struct Part: Sendable, Equatable {
        package var table: String
        package var key: String
        package var columns: [String]

        package init(table: String, key: String, columns: [String]) {
            self.table = table
            self.key = key
            self.columns = columns
        }
    }

    /// What SQL calls the joined rows.
    package var name: String
    package var parts: [Part]
    /// How long a row waits for its partners.
    package var keepMilliseconds: Int64
    /// The most rows of each table that are remembered; the oldest are forgotten first.
    package var maxRows: Int

    package init(name: String, parts: [Part], keepMilliseconds: Int64, maxRows: Int) {
        self.name = name
        self.parts = parts
        self.keepMilliseconds = keepMilliseconds
        self.maxRows = maxRows
    }

    /// The columns of the joined rows: the key, those of the parts, and when the last partner arrived.
    var columns: [String] { [parts[0].key] + parts.flatMap(\.columns) + [Self.arrival] }

    static let arrival = "arrived_at"
    static let maxRowsAllowed = 10_000_000
}

/// How rows of a metric become recommendations.
package struct RecommendationRule: Sendable, Equatable {
    package var metric: String
    package var window: Int
    /// What a viewer may be asked by, from what is given up last to what is given up first.
    package var by: [String]
    /// Measures (or `<measure>_growth`) and how much each counts.
    package var weights: [Weight]

    package struct Weight: Sendable, Equatable {
        package var measure: String
        package var factor: Double
    }
}
