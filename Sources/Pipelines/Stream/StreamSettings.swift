/// The settings of the stream job.
package struct StreamSettings: Sendable, Equatable {
    /// `stream.enabled` (bool, default: true): keeps the tables up to date while the server runs.
    package var isEnabled = true
    /// `stream.freshness.ms` (milliseconds, default: 1000): new rows are committed to their tables after this time.
    package var freshnessMilliseconds: Int64 = 1000
    /// `stream.commit.max.rows` (rows, default: 200000): so many new rows are committed at once, whatever the clock
    /// says.
    package var maxRowsPerCommit = 200_000
    /// `stream.batch.interval.ms` (milliseconds, default: 40): the least time from one micro-batch to the next; lets
    /// records gather, since a micro-batch has a fixed cost.
    package var batchIntervalMilliseconds: Int64 = 40
    /// `stream.batch.max.bytes` (bytes, default: 4194304): records are read until a micro-batch has this many.
    package var maxBatchBytes = 4 << 20
    /// `stream.max.pending.bytes` (bytes, default: 134217728): reading waits while this many wait to be committed.
    package var maxPendingBytes = 128 << 20
    /// `stream.engine.memory.bytes` (bytes, default: 536870912): the most memory of the engine that cleans and writes.
    package var engineMemoryBytes = 512 << 20
    /// `stream.repeats.window.ms` (milliseconds, default: -1): how long a row is remembered, so that its exact repeats
    /// are dropped; -1 stands for the table's whole life.
    package var repeatsWindowMilliseconds: Int64 = -1
    /// `stream.repeats.max.memory.bytes` (bytes, default: 1073741824): the most memory to remember rows of one table
    /// in, some 20 bytes a row; the oldest eighth is forgotten when it is used up.
    package var maxRepeatsBytes = 1 << 30
    /// `stream.snapshot.interval.ms` (milliseconds, default: 5000): how often what observers know is written down.
    package var snapshotIntervalMilliseconds: Int64 = 5000
    /// `stream.retry.backoff.ms` (milliseconds, default: 1000): pause after a commit has failed or a partition could
    /// not be read.
    package var retryBackoffMilliseconds: Int64 = 1000
    /// `stream.upkeep.commits` (commits, default: 10): a table is tended when it had so many commits since the last
    /// time: small files are put together, a checkpoint is made.
    package var commitsPerUpkeep = 10

    package init() {}
}
