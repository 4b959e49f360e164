/// What became of the records of a run.
package struct EmulationTally: Sendable, Equatable {
    /// Records that were sent at least once and whose fate is settled.
    package var sent: Int { acknowledged + failed }
    /// Records that the server has taken.
    package private(set) var acknowledged = 0
    package private(set) var failed = 0
    /// Requests that were sent again.
    package private(set) var retried = 0
    /// Posts all of whose rows are settled.
    package private(set) var posts = 0
    package private(set) var acknowledgedByDestination: [PostingDestination: Int] = [:]
    package private(set) var latency = LatencyHistogram()
    /// The first few complaints, each once.
    package private(set) var complaints: [String] = []
    package static let maxComplaints = 5

    package init() {}

    package mutating func settle(_ answer: PostingVerdict, records: Int, to destination: PostingDestination) {
        acknowledged += answer.acknowledged
        failed += records - answer.acknowledged
        acknowledgedByDestination[destination, default: 0] += answer.acknowledged
        if let complaint = answer.complaint { add(complaint, destination.table) }
    }

    package mutating func settleUnanswered(_ reason: String, records: Int, to destination: PostingDestination)
    {
        failed += records
        add(reason, destination.table)
    }

    package mutating func requestTook(_ duration: Duration) { latency.record(duration) }

    package mutating func requestWasRepeated() { retried += 1 }

    package mutating func postsAreDone(_ count: Int) { posts += count }

    private mutating func add(_ complaint: String, _ table: EmulatedTable) {
        let line = "\(table.rawValue): \(complaint)"
        guard complaints.count < EmulationTally.maxComplaints, !complaints.contains(line) else { return }
        complaints.append(line)
    }
}
