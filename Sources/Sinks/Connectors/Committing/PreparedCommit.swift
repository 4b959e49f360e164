import ObjectStore
import StreamModel

/// An object whose content is fixed.
struct PreparedObject: Sendable {
    var key: ObjectKey
    var content: SpoolContent
    var start: Offset
    /// The offset of the last record.
    var end: Offset
    var recordCount: Int
    var contentType: String?
}

/// What a topic partition's position waits for: objects to be stored, and records to be set aside.
struct PreparedCommit: Sendable {
    var partition: TopicPartition
    var topic: TopicID
    var objects: [PreparedObject]
    var letters: [ErrantRecord]
    /// The next offset that is in no object and was not left out; nil if it does not change.
    var next: Offset?

    /// The memory and disk it takes while it waits.
    var heldBytes: Int {
        objects.reduce(0) { $0 + Int(clamping: $1.content.size) } + letters.reduce(0) { $0 + $1.bytes }
    }
}
