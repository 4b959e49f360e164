package import StreamModel

/// The built-in sink's settings; key names are the S3 sink's.
package struct SinkSettings: Sendable, Equatable {
    /// `sink.flush.size` (records, default: 10000): most records in one object.
    package var flushSize = 10_000
    /// `sink.rotate.schedule.interval.ms` (milliseconds, default: 10000): an object is closed at the next multiple
    /// of this since 1970, even if no record arrives.
    package var rotateScheduleMilliseconds: Int64 = 10_000
    /// `sink.max.object.bytes` (bytes, default: 33554432): an object is closed when it has grown this large.
    package var maxObjectBytes = 32 << 20
    /// `sink.topics.dir` (text, default: topics): what object keys begin with.
    package var topicsDirectory = "topics"
    /// `sink.errors.deadletterqueue.topic.name` (topic, default: pinline.dead-letters): where records go that are
    /// no JSON, with reason and origin in their headers.
    package var deadLetterTopic = TopicName("pinline.dead-letters")
    /// `sink.retry.backoff.ms` (milliseconds, default: 5000): pause after the store has refused.
    package var retryBackoffMilliseconds: Int64 = 5_000

    package init() {}
}
