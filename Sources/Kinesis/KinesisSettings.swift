/// What the Kinesis interface does and allows.
package struct KinesisSettings: Sendable, Equatable {
    /// `kinesis.region` (default: us-east-1): the region whose streams have the names of their topics.
    package var region = "us-east-1"
    /// `kinesis.account.id` (default: 000000000000): the account in names of resources and in messages.
    package var accountID = "000000000000"
    /// `kinesis.credentials.file` (file, default: none): access keys as AWS hands them out (CSV); every request must
    /// then be signed with one of them.
    package var credentialsFile: String?
    /// `kinesis.shard.limits.enabled` (bool, default: false): refuses more than 1 MiB or 1,000 records a second to one
    /// shard, as Kinesis does.
    package var shardLimitsEnabled = false
    /// `kinesis.max.shards` (default: 6000): open shards of all streams of a region.
    package var maxShards = 6000
    /// `kinesis.max.consumers.per.stream` (default: 20): registered consumers of a stream.
    package var maxConsumersPerStream = 20
    /// `kinesis.max.subscriptions` (default: 1000): calls of SubscribeToShard that are open at once.
    package var maxSubscriptions = 1000
    /// `kinesis.io.threads` (default: 4): threads that read records for GetRecords and SubscribeToShard.
    package var ioThreads = 4

    package init() {}
}
