import CRdKafka

/// Administers a Kafka server: topics, consumer groups, access rights.
///
/// Every call blocks until the server has answered or the settings' time is over.
package final class KafkaAdmin {
    let handle: KafkaClientHandle

    /// Connects.
    ///
    /// - Throws: `invalidSettings`, `unreachable`, `loginFailed`.
    package init(_ settings: KafkaClientSettings) throws(RemoteLogError) {
        handle = try KafkaClientHandle(settings)
        try handle.connect()
    }

    /// The version of librdkafka.
    package static var libraryVersion: String { String(cString: rd_kafka_version_str()) }
}

/// The pointers of an array that librdkafka hands out.
func pointers(_ start: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int) -> [OpaquePointer] {
    UnsafeBufferPointer(start: start, count: start == nil ? 0 : count).compactMap { $0 }
}

func text(_ characters: UnsafePointer<CChar>?) -> String? {
    characters.map { String(cString: $0) }
}
