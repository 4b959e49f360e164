import KafkaWire
import LogStorage

// How the log's errors are called in the Kafka protocol.

extension KafkaErrorCode {
    /// What a producer is told.
    init(_ code: BatchRefusal.Code) {
        self =
            switch code {
            case .corruptBatch: .corruptMessage
            case .invalidRecord: .invalidRecord
            case .unsupportedFormat: .unsupportedForMessageFormat
            case .unsupportedCompression: .unsupportedCompressionType
            case .batchTooLarge: .messageTooLarge
            case .unknownPartition: .unknownTopicOrPartition
            case .outOfOrderSequence: .outOfOrderSequenceNumber
            case .duplicateSequence: .duplicateSequenceNumber
            case .staleProducerEpoch: .invalidProducerEpoch
            case .unknownProducer: .unknownProducerID
            case .invalidTransactionState: .invalidTxnState
            // Every client takes it for "nothing was stored, send it again after retry.backoff.ms", without asking
            // for metadata first and without doubt about what was stored, as a time-out would leave it.
            case .overloaded: .notEnoughReplicas
            // Clients send again as well, but look first whether another broker leads the partition by now.
            case .diskFull, .failed: .kafkaStorageError
            case .closed: .notLeaderOrFollower
            }
    }

    /// What everybody else is told.
    init(_ code: LogStorageError.Code) {
        self =
            switch code {
            case .offsetOutOfRange: .offsetOutOfRange
            case .corrupted, .diskFull, .inputOutput, .inUse: .kafkaStorageError
            case .unknownPartition: .unknownTopicOrPartition
            case .topicExists: .topicAlreadyExists
            case .invalidTopicName: .invalidTopic
            case .invalidPartitionCount: .invalidPartitions
            case .invalidConfiguration: .invalidConfig
            case .limitReached: .policyViolation
            case .closed: .notLeaderOrFollower
            }
    }
}
