/// A record as it lies in a topic.
package struct KafkaRecord: Equatable {
    package struct Header: Equatable {
        package var name: String
        package var value: [UInt8]?

        package init(name: String, value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    package var topic: String
    /// Nil leaves the choice to the client, as its key says.
    package var partition: Int32?
    package var offset: Int64
    /// Milliseconds since 1970.
    package var timestamp: Int64
    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: [Header]

    package init(
        topic: String, partition: Int32?, offset: Int64 = 0, timestamp: Int64, key: [UInt8]?, value: [UInt8]?,
        headers: [Header]
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}
