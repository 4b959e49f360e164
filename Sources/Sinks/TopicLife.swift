package import StreamModel

/// One of the topics that have had a name, one after the other.
package struct TopicLife: Sendable, Hashable {
    /// Nil for a topic that was gone before its id was written down.
    package var id: TopicID?
    /// 0 for the first; the others have it in the names of their objects, so that none of an earlier topic is
    /// written over.
    package var number: Int

    package init(id: TopicID?, number: Int = 0) {
        self.id = id
        self.number = number
    }
}
