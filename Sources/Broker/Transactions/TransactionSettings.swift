/// Limits of the transaction coordinator; names are Kafka's where Kafka has the key.
package struct TransactionSettings: Sendable, Equatable {
    /// `kafka.transaction.max.timeout.ms` (milliseconds, default: 900000 = 15 minutes): the longest time-out a producer may
    /// ask for; past it InitProducerId is refused.
    package var maxTimeoutMilliseconds: Int32 = 900_000
    /// `kafka.transactional.id.expiration.ms` (milliseconds, default: 604800000 = 7 days): a transactional id that nobody
    /// has used for so long is forgotten.
    package var expirationMilliseconds: Int64 = 7 * 86_400_000
    /// `kafka.transactional.id.max.count` (default: 1000000): past it InitProducerId with a new transactional id is refused
    /// as a violation of policy.
    package var maxTransactionalIDs = 1_000_000
    /// `kafka.transaction.max.groups` (default: 1000): groups whose offsets one transaction may commit; past it
    /// AddOffsetsToTxn is refused as a violation of policy.
    package var maxGroupsPerTransaction = 1_000

    package init() {}
}
