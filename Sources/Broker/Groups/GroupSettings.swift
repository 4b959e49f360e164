/// The limits of groups and their committed offsets; names are Kafka's where Kafka has the key.
package struct GroupSettings: Sendable, Equatable {
    /// `kafka.group.initial.rebalance.delay.ms`: how long the first member of an empty group waits for others.
    ///
    /// Kafka waits for three seconds. Consumers that are started together come within milliseconds, and a lone one
    /// should not wait; each new member within the delay prolongs it.
    package var initialRebalanceDelayMilliseconds: Int64 = 100
    /// `kafka.group.min.session.timeout.ms`: a member that asks for less is refused with INVALID_SESSION_TIMEOUT.
    package var minSessionTimeoutMilliseconds: Int32 = 6000
    /// `kafka.group.max.session.timeout.ms`: a member that asks for more is refused with INVALID_SESSION_TIMEOUT.
    package var maxSessionTimeoutMilliseconds: Int32 = 1_800_000
    /// `kafka.group.max.size`: members of one group; the next is refused with GROUP_MAX_SIZE_REACHED.
    package var maxSize = 1000
    /// `kafka.group.max.count`: groups with members or committed offsets; the next is refused with POLICY_VIOLATION.
    package var maxGroups = 10_000
    /// `kafka.group.max.metadata.bytes`: what a member may tell of itself, or be assigned; past it MESSAGE_TOO_LARGE.
    package var maxMetadataBytes = 1 << 20
    /// `kafka.offset.metadata.max.bytes`: the note beside a committed offset; past it OFFSET_METADATA_TOO_LARGE.
    package var offsetMetadataMaxBytes = 4096
    /// `kafka.offsets.retention.minutes`: how long the offsets of a group without members are kept.
    package var offsetsRetentionMinutes: Int64 = 10_080
    /// `kafka.offsets.retention.check.interval.ms`: how often offsets are looked through for such.
    package var retentionCheckMilliseconds: Int64 = 600_000
    /// `kafka.group.max.lag.series`: partitions of groups whose lag `/metrics` shows; the others are counted.
    package var maxLagSeries = 5000

    package init() {}
}
