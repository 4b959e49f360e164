/// How many rows of one table came over each window, how late their events were, and how soon they were counted.
struct LiveRates: Sendable {
    struct Pane: Sendable {
        let begin: Int64
        var records: Int64 = 0
        /// From arrival to counted, in milliseconds.
        var latency = LogHistogram()
        /// From the event to arrival, in milliseconds.
        var lateness = LogHistogram()
    }

    struct Row: Sendable {
        var time: Int64
        var event: Int64?
    }

    let windows: [LiveWindow]
    /// For each window the panes that have rows, the oldest first.
    var panes: [[Pane]]
    /// Rows that were older than the longest window when they came.
    var older: Int64 = 0

    init(windows: [LiveWindow]) {
        self.windows = windows
        panes = Array(repeating: [], count: windows.count)
    }

    mutating func add(_ rows: [Row], now: Int64) {
        for (index, window) in windows.enumerated() {
            let begin = window.begin(at: now)
            panes[index].removeAll { $0.begin < begin }
            for row in rows {
                let time = min(row.time, now)
                guard time >= begin else {
                    if index == windows.count - 1 { older += 1 }
                    continue
                }
                let place = place(ofPaneAt: window.pane(of: time), in: index)
                panes[index][place].records += 1
                panes[index][place].latency.add(now - time)
                if let event = row.event {
                    panes[index][place].lateness.add(
                        row.time.subtractingReportingOverflow(event).partialValue)
                }
            }
        }
    }

    private mutating func place(ofPaneAt begin: Int64, in window: Int) -> Int {
        var place = panes[window].count
        while place > 0, panes[window][place - 1].begin > begin { place -= 1 }
        if place > 0, panes[window][place - 1].begin == begin { return place - 1 }
        panes[window].insert(Pane(begin: begin), at: place)
        return place
    }

    /// All rows of a window.
    func sum(over window: Int, now: Int64) -> Pane {
        let begin = windows[window].begin(at: now)
        var sum = Pane(begin: begin)
        for pane in panes[window] where pane.begin >= begin {
            sum.records += pane.records
            sum.latency.add(pane.latency)
            sum.lateness.add(pane.lateness)
        }
        return sum
    }
}
