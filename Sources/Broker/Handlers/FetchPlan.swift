import KafkaWire
import LogStorage
import NIOCore
import StreamModel

/// What a Fetch request asks for, partition by partition, and how it is read.
struct FetchPlan: Sendable {
    struct Entry: Sendable {
        var index: Int32
        /// Nil if no partition can be called so.
        var partition: TopicPartition?
        var fetchOffset: Offset
        var maxBytes: Int
        /// Known without looking at the log.
        var error: KafkaErrorCode?
    }

    struct Topic: Sendable {
        var name: String
        var entries: [Entry]
    }

    /// Whether there is something to answer.
    enum Outlook {
        /// Nothing yet: an append to one of the partitions may change that.
        case nothing
        /// Records, or an error that the client should know of at once.
        case something
    }

    /// What was read.
    struct Harvest {
        var response: FetchResponse
        var byteCount = 0
        var hasError = false
    }

    var topics: [Topic]
    var maxBytes: Int
    var isolation: IsolationLevel

    /// The partitions that can be waited for.
    var partitions: [TopicPartition] {
        topics.flatMap { $0.entries.compactMap { $0.error == nil ? $0.partition : nil } }
    }

    // MARK: Looking

    /// Looks at offsets only; does not block.
    func outlook(_ log: CommitLog) -> Outlook {
        for topic in topics {
            for entry in topic.entries where hasSomething(entry, log) { return .something }
        }
        return .nothing
    }

    /// Where partitions stand whose records open transactions held back when the response was made.
    func held(in response: FetchResponse) -> [TopicPartition: Offset] {
        guard isolation == .readCommitted else { return [:] }
        var held: [TopicPartition: Offset] = [:]
        for (topic, answer) in zip(topics, response.topics) {
            for (entry, partition) in zip(topic.entries, answer.partitions)
            where partition.lastStableOffset < partition.highWatermark {
                if let id = entry.partition { held[id] = Offset(partition.lastStableOffset) }
            }
        }
        return held
    }

    /// Whether more can be read than at `offset`; also if nothing can be read any more.
    func hasMoved(_ partition: TopicPartition, from offset: Offset, _ log: CommitLog) -> Bool {
        guard let offsets = try? log.offsets(of: partition) else { return true }
        return offsets.lastStable > offset
    }

    private func hasSomething(_ entry: Entry, _ log: CommitLog) -> Bool {
        guard entry.error == nil, let partition = entry.partition,
            let offsets = try? log.offsets(of: partition)
        else { return true }
        return entry.fetchOffset < offsets.start || entry.fetchOffset > offsets.end
            || entry.fetchOffset < limit(offsets)
    }

    /// The offset before which records can be read.
    private func limit(_ offsets: PartitionOffsets) -> Offset {
        isolation == .readCommitted ? offsets.lastStable : offsets.end
    }

    // MARK: Reading

    /// Reads from partition after partition until the request's bytes are used up; blocks on the disk.
    func read(_ log: CommitLog) -> Harvest {
        gather { entry, harvest in
            let bytesLeft = maxBytes - harvest.byteCount
            // However little is asked for, the first batch is answered: a client that gets none never gets on.
            return read(entry, bytesLeft > 0 || harvest.byteCount == 0 ? max(bytesLeft, 0) : nil, log)
        }
    }

    /// Tells of offsets and errors only; does not block.
    func readNothing(_ log: CommitLog) -> FetchResponse {
        gather { entry, _ in read(entry, nil, log) }.response
    }

    private func gather(_ read: (Entry, borrowing Harvest) -> FetchResponse.Partition) -> Harvest {
        var harvest = Harvest(response: FetchResponse(topics: []))
        harvest.response.topics.reserveCapacity(topics.count)
        for topic in topics {
            var answer = FetchResponse.Topic(name: topic.name, partitions: [])
            answer.partitions.reserveCapacity(topic.entries.count)
            for entry in topic.entries {
                let partition = read(entry, harvest)
                harvest.byteCount += partition.records.readableBytes
                if partition.error != .none { harvest.hasError = true }
                answer.partitions.append(partition)
            }
            harvest.response.topics.append(answer)
        }
        return harvest
    }

    /// - Parameter bytesLeft: nil leaves out the records.
    private func read(_ entry: Entry, _ bytesLeft: Int?, _ log: CommitLog) -> FetchResponse.Partition {
        if let error = entry.error { return .init(index: entry.index, error: error) }
        guard let partition = entry.partition else {
            return .init(index: entry.index, error: .unknownTopicOrPartition)
        }
        do throws(LogStorageError) {
            let offsets = try log.offsets(of: partition)
            guard entry.fetchOffset >= offsets.start, entry.fetchOffset <= offsets.end else {
                return .init(index: entry.index, error: .offsetOutOfRange)
            }
            guard entry.fetchOffset < limit(offsets), let bytesLeft else { return answer(entry, offsets) }
            let batches = try log.readBatches(
                of: partition, from: entry.fetchOffset, maxBytes: max(min(bytesLeft, entry.maxBytes), 0),
                isolation: isolation)
            return answer(entry, batches)
        } catch {
            return .init(index: entry.index, error: KafkaErrorCode(error.code))
        }
    }

    private func answer(_ entry: Entry, _ batches: FetchedBatches) -> FetchResponse.Partition {
        var answer = answer(entry, batches.offsets)
        answer.records = batches.bytes
        if isolation == .readCommitted {
            answer.abortedTransactions = batches.aborted.map {
                .init(producerID: $0.producerID, firstOffset: $0.firstOffset.rawValue)
            }
        }
        return answer
    }

    private func answer(_ entry: Entry, _ offsets: PartitionOffsets) -> FetchResponse.Partition {
        var answer = FetchResponse.Partition(index: entry.index, error: .none)
        answer.highWatermark = offsets.end.rawValue
        answer.lastStableOffset = offsets.lastStable.rawValue
        answer.logStartOffset = offsets.start.rawValue
        if isolation == .readCommitted { answer.abortedTransactions = [] }
        return answer
    }
}
