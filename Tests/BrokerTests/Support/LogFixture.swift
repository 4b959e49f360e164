import Foundation
import KafkaWire
import LogStorage
import Logging
import NIOCore
import NIOPosix
import StreamModel
import Testing

@testable import Broker

/// A log in a folder of its own, and the handlers that move records in and out of it.
final class LogFixture: Sendable {
    let log: CommitLog
    let threads = BrokerThreads(count: 2)
    private let folder: String
    private let dispatcher: RequestDispatcher

    init(
        authorizer: any Authorizer = OpenAuthorizer(), settings: BrokerSettings = BrokerSettings(),
        _ change: (inout LogSettings) -> Void = { _ in }
    ) throws {
        folder = FileManager.default.temporaryDirectory.path + "/broker-" + UUID().uuidString
        var logSettings = LogSettings()
        logSettings.flush = .none
        change(&logSettings)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        log = CommitLog(directory: folder + "/log", settings: logSettings, logger: logger)
        try log.open()
        dispatcher = RequestDispatcher(
            DataHandlers.handlers(
                log: log, threads: threads, authorizer: authorizer,
                transactions: try TransactionFixture().coordinator(), clusterID: "test-cluster",
                settings: settings, logger: logger))
    }

    deinit {
        log.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Has a request answered; nil if no answer is to be sent.
    func ask<Response: KafkaResponse>(
        _ request: ByteBuffer, as type: Response.Type, session: ConnectionSession = ConnectionSession()
    ) async throws -> Response? {
        var body = request
        body.moveReaderIndex(forwardBy: 4)
        let header = try RequestHeader(&body)
        let context = RequestContext(
            apiVersion: header.apiVersion, clientID: header.clientID, clientHost: "127.0.0.1",
            principal: .anonymous, loop: MultiThreadedEventLoopGroup.singleton.next(), session: session)
        let answer = try await withCheckedThrowingContinuation { continuation in
            do {
                try dispatcher.start(header, body, context) { answer, _ in
                    continuation.resume(returning: answer)
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return answer as? Response
    }

    func produce(
        _ values: String..., topic: String = "t", partition: Int32 = 0, acks: Int16 = -1, version: Int16 = 9,
        timestamp: Int64 = 1_700_000_000_000
    ) async throws -> ProduceResponse.Partition {
        let answer = try await ask(
            WireBytes.produce(
                version: version, acks: acks, topic: topic, partition: partition,
                records: RecordBatches.batch(values, timestamp: timestamp)), as: ProduceResponse.self)
        return try #require(answer?.topics.first?.partitions.first)
    }
}

/// Record batches as a producer makes them.
enum RecordBatches {
    static func batch(_ values: [String], timestamp: Int64 = 1_700_000_000_000) -> ByteBuffer {
        var source = ByteBuffer()
        var entries: [RecordList.Entry] = []
        for value in values {
            entries.append(.init(value: .init(start: source.writerIndex, count: value.utf8.count)))
            source.writeString(value)
        }
        var bytes = [UInt8](repeating: 0, count: RecordBatchEncoder.byteCount(entries, timestamp: timestamp))
        bytes.withUnsafeMutableBytes { target in
            guard let start = target.baseAddress else { return }
            _ = source.withUnsafeReadableBytes {
                RecordBatchEncoder.encode(
                    entries, from: $0, baseOffset: Offset(0), timestamp: timestamp, to: start)
            }
        }
        return ByteBuffer(bytes: bytes)
    }

    /// The values of all records, with their offsets.
    static func values(_ bytes: ByteBuffer) throws -> [String] {
        try bytes.withUnsafeReadableBytes { bytes in
            var values: [String] = []
            var position = 0
            while position < bytes.count {
                let header = try RecordBatchHeader(bytes, at: position)
                try header.verify(bytes, at: position)
                try RecordBatchDecoder.forEachRecord(bytes, at: position, header) { record in
                    let value = record.value.map { String(decoding: $0, as: UTF8.self) } ?? "null"
                    values.append("\(record.offset):\(value)")
                }
                position += header.byteCount
            }
            return values
        }
    }
}

/// Nobody may do anything on the topics that are named.
struct TopicDenyingAuthorizer: Authorizer {
    var topics: Set<String>
    var operations: Set<ACLOperation> = Set(ACLOperation.allCases)

    func allows(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
        named name: String
    ) -> Bool {
        !(type == .topic && topics.contains(name) && operations.contains(operation))
    }
}
