import JSONText
import StreamModel

// /connectors/{c}: how it does, the topics it has read, and where it stands in them.
extension ConnectAPI {
    static let state: [Operation] = [
        Operation(
            "GET", ["connectors", "*", "status"],
            { _, worker, request in
                let status = try worker.status(of: request.path[1])
                return .json { $0.status(status) }
            }
        ),
        Operation(
            "GET", ["connectors", "*", "tasks", "*", "status"],
            { _, worker, request in
                let name = request.path[1]
                let task = try? worker.status(of: name).tasks.first { "\($0.number)" == request.path[3] }
                guard let task else {
                    throw ConnectError(.notFound, "No status found for task \(name)-\(request.path[3])")
                }
                return .json { $0.task(task, workerID: worker.workerID) }
            }
        ),
        // Not Kafka Connect's: lag, open files and the next flush of each partition.
        Operation(
            "GET", ["connectors", "*", "progress"],
            { _, worker, request in
                let status = try worker.status(of: request.path[1])
                return .json { $0.progress(status) }
            }
        ),
        Operation(
            "GET", ["connectors", "*", "topics"],
            { _, worker, request in
                let name = request.path[1]
                let topics = try await worker.topics(of: name)
                return .json {
                    $0.object { $0.member(name, object: { $0.member("topics", strings: topics) }) }
                }
            }
        ),
        Operation(
            "PUT", ["connectors", "*", "topics", "reset"],
            { _, worker, request in
                let name = try worker.view(request.path[1]).name
                try await worker.forgetTopics(of: name)
                return ConnectResponse(202)
            }
        ),
        Operation(
            "GET", ["connectors", "*", "offsets"],
            { _, worker, request in
                let offsets = try worker.offsets(of: request.path[1])
                return .json { $0.offsets(offsets) }
            }
        ),
        Operation(
            "PATCH", ["connectors", "*", "offsets"],
            { _, worker, request in
                let offsets = try OffsetsBody.offsets(request.json())
                try await worker.alter(offsets, of: request.path[1])
                return .message("The offsets for this connector have been altered successfully")
            }
        ),
        Operation(
            "DELETE", ["connectors", "*", "offsets"],
            { _, worker, request in
                try await worker.resetOffsets(of: request.path[1])
                return .message("The offsets for this connector have been reset successfully")
            }
        ),
    ]
}

/// Offsets as they come.
enum OffsetsBody {
    static func offsets(_ tree: JSONTree) throws(ConnectError) -> [TopicPartition: Offset?] {
        guard let entries = tree["offsets"]?.elements, !entries.isEmpty else {
            throw ConnectError(
                .invalid, "Partitions / offsets need to be provided for an offset alter operation")
        }
        var offsets: [TopicPartition: Offset?] = [:]
        for entry in entries {
            let partition = try partition(entry["partition"])
            guard offsets[partition] == nil else {
                throw ConnectError(.invalid, "The partition \(partition) stands twice among the offsets")
            }
            offsets.updateValue(try offset(entry["offset"]), forKey: partition)
        }
        return offsets
    }

    private static func partition(_ tree: JSONTree?) throws(ConnectError) -> TopicPartition {
        guard let tree, tree.members != nil else {
            throw ConnectError(
                .invalid, "The partition for a sink connector offset cannot be null or missing")
        }
        guard let topic = tree["kafka_topic"], let partition = tree["kafka_partition"] else {
            throw ConnectError(
                .invalid,
                "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'"
            )
        }
        guard let name = topic.text.flatMap({ TopicName($0) }) else {
            throw ConnectError(.invalid, "Kafka topic names must be valid strings and may not be null")
        }
        guard let number = integer(partition).flatMap({ Int32(exactly: $0) }), number >= 0 else {
            throw ConnectError(.invalid, "Kafka partitions must be valid numbers and may not be null")
        }
        return TopicPartition(name, PartitionIndex(number))
    }

    private static func offset(_ tree: JSONTree?) throws(ConnectError) -> Offset? {
        guard let tree, !tree.isNull else { return nil }
        guard let offset = tree["kafka_offset"] else {
            throw ConnectError(
                .invalid,
                "The offset for a sink connector should either be null or contain the key 'kafka_offset'")
        }
        guard let number = integer(offset), number >= 0 else {
            throw ConnectError(.invalid, "Kafka offsets must be valid numbers from 0 on and may not be null")
        }
        return Offset(number)
    }

    /// A number, or a text that holds one, as Kafka Connect takes them.
    private static func integer(_ tree: JSONTree) -> Int64? {
        tree.integer ?? tree.text.flatMap { Int64($0) }
    }
}
