import StreamModel
import Synchronization

extension CommitLog {
    /// A topic's partitions, in order.
    ///
    /// One that has got more of them is a new `Topic` with the old partitions in it.
    final class Topic: Sendable {
        let name: TopicName
        let id: TopicID
        let settings: TopicSettings
        let partitions: [PartitionLog]
        /// Where the next record without a key goes, in a topic with several partitions.
        let turn = Atomic<Int>(0)

        init(name: TopicName, id: TopicID, settings: TopicSettings, partitions: [PartitionLog]) {
            self.name = name
            self.id = id
            self.settings = settings
            self.partitions = partitions
        }

        var description: TopicDescription {
            TopicDescription(
                name: name, id: id, partitionCount: partitions.count, configuration: settings.configuration)
        }
    }
}
