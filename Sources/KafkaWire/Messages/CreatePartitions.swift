// CreatePartitions (key 37), versions 0-3.

/// Asks for topics to get more partitions.
package struct CreatePartitionsRequest: KafkaRequest {
    package typealias Response = CreatePartitionsResponse
    package static let api = APIKey.createPartitions

    package struct Topic: Sendable, Equatable {
        package var name: String
        /// How many partitions the topic is to have in all.
        package var count: Int32
        /// The brokers of each new partition; nil leaves it to the server.
        package var assignments: [[Int32]]?

        package init(name: String, count: Int32, assignments: [[Int32]]? = nil) {
            self.name = name
            self.count = count
            self.assignments = assignments
        }
    }

    package var topics: [Topic]
    package var timeoutMilliseconds: Int32
    package var validateOnly: Bool

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        topics = try reader.array { reader throws(KafkaWireError) in
            let name = try reader.string()
            let count = try reader.int32()
            let assignments = try reader.nullableArray { reader throws(KafkaWireError) in
                let brokers = try reader.array { reader throws(KafkaWireError) in try reader.int32() }
                try reader.skipTaggedFields()
                return brokers
            }
            try reader.skipTaggedFields()
            return Topic(name: name, count: count, assignments: assignments)
        }
        timeoutMilliseconds = try reader.int32()
        validateOnly = try reader.bool()
        try reader.skipTaggedFields()
    }
}

package struct CreatePartitionsResponse: KafkaResponse {
    package struct Result: Sendable, Equatable {
        package var name: String
        package var error: KafkaErrorCode
        package var errorMessage: String?

        package init(name: String, error: KafkaErrorCode, errorMessage: String? = nil) {
            self.name = name
            self.error = error
            self.errorMessage = errorMessage
        }
    }

    package var results: [Result]

    package init(results: [Result]) {
        self.results = results
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(results) { writer, result in
            writer.string(result.name)
            writer.error(result.error)
            writer.nullableString(result.errorMessage)
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
