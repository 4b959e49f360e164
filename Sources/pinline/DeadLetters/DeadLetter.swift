import RemoteLogs

/// A record of a dead-letter topic: what it was, where it came from, and why it is here.
struct DeadLetter {
    /// What the names of headers begin with that tell origin and reason, as Kafka Connect writes them.
    static let prefix = "__connect.errors."

    let record: KafkaRecord

    /// The value of a header of Kafka Connect's; the last one counts, as after several failures.
    func context(_ name: String) -> String? {
        record.headers.last { $0.name == Self.prefix + name }?.value.map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    var topic: String? { context("topic") }
    var partition: Int32? { context("partition").flatMap { Int32($0) } }
    var offset: Int64? { context("offset").flatMap { Int64($0) } }
    var reason: String? { context("exception.message") }
    var connector: String? { context("connector.name") }

    /// The record as it was in its topic.
    func restored(to topic: String, partition: Int32?) -> KafkaRecord {
        KafkaRecord(
            topic: topic, partition: partition, timestamp: record.timestamp, key: record.key,
            value: record.value, headers: record.headers.filter { !$0.name.hasPrefix(Self.prefix) })
    }
}
