import StreamModel

/// Why the stream job cannot go on, or not with a partition.
package struct StreamFailure: Error, Sendable, CustomStringConvertible {
    /// What the job can do about it.
    package enum Code: Sendable {
        /// The log lost records that are in tables.
        case lostTail
        /// A file of the job cannot be written.
        case inputOutput
        /// The pipeline's SQL is wrong; only another text helps.
        case invalidSQL
        /// A table has other columns than cleaning gives, or is another one than before.
        case tableChanged
        /// The job is stopping.
        case stopped
        /// DuckDB is missing or cannot be used.
        case unavailable
    }

    package var code: Code
    /// What happened and how to put it right; one line.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    static func lostTail(_ partition: TopicPartition, end: Offset, position: Offset) -> StreamFailure {
        StreamFailure(
            .lostTail,
            "\(partition): the log ends at \(end), but tables hold records up to \(position): the log lost its "
                + "last records. New ones are read when it has grown past that")
    }
}
