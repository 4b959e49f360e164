import KafkaWire
import LogStorage

/// Why a part of an administration request was refused, as the client is told.
struct AdministrationError: Error, Equatable {
    var code: KafkaErrorCode
    var message: String?

    init(_ code: KafkaErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }

    /// What the log could not do.
    init(_ error: LogStorageError) {
        self.init(error.code == .closed ? .notController : KafkaErrorCode(error.code), error.message)
    }

    static let unknownTopic = AdministrationError(
        .unknownTopicOrPartition, "This server does not host this topic-partition.")
    static let unknownTopicID = AdministrationError(
        .unknownTopicID, "This server does not host this topic ID.")
    static let topicAuthorization = AdministrationError(
        .topicAuthorizationFailed, "Topic authorization failed.")
    static let clusterAuthorization = AdministrationError(
        .clusterAuthorizationFailed, "Cluster authorization failed.")
    static let timedOut = AdministrationError(
        .requestTimedOut, "The time that the request allows was over before this part was done.")
}
