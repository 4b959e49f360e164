import NIOCore
import StreamModel

/// A record that cannot be stored, and why.
struct ErrantRecord: Sendable {
    enum Stage: String, Sendable {
        case key = "KEY_CONVERTER"
        case value = "VALUE_CONVERTER"
        case header = "HEADER_CONVERTER"
        case put = "TASK_PUT"
    }

    var partition: TopicPartition
    var offset: Offset
    var timestamp: Int64
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [RecordHeader]
    var stage: Stage
    var reason: String

    /// What it takes beside its bytes, about.
    private static let overhead = 256

    init(_ record: borrowing RecordView, of partition: TopicPartition, stage: Stage, reason: String) {
        self.partition = partition
        offset = record.offset
        timestamp = record.timestamp
        key = record.key.map { Array($0) }
        value = record.value.map { Array($0) }
        headers = record.headers
        self.stage = stage
        self.reason = reason
    }

    var bytes: Int { (key?.count ?? 0) + (value?.count ?? 0) + reason.utf8.count + Self.overhead }

    /// The record for the dead-letter topic: as it was, with origin and reason in headers if they are asked for.
    func asRecord(connector: String, task: Int, contextHeaders: Bool) -> RecordList {
        var bytes = ByteBuffer()
        var keySlice: RecordList.Slice?
        var valueSlice: RecordList.Slice?
        if let key {
            keySlice = RecordList.Slice(start: 0, count: key.count)
            bytes.writeBytes(key)
        }
        if let value {
            valueSlice = RecordList.Slice(start: bytes.readableBytes, count: value.count)
            bytes.writeBytes(value)
        }
        let entry = RecordList.Entry(
            key: keySlice, value: valueSlice,
            headers: headers + (contextHeaders ? context(connector, task) : []),
            timestamp: timestamp >= 0 ? timestamp : nil)
        return RecordList(bytes: bytes, entries: [entry])
    }

    private func context(_ connector: String, _ task: Int) -> [RecordHeader] {
        let texts = [
            ("topic", partition.topic.rawValue), ("partition", "\(partition.partition)"),
            ("offset", "\(offset)"),
            ("connector.name", connector), ("task.id", "\(task)"), ("stage", stage.rawValue),
            ("class.name", className), ("exception.class.name", exceptionName),
            ("exception.message", reason),
            ("exception.stacktrace", "\(exceptionName): \(reason)"),
        ]
        return texts.map { RecordHeader(name: "__connect.errors.\($0)", value: Array($1.utf8)) }
    }

    private var className: String {
        switch stage {
        case .put: "org.apache.kafka.connect.sink.SinkTask"
        case .key, .value, .header: "org.apache.kafka.connect.storage.Converter"
        }
    }

    private var exceptionName: String {
        stage == .put
            ? "org.apache.kafka.connect.errors.ConnectException"
            : "org.apache.kafka.connect.errors.DataException"
    }
}
