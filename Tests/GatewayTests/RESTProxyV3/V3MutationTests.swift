import JSONText
import NIOCore
import StreamModel
import Testing

@testable import Gateway

/// Bodies of records with random damage: whatever comes is taken or refused, never more than was sent, never a crash.
@Suite struct V3MutationTests {
    private static let body = """
        {"partition_id":1,"headers":[{"name":"a","value":"AQI="},{"name":"b"}],"key":{"type":"BINARY","data":"QUI="},\
        "value":{"type":"JSON","data":{"x":[1.5e3,"\\u00e9\\"",null,true]}},"timestamp":"2021-02-05T19:14:42.123+01:00"}
        {"value":{"type":"STRING","data":"é\\n😀"},"timestamp":1612552482.5}{"key":null,"value":{"type":"STRING"}}
        """
    private static let bytes =
        Array("{}[]\":,\\u0123456789eE.+-tfn \n\u{7F}TZAVROJSN=_".utf8) + [0, 0xC3, 0xFF]

    private func mutated(_ chance: inout TestChance) -> [UInt8] {
        var bytes = Array(Self.body.utf8)
        for _ in 0...Int.random(in: 0..<4, using: &chance) {
            let place = Int.random(in: 0..<bytes.count, using: &chance)
            switch Int.random(in: 0..<4, using: &chance) {
            case 0: bytes[place] = Self.bytes[Int.random(in: 0..<Self.bytes.count, using: &chance)]
            case 1: bytes.insert(Self.bytes[Int.random(in: 0..<Self.bytes.count, using: &chance)], at: place)
            case 2: bytes.remove(at: place)
            default:
                bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<40, using: &chance)))
            }
            if bytes.isEmpty { return bytes }
        }
        return bytes
    }

    /// The bytes of the keys and values of what was taken.
    private func read(_ body: [UInt8], partBytes: Int) -> Int {
        var splitter = V3RecordSplitter(maxBytes: 10_000)
        var scanner = JSONScanner(maxDepth: 16)
        var rest = ByteBuffer(bytes: body)
        var taken = 0
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(partBytes, rest.readableBytes)) {
            splitter.append(part)
            while case .object(let object) = splitter.next() {
                object.withUnsafeReadableBytes { bytes in
                    scanner.reset(bytes)
                    guard let spans = try? V3RecordSpans(&scanner, hasID: false),
                        (try? scanner.finish()) != nil,
                        let record = try? V3RecordReader.record(spans, in: bytes, now: 0)
                    else { return }
                    for entry in record.list.entries {
                        taken += (entry.key?.count ?? 0) + (entry.value?.count ?? 0)
                    }
                    var answer = ByteBuffer()
                    V3Receipt(.run(PartitionIndex(0), from: Offset(0)), record)?
                        .write(clusterID: "c", topic: "t", to: &answer)
                    #expect(throws: Never.self) { try JSONTree(Array("{\(String(buffer: answer))}".utf8)) }
                }
            }
        }
        return taken
    }

    @Test(arguments: 1...8) func damageIsTakenOrRefusedHoweverTheBodyIsCut(seed: Int) {
        var chance = TestChance(seed: UInt64(seed))
        for _ in 0..<2_000 {
            let body = mutated(&chance)
            let whole = read(body, partBytes: max(1, body.count))
            #expect(whole <= body.count, "seed \(seed)")
            #expect(
                read(body, partBytes: 1 + Int.random(in: 0..<60, using: &chance)) == whole, "seed \(seed)")
        }
    }
}
