import CRdKafka
import KafkaWire

/// Administers a Kafka server: topics, consumer groups, access rights.
///
/// Every call blocks until the server has answered or the settings' time is over.
package final class KafkaAdmin {
    let handle: KafkaClientHandle
    private let settings: KafkaClientSettings
    private var connection: DirectConnection?

    /// Connects.
    ///
    /// - Throws: `invalidSettings`, `unreachable`, `loginFailed`.
    package init(_ settings: KafkaClientSettings) throws(RemoteLogError) {
        self.settings = settings
        handle = try KafkaClientHandle(settings)
        try handle.connect()
    }

    /// Asks what librdkafka cannot ask, over a connection of our own.
    func call<Call: KafkaCall>(_ call: Call) throws(RemoteLogError) -> Call.Answer {
        let direct = if let connection { connection } else { try DirectConnection(settings) }
        connection = direct
        return try direct.call(call)
    }

    /// - Throws: if the server did not do what it was asked for.
    static func check(_ verdict: KafkaVerdict, of subject: String) throws(RemoteLogError) {
        guard !verdict.isSuccess else { return }
        throw KafkaClientHandle.error(
            rd_kafka_resp_err_t(rawValue: Int32(verdict.code)), verdict.message
        ).about(subject)
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
