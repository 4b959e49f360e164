import JSONText
import Logging
import ObjectStore
import StreamModel

/// Writes the records of one topic partition to open files, and decides when they are committed.
///
/// Used by the thread that reads alone.
final class PartitionWriter {
    let partition: TopicPartition
    let topic: TopicID
    let life: Int
    /// Where it began.
    let firstPosition: Offset
    /// The next offset to read.
    var position: Offset
    /// The next offset to read when the reader last turned to this partition.
    var passStart: Offset
    let tools: WritingTools
    var rotation: RecordRotation
    private(set) var open: [String: OpenFile] = [:]
    /// The file that was written to last, which most records go to.
    private var current: OpenFile?
    /// What was written, left out or set aside ends here; a commit covers all of it.
    private(set) var handled: Offset
    /// Where the last commit ended.
    private var covered: Offset
    private(set) var letters: [ErrantRecord] = []
    private var letterBytes = 0
    /// Commits that are ready.
    private var ready: [PreparedCommit] = []

    /// Bytes of records to be set aside at which they are, before the files they lie between are committed.
    private static let maxLetterBytes = 1 << 20

    init(
        _ partition: TopicPartition, _ topic: TopicID, life: Int, from position: Offset, tools: WritingTools,
        now: Int64
    ) {
        self.partition = partition
        self.topic = topic
        self.life = life
        self.position = position
        firstPosition = position
        passStart = position
        self.tools = tools
        handled = position
        covered = position
        rotation = RecordRotation(tools.configuration, zone: tools.zone, now: now)
    }

    // MARK: One record

    /// - Throws: `TaskFailure` for a record that ends the task, or an error of the spool.
    func write(_ record: borrowing RecordView, now: Int64) throws {
        if let prepared = try prepare(record, now: now) {
            try rotate(before: prepared, now: now)
            try append(record, prepared, now: now)
        }
        handled = record.offset.advanced(by: 1)
    }

    /// A record as it was read and placed.
    private struct Prepared {
        var value: ConnectValue
        var key: ConnectValue
        var place: RecordRotation.Record
    }

    /// Nil for a record that is left out or set aside.
    private func prepare(_ record: borrowing RecordView, now: Int64) throws -> Prepared? {
        var stage = ErrantRecord.Stage.key
        do {
            let key = tools.readsKeys ? try tools.keyReader.read(record.key) : .null
            stage = .value
            let value = try tools.valueReader.read(record.value)
            stage = .put
            if value.isNull {
                guard try takesNull(record) else { return nil }
                rotation.met(nil)
                return Prepared(
                    value: .null, key: key,
                    place: .init(time: nil, path: tools.configuration.tombstonePartition))
            }
            let time = try tools.partitioner.extractor?.time(
                of: value, recordTime: record.timestamp, now: now)
            rotation.met(time)
            let path = try tools.partitioner.path(of: value, partition: partition.partition, time: time)
            try checkSides(record)
            if open[path] == nil {
                // A name that cannot be is told of the record, not when its file is full.
                _ = try tools.names.key(partition, life: life, path: path, offset: record.offset, .headers)
            }
            return Prepared(value: value, key: key, place: .init(time: time, path: path))
        } catch {
            try setAside(record, stage, "\(error)")
            return nil
        }
    }

    /// Whether a record without a value is written.
    private func takesNull(_ record: borrowing RecordView) throws -> Bool {
        let configuration = tools.configuration
        switch configuration.nullBehavior {
        case .write:
            try checkSides(record)
            return true
        case .ignore:
            if configuration.reportsNulls, configuration.errors.deadLetterTopic != nil {
                addLetter(
                    ErrantRecord(record, of: partition, stage: .put, reason: "Skipping null value record."))
            }
            return false
        case .fail:
            throw TaskFailure(
                record.offset, partition,
                "Null valued records are not writeable with current behavior.on.null.values 'settings.",
                "Set behavior.on.null.values to ignore, or to write with store.kafka.keys=true")
        }
    }

    /// Keys and headers have a line for each value.
    private func checkSides(_ record: borrowing RecordView) throws(PartitionError) {
        if tools.configuration.keysFormat != nil, record.key == nil {
            throw PartitionError("Key cannot be null for SinkRecord: store.kafka.keys is true")
        }
        if tools.configuration.headersFormat != nil, record.headers.isEmpty {
            throw PartitionError("Headers cannot be null for SinkRecord: store.kafka.headers is true")
        }
    }

    // MARK: Rotation

    private func rotate(before record: Prepared, now: Int64) throws {
        let path = record.place.path
        let schema = record.value.schema
        let existing = open[path]
        if let existing, existing.values != nil, (existing.schema == nil) != (schema == nil),
            tools.configuration.compatibility == .none
        {
            try commit(byTime: false, now: now)
            rotation.met(record.place.time)
        }
        if rotation.isDue(before: record.place, now: now) {
            try commit(byTime: true, now: now)
            rotation.met(record.place.time)
        }
        if let file = open[path], file.values != nil, try changes(schema, file) {
            try commit(byTime: false, now: now)
            rotation.met(record.place.time)
        }
        if open[path] == nil, let most = tools.configuration.maxOpenFiles, open.count >= most {
            try commit(byTime: false, now: now)
            rotation.met(record.place.time)
        }
    }

    private func changes(_ schema: ConnectSchema?, _ file: OpenFile) throws -> Bool {
        do throws(ConversionError) {
            return try tools.configuration.compatibility.changes(schema, from: file.schema)
        } catch {
            throw TaskFailure(
                handled, partition, "\(error)", "Set schema.compatibility to NONE, or give schemas versions")
        }
    }

    // MARK: Appending

    private func append(_ record: borrowing RecordView, _ prepared: Prepared, now: Int64) throws {
        let file = self.file(for: prepared, at: record.offset)
        let before = file.bytesInMemory
        let values = file.values?.buffer.count ?? 0
        do throws(ConversionError) {
            try appendValue(prepared.value, to: file)
            try appendSides(record, prepared.key, to: file)
        } catch {
            // Such as a value that cannot be brought to the file's schema.
            file.values.map { $0.buffer.removeLast($0.buffer.count - values) }
            return try setAside(record, .put, "\(error)")
        }
        try file.added(record.offset)
        tools.bytesInMemory += file.bytesInMemory - before
        if tools.bytesInMemory >= WritingTools.maxBytesInMemory { try spillAll() }
        handled = record.offset.advanced(by: 1)
        if rotation.wrote(to: prepared.place.path) { try commit(byTime: false, now: now) }
    }

    private func file(for prepared: Prepared, at offset: Offset) -> OpenFile {
        let path = prepared.place.path
        if let current, current.path == path { return current }
        let file =
            open[path]
            ?? tools.makeFile(
                path, start: offset, schema: prepared.value.schema, isTombstone: prepared.value.isNull)
        open[path] = file
        current = file
        return file
    }

    private func appendValue(_ value: ConnectValue, to file: OpenFile) throws(ConversionError) {
        guard let values = file.values else { return }
        if tools.configuration.format == .bytes {
            guard case .bytes(let bytes) = value else {
                throw ConversionError("ByteArrayFormat can only be used with the ByteArrayConverter")
            }
            values.buffer.append(contentsOf: bytes)
            values.buffer.append(contentsOf: tools.configuration.bytesSeparator)
            return
        }
        let target = tools.configuration.compatibility.target(value.schema, in: file.schema)
        try tools.valueReader.appendJSON(value, as: target, to: &values.buffer)
        values.buffer.append(0x0A)
    }

    private func appendSides(
        _ record: borrowing RecordView, _ key: ConnectValue, to file: OpenFile
    ) throws(ConversionError) {
        if let keys = file.keys {
            if tools.configuration.keysFormat == .bytes, case .bytes(let bytes) = key {
                keys.buffer.append(contentsOf: bytes)
                keys.buffer.append(contentsOf: tools.configuration.bytesSeparator)
            } else {
                try tools.keyReader.appendJSON(key, to: &keys.buffer)
                keys.buffer.append(0x0A)
            }
        }
        guard let headers = file.headers else { return }
        let list = record.headers
        headers.buffer.append(
            contentsOf: JSONWriter.bytes { json in
                json.object {
                    $0.member("headers", array: { json in for header in list { json.header(header) } })
                }
            })
        headers.buffer.append(0x0A)
    }

    private func spillAll() throws {
        for file in open.values {
            let before = file.bytesInMemory
            try file.spillAll()
            tools.bytesInMemory -= before - file.bytesInMemory
        }
    }

    // MARK: Setting aside

    /// Leaves a record out, or ends the task.
    private func setAside(
        _ record: borrowing RecordView, _ stage: ErrantRecord.Stage, _ reason: String
    ) throws {
        let errors = tools.configuration.errors
        // As in Connect, what cannot be placed or written is left out only if somebody is told.
        let isTold = errors.deadLetterTopic != nil || errors.logs
        guard errors.tolerates, stage != .put || isTold else {
            throw TaskFailure(
                record.offset, partition, reason,
                "Set errors.tolerance to all, and errors.deadletterqueue.topic.name to a topic for such records, or "
                    + "correct the converters")
        }
        if errors.logs {
            tools.logger.error(
                "a record is left out",
                metadata: [
                    "partition": "\(partition)", "offset": "\(record.offset)", "stage": "\(stage.rawValue)",
                    "error": "\(reason)",
                ])
        }
        if errors.deadLetterTopic != nil {
            addLetter(ErrantRecord(record, of: partition, stage: stage, reason: reason))
        }
    }

    private func addLetter(_ letter: ErrantRecord) {
        letters.append(letter)
        letterBytes += letter.bytes
        guard letterBytes >= Self.maxLetterBytes else { return }
        ready.append(
            PreparedCommit(partition: partition, topic: topic, objects: [], letters: letters, next: nil))
        letters = []
        letterBytes = 0
    }

    // MARK: Committing

    /// Closes every open file.
    func commit(byTime: Bool, now: Int64) throws {
        rotation.committed(byTime: byTime, now: now)
        var objects: [PreparedObject] = []
        for file in open.values.sorted(by: { $0.path < $1.path }) {
            tools.bytesInMemory -= file.bytesInMemory
            objects += try finish(file)
        }
        open = [:]
        current = nil
        ready.append(
            PreparedCommit(
                partition: partition, topic: topic, objects: objects, letters: letters, next: handled))
        letters = []
        letterBytes = 0
        covered = handled
    }

    private func finish(_ file: OpenFile) throws -> [PreparedObject] {
        let configuration = tools.configuration
        let sides: [(ObjectNames.Part, SpoolFile?, S3SinkConfiguration.Format?)] = [
            (.value, file.values, configuration.format), (.keys, file.keys, configuration.keysFormat),
            (.headers, file.headers, configuration.headersFormat),
        ]
        return try sides.compactMap { part, spool, format in
            guard let spool, let format else { return nil }
            let key = try key(of: file, part)
            return PreparedObject(
                key: key, content: try tools.finish(spool, format), start: file.start, end: file.end,
                recordCount: file.recordCount,
                contentType: format == .json && configuration.gzipLevel == nil ? "application/json" : nil)
        }
    }

    private func key(of file: OpenFile, _ part: ObjectNames.Part) throws -> ObjectKey {
        do throws(PartitionError) {
            return try tools.names.key(partition, life: life, path: file.path, offset: file.start, part)
        } catch {
            throw TaskFailure(error.description)
        }
    }

    /// Everything up to `position` was read; looks at the clock.
    func finishPass(position: Offset, now: Int64) throws {
        self.position = position
        handled = max(handled, position)
        if rotation.isDue(now: now) { try commit(byTime: true, now: now) }
        // Nothing waits: what was left out or set aside is behind us.
        if open.isEmpty, handled > covered { try commit(byTime: false, now: now) }
    }

    /// Whether so many commits are ready that they should be handed on before more is read.
    var hasMuchReady: Bool { ready.count >= 64 }

    func takeReady() -> [PreparedCommit] {
        defer { ready = [] }
        return ready
    }

    /// Forgets what is open; it is read again.
    func drop() {
        for file in open.values {
            tools.bytesInMemory -= file.bytesInMemory
            file.drop()
        }
        open = [:]
        current = nil
    }

    func progress(committed: Offset, end: Offset) -> SinkProgress {
        SinkProgress(
            partition: partition, committed: committed, position: position, end: end, openFiles: open.count,
            openRecords: rotation.recordCount, openBytes: open.values.reduce(0) { $0 + $1.size },
            nextFlush: rotation.nextDue)
    }
}

extension JSONWriter {
    fileprivate mutating func header(_ header: RecordHeader) {
        object { json in
            json.member("key", header.name)
            json.member("value", orNull: header.value.map { String(decoding: $0, as: UTF8.self) })
        }
    }
}

/// Why a task has ended: its trace.
struct TaskFailure: Error, CustomStringConvertible {
    var description: String

    init(_ offset: Offset, _ partition: TopicPartition, _ reason: String, _ remedy: String) {
        description =
            "org.apache.kafka.connect.errors.ConnectException: the record at offset \(offset) of topic "
            + "\(partition.topic), partition \(partition.partition), cannot be stored: \(reason)\n\(remedy)."
    }

    init(_ message: String) {
        description = "org.apache.kafka.connect.errors.ConnectException: \(message)"
    }
}
