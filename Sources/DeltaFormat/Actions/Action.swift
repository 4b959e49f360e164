/// One line of a commit.
enum Action: Equatable, Sendable {
    case add(AddFile)
    case remove(RemoveFile)
    case metadata(TableMetadata)
    case tableProtocol(TableProtocol)
    case transaction(AppTransaction, lastUpdated: Int64?)
    case commitInfo(CommitInfo)
    /// Something that says nothing of which rows the table has, by its name.
    case other(String)
}

/// A file that the table has from this commit on.
package struct AddFile: Equatable, Sendable {
    /// As the log has it: relative to the table and percent-encoded.
    package var path: String
    /// Where it lies below the table's folder.
    package var name: String { PathText.decoded(path) }
    /// The text of each partition column; nil for NULL.
    package var partitionValues: [String: String?]
    package var size: Int64
    /// When it was written, in milliseconds since 1970.
    package var modificationTime: Int64
    /// False if the rows were in the table before, in other files.
    package var dataChange: Bool
    /// JSON; nil if there are none, or they were left in a checkpoint.
    package var statistics: String?
    package var tags: [String: String]?
    /// The file's rows without those that a bitmap elsewhere names; not known here.
    var hasDeletionVector = false

    package init(
        path: String, partitionValues: [String: String?] = [:], size: Int64, modificationTime: Int64,
        dataChange: Bool = true, statistics: String? = nil, tags: [String: String]? = nil
    ) {
        self.path = path
        self.partitionValues = partitionValues
        self.size = size
        self.modificationTime = modificationTime
        self.dataChange = dataChange
        self.statistics = statistics
        self.tags = tags
    }
}

/// A file that the table no longer has.
struct RemoveFile: Equatable, Sendable {
    var path: String
    var deletionTimestamp: Int64?
    var dataChange: Bool
    var partitionValues: [String: String?]?
    var size: Int64?
    var hasDeletionVector = false
}

/// What a table is: replaced whole by each change.
package struct TableMetadata: Equatable, Sendable {
    package var id: String
    package var name: String?
    package var description: String?
    /// Of files; `parquet` is the only one there is.
    package var format = "parquet"
    package var schemaJSON: String
    package var partitionColumns: [String]
    /// The table's properties.
    package var configuration: [String: String]
    package var createdTime: Int64?
}

/// What readers and writers of a table must know.
package struct TableProtocol: Equatable, Sendable {
    package var minReaderVersion: Int
    package var minWriterVersion: Int
    /// Named from reader version 3 on.
    package var readerFeatures: [String]?
    /// Named from writer version 7 on.
    package var writerFeatures: [String]?

    /// What the tables made here need.
    static let plain = TableProtocol(minReaderVersion: 1, minWriterVersion: 2)
}

/// What is told of a commit; nothing depends on it.
package struct CommitInfo: Equatable, Sendable {
    /// Milliseconds since 1970.
    package var timestamp: Int64?
    package var operation: String
    package var operationParameters: [String: String] = [:]
    package var operationMetrics: [String: String] = [:]
    package var isBlindAppend: Bool?
    package var engineInfo: String?
    /// Differs between any two tries of a commit.
    package var transactionID: String?
    /// The time of the commit where a table says that it counts (`delta.enableInCommitTimestamps`).
    var inCommitTimestamp: Int64?
}
