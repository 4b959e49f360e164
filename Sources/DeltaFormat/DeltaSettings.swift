/// How tables are written and kept up. What a table's own properties say goes before these.
package struct DeltaSettings: Sendable {
    /// Codecs of Parquet files.
    package enum Compression: String, Sendable, CaseIterable {
        case snappy, zstd, uncompressed
    }

    /// Who merges small files and makes checkpoints.
    package enum Upkeep: Sendable {
        /// `append` itself, once its commit is durable.
        case afterCommit
        /// Whoever calls `upkeep()`, so that no append waits for it.
        case byCaller
    }

    package var compression = Compression.snappy
    package var upkeep = Upkeep.afterCommit
    /// Commits between two checkpoints (`delta.checkpointInterval`).
    package var checkpointInterval: Int64 = 10
    /// Files below this size are merged with others of about their size.
    package var smallFileBytes: Int64 = 64 << 20
    /// So many files of about one size are merged into one; 0 for never.
    package var filesToMerge = 16
    /// Most bytes of files that one commit merges.
    package var maxMergeBytes: Int64 = 256 << 20
    /// Most times a commit is tried again after another writer took its version.
    package var maxCommitAttempts = 1000
    /// Most columns with statistics (`delta.dataSkippingNumIndexedCols`).
    package var statisticsColumns = 32
    /// Names this program in the table's history.
    package var engineInfo = "Pinline"

    package init() {}
}
