/// Decides when the open files of a topic partition are committed, in the order of Confluent's sink.
struct RecordRotation {
    /// What a record is compared by.
    struct Record {
        /// What the timestamp extractor says; nil without a time-based partitioner.
        var time: Int64?
        /// The encoded partition.
        var path: String
    }

    private let flushSize: Int
    private let interval: Int64
    private let scheduleInterval: Int64
    private let rotatesOnPartitionChange: Bool
    private let isWallclock: Bool
    private var zone: ZoneOffsets

    /// Records in all open files.
    private(set) var recordCount = 0
    /// The time of the first record since the last commit.
    private var firstTime: Int64?
    private var lastPath: String?
    private var scheduled: Int64?

    init(_ configuration: S3SinkConfiguration, zone: ZoneOffsets, now: Int64) {
        flushSize = configuration.flushSize
        interval = configuration.partitioner == .time ? configuration.rotateInterval : -1
        scheduleInterval = configuration.rotateScheduleInterval
        rotatesOnPartitionChange = configuration.rotatesOnPartitionChange
        isWallclock = configuration.extractor == .wallclock
        self.zone = zone
        schedule(now)
    }

    private mutating func schedule(_ now: Int64) {
        guard scheduleInterval > 0 else { return }
        scheduled = zone.nextScheduled(after: now, every: scheduleInterval)
    }

    /// A record has come, and may count as the first since the last commit.
    mutating func met(_ time: Int64?) {
        if firstTime == nil { firstTime = time }
    }

    /// Whether time asks for a commit before this record is written.
    mutating func isDue(before record: Record, now: Int64) -> Bool {
        guard recordCount > 0 else {
            if let scheduled, now >= scheduled { schedule(now) }
            return false
        }
        if let scheduled, now >= scheduled { return true }
        guard interval > 0, let time = record.time, let firstTime else { return false }
        if rotatesOnPartitionChange, record.path != lastPath { return true }
        let (passed, overflows) = time.subtractingReportingOverflow(firstTime)
        return overflows ? time > firstTime : passed >= interval
    }

    /// Whether time asks for a commit although no record has come.
    mutating func isDue(now: Int64) -> Bool {
        guard recordCount > 0 else {
            if let scheduled, now >= scheduled { schedule(now) }
            return false
        }
        return nextDue.map { now >= $0 } ?? false
    }

    /// When the clock will ask for a commit; nil if it will not.
    var nextDue: Int64? {
        guard recordCount > 0 else { return nil }
        let passed =
            interval > 0 && isWallclock ? firstTime.map { $0.addingReportingOverflow(interval) } : nil
        let byInterval = passed.flatMap { $0.overflow ? nil : $0.partialValue }
        return [byInterval, scheduled].compactMap(\.self).min()
    }

    /// A record was written; true if the files are full.
    mutating func wrote(to path: String) -> Bool {
        recordCount += 1
        if lastPath != path { lastPath = path }
        return recordCount >= flushSize
    }

    /// The files were committed.
    ///
    /// - Parameter byTime: the schedule begins anew then.
    mutating func committed(byTime: Bool, now: Int64) {
        recordCount = 0
        firstTime = nil
        if byTime { schedule(now) }
    }
}
