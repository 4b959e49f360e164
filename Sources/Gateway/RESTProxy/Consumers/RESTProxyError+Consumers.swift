import StreamModel

extension RESTProxyError {
    static let instanceNotFound = RESTProxyError(.instanceNotFound, "Consumer instance not found.")
    static let instanceExists = RESTProxyError(
        .instanceExists,
        "Consumer with specified consumer ID already exists in the specified consumer group.")
    static let formatMismatch = RESTProxyError(
        .formatMismatch,
        "The requested embedded data format does not match the deserializer for this consumer instance")
    static let topicNotFound = RESTProxyError(.topicNotFound, "Topic not found.")
    static let partitionNotFound = RESTProxyError(.partitionNotFound, "Partition not found.")
    static let closing = RESTProxyError(
        .brokerNotAvailable, "the server is being shut down: try again", retryAfter: 1)

    /// What a consumer says, in the proxy's codes.
    init(_ error: ConsumerError) {
        switch error.code {
        case .closed: self = .instanceNotFound
        case .cancelled: self = .closing
        case .invalidConfiguration:
            self.init(
                .invalidConsumerConfiguration, "Invalid consumer configuration: " + error.message)
        case .invalidPattern: self.init(.invalidRequest, "topic_pattern: " + error.message)
        case .illegalState: self = .illegalState(error.message)
        case .unknownPartition: self = .partitionNotFound
        case .unreadableRecord: self.init(.unreadableRecord, error.message)
        case .rebalancing: self.init(.retriableKafkaError, "Kafka error: " + error.message)
        case .denied: self.init(.forbidden, error.message)
        case .noOffset, .offsetOutOfRange, .notAMember, .groupRefused, .offsetRefused, .failed:
            self.init(.kafkaError, "Kafka error: " + error.message)
        }
    }

    static func illegalState(_ detail: String) -> RESTProxyError {
        RESTProxyError(.illegalState, "Illegal state: " + detail)
    }

    /// What the cluster says of topics and partitions, in the proxy's codes.
    init(_ error: ClusterError) {
        switch error.code {
        case .unknownTopic: self = .topicNotFound
        case .unknownPartition: self = .partitionNotFound
        case .notFound: self = .notFound
        case .topicExists, .refused: self.init(.kafkaBadRequest, error.message)
        case .denied: self.init(.forbidden, error.message)
        case .unavailable: self.init(.retriableKafkaError, "Kafka error: " + error.message)
        case .failed: self.init(.kafkaError, "Kafka error: " + error.message)
        }
    }
}
