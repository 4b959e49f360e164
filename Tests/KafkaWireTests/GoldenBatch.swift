import Foundation
import KafkaWire
import StreamModel
import Testing

/// A batch that another client wrote, and what it holds.
struct GoldenBatch: Sendable, CustomTestStringConvertible {
    struct Record: Sendable, Equatable {
        var time: Int64 = GoldenBatch.time
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [RecordHeader] = []

        init(_ key: String?, _ value: String?, time: Int64 = GoldenBatch.time, headers: [RecordHeader] = []) {
            self.time = time
            self.key = key.map { Array($0.utf8) }
            self.value = value.map { Array($0.utf8) }
            self.headers = headers
        }
    }

    static let time: Int64 = 1_700_000_000_000

    let name: String
    let records: [Record]

    var testDescription: String { name }

    static let plain = [
        GoldenBatch(name: "one-record", records: [Record("key", "value")]),
        GoldenBatch(
            name: "equal-times",
            records: [
                Record(nil, #"{"index":7528}"#), Record("", ""), Record("k", nil),
                Record(
                    String(repeating: "k", count: 64), String(repeating: "v", count: 200),
                    headers: [
                        RecordHeader(name: "trace", value: Array("abc".utf8)),
                        RecordHeader(name: "", value: []),
                        RecordHeader(name: "null", value: nil),
                    ]),
            ]),
        GoldenBatch(
            name: "many-records",
            records: (0..<200).map { Record("\($0)", String(repeating: "x", count: $0 % 7)) }),
    ]

    static let others = [
        GoldenBatch(
            name: "rising-times",
            records: [
                Record("a", "1"), Record(nil, nil, time: time + 1),
                Record("b", "2", time: time - 5, headers: [RecordHeader(name: "h", value: [0, 0xFF])]),
                Record("c", "3", time: time + 86_400_000),
            ]),
        GoldenBatch(name: "transactional", records: [Record("a", "1")]),
    ]

    /// The same sixty records, written by three clients in every compression.
    static let ofClients =
        ["kafka-clients", "librdkafka", "kafka-python"].flatMap { client in
            ["none", "gzip", "snappy", "lz4", "zstd"].map { compression in
                GoldenBatch(name: "\(client)-\(compression)", records: sixty)
            }
        }

    private static let sixty = (0..<60).map { index in
        let text = #"{"index":\#(index),"category":"art","poster_name":""#
        return Record(
            index % 5 == 4 ? nil : "key-\(index % 17)",
            index % 11 == 10 ? nil : text + String(repeating: "x", count: index % 40) + #""}"#,
            time: time + Int64(index * 3 - index % 2 * 50),
            headers: index % 7 != 0
                ? []
                : [
                    RecordHeader(name: "trace", value: Array("\(index)".utf8)),
                    RecordHeader(name: "null", value: nil),
                ])
    }

    /// The compression its name ends with.
    var compression: Compression {
        Compression.allCases.first { name.hasSuffix("-\($0)") } ?? .none
    }

    func bytes() throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures")
        let text = try String(contentsOf: folder.appendingPathComponent("\(name).hex"), encoding: .utf8)
        let digits = Array(text.utf8.filter { $0 > 0x20 })
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }
}

extension [UInt8] {
    func header(at position: Int = 0) throws -> RecordBatchHeader {
        try withUnsafeBytes { try RecordBatchHeader($0, at: position) }
    }

    func verify(at position: Int = 0) throws {
        try withUnsafeBytes { try RecordBatchHeader($0, at: position).verify($0, at: position) }
    }

    func records(
        at position: Int = 0, using decompressor: Decompressor? = nil
    ) throws -> [(offset: Int64, record: GoldenBatch.Record)] {
        try withUnsafeBytes { bytes in
            var found: [(Int64, GoldenBatch.Record)] = []
            let header = try RecordBatchHeader(bytes, at: position)
            try RecordBatchDecoder.forEachRecord(bytes, at: position, header, using: decompressor) { view in
                var record = GoldenBatch.Record(nil, nil, time: view.timestamp, headers: view.headers)
                record.key = view.key.map(Array.init)
                record.value = view.value.map(Array.init)
                found.append((view.offset.rawValue, record))
            }
            return found
        }
    }

    /// Puts a big-endian integer in place.
    mutating func store<Integer: FixedWidthInteger>(_ value: Integer, at position: Int) {
        withUnsafeMutableBytes {
            $0.storeBytes(of: value.bigEndian, toByteOffset: position, as: Integer.self)
        }
    }

    /// Makes the checksum right again after a change.
    mutating func repairChecksum() {
        store(self[21...].withUnsafeBytes { Checksum.crc32c($0) }, at: 17)
    }
}
