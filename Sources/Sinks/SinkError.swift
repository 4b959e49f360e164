import StreamModel

/// Why a sink cannot go on with a partition.
struct SinkError: Error, Equatable, CustomStringConvertible {
    /// What happened, to which partition, and how to put it right.
    var description: String

    /// The log ends before what is in objects already.
    static func lostTail(of partition: TopicPartition, _ end: Offset, _ position: Offset) -> SinkError {
        SinkError(
            description: "the log of \(partition) ends at offset \(end), but objects hold its records up to "
                + "\(position): it has lost its tail, as a power cut can do unless log.flush is commit. Stop the "
                + "server, and move state.sqlite and the partition's objects away to have them made anew.")
    }

    static func nameTooLong(_ partition: TopicPartition) -> SinkError {
        SinkError(
            description:
                "the objects of \(partition) would have names of over \(ObjectNaming.maxNameBytes) bytes: "
                + "its records stay in the log; use a shorter topic name.")
    }
}
