// DescribeLogDirs (key 35), versions 0-4.
// Unlike Apache Kafka: there is one folder, and no replica lags or is on its way to another.
import KafkaWire
import LogStorage
import StreamModel

struct DescribeLogDirsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: DescribeLogDirsRequest, _ client: RequestContext, _ reply: Reply<DescribeLogDirsResponse>
    ) {
        guard shared.mayCluster(.describe, client.asker) else {
            var response = DescribeLogDirsResponse(directories: [])
            response.error = .clusterAuthorizationFailed
            return reply(response)
        }
        shared.answer(reply) {
            let path = shared.log.directory
            var directory = DescribeLogDirsResponse.Directory(path: path, topics: topics(request))
            if let space = FileSystemSpace(at: path) {
                directory.totalBytes = space.totalBytes
                directory.usableBytes = space.usableBytes
            }
            return DescribeLogDirsResponse(directories: [directory])
        }
    }

    /// What is not there is left out, as Apache Kafka does.
    private func topics(_ request: DescribeLogDirsRequest) -> [DescribeLogDirsResponse.Topic] {
        guard let wanted = request.topics else {
            return shared.log.topicDescriptions().map { topic in
                describe(topic.name, 0..<Int32(clamping: topic.partitionCount))
            }
        }
        return wanted.compactMap { topic in
            guard let name = TopicName(topic.name), let found = shared.log.topicDescription(name) else {
                return nil
            }
            return describe(name, topic.partitions.filter { $0 >= 0 && $0 < found.partitionCount })
        }
    }

    private func describe(
        _ topic: TopicName, _ partitions: some Sequence<Int32>
    ) -> DescribeLogDirsResponse.Topic {
        DescribeLogDirsResponse.Topic(
            name: topic.rawValue,
            partitions: partitions.compactMap { index in
                // A topic that is deleted meanwhile is left out.
                let partition = TopicPartition(topic, PartitionIndex(index))
                guard let count = try? shared.log.byteCount(of: partition) else { return nil }
                return DescribeLogDirsResponse.Partition(index: index, byteCount: Int64(count))
            })
    }
}
