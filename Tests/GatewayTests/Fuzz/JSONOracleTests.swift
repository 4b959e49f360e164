import Foundation
import JSONText
import NIOCore
import StreamModel
import Testing

@testable import Gateway

/// Changed bodies of both forms, judged by the gateway and by Python's `json`: what one takes the other takes.
///
/// Where they differ on purpose is written in `json_oracle.py`. `PINLINE_FUZZ_MUTATIONS` sets how many bodies;
/// `PINLINE_FUZZ_SEED` the first seed.
@Suite struct JSONOracleTests {
    private static let maxDepth = 16
    private static let bodiesOfOneRun = 50_000

    /// A changed body with its seed.
    private struct Sample {
        var seed: UInt64
        var form: UInt8
        var body: [UInt8]
    }

    private static let produceBodies = [
        #"{"records":[{"key":"k1","value":{"index":7528,"title":"No \u00e9 \"x\" \ud83d\ude00","n":[1,-2.5e3,true,null]}}]}"#,
        #"{"records":[{"value":"plain"},{"value":null,"partition":0},{"value":{"a":{"b":{"c":[[],{}]}}}}]}"#,
        #" { "records" : [ { "value" : "é中😀" , "partition" : 12 } ] , "key_schema_id" : null } "#,
    ]
    private static let recordBodies = [
        #"{"StreamName":"s","Data":{"index":7528,"title":"No \u00e9 \"x\" \ud83d\ude00","n":[1,-2.5e3]},"PartitionKey":"p1"}"#,
        #"{"PartitionKey":17,"data":"{\"a\":1}","partition-key":"é😀","Data":[{"value":{}}]}"#,
    ]
    private static let pieces = [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "+", "u", "n", " ", "\n", "\0",
        "\t",
        "true", "null", "NaN", "Infinity", "-Infinity", #"\u"#, #"\ud83d"#, #"\u0061"#, #""a":"#,
        #""value":"#,
        #""Data":"#, "[[[[[[[[[[[[", "]]]]]]]]]]]]", "é", "😀", "/", "\u{7F}", "\u{FEFF}", "1e999",
    ]

    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: python != nil, "needs python3"))
    func agreesWithPython() throws {
        let environment = ProcessInfo.processInfo.environment
        let wanted = environment["PINLINE_FUZZ_MUTATIONS"].flatMap(UInt64.init) ?? 20_000
        let first = environment["PINLINE_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        var taken = 0
        for start in stride(from: first, to: first + wanted, by: Self.bodiesOfOneRun) {
            let seeds = start..<min(start + UInt64(Self.bodiesOfOneRun), first + wanted)
            taken += try compare(seeds.map(sample))
        }
        // Too few would say that the changes only ever break bodies.
        #expect(taken > Int(wanted) / 50, "\(taken) of \(wanted) bodies were taken")
        print("json oracle: \(wanted) bodies from seed \(first), \(taken) taken")
    }

    /// Returns how many were taken.
    private func compare(_ samples: [Sample]) throws -> Int {
        let verdicts = try oracle(samples)
        try #require(verdicts.count == samples.count)
        var scanner = JSONScanner(maxDepth: Self.maxDepth)
        var taken = 0
        for (sample, verdict) in zip(samples, verdicts) {
            let isTaken = takes(sample, &scanner)
            if isTaken { taken += 1 }
            if isTaken != (verdict == UInt8(ascii: "+")) {
                Issue.record(
                    "seed \(sample.seed): taken \(isTaken): \(String(decoding: sample.body, as: UTF8.self))")
            }
        }
        return taken
    }

    private func takes(_ sample: Sample, _ scanner: inout JSONScanner) -> Bool {
        let body = ByteBuffer(bytes: sample.body)
        if sample.form == UInt8(ascii: "p") {
            return (try? ProduceRequest.decode(body, as: .json, partition: nil, with: &scanner)) != nil
        }
        return (try? PutBody.record(body, as: .json, storesEmptyData: false, with: &scanner)) != nil
    }

    private func oracle(_ samples: [Sample]) throws -> Data {
        var frames = Data()
        for sample in samples {
            frames.append(sample.form)
            withUnsafeBytes(of: UInt32(sample.body.count).littleEndian) { frames.append(contentsOf: $0) }
            frames.append(contentsOf: sample.body)
        }
        let input = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: input) }
        try frames.write(to: input)
        let process = Process()
        process.executableURL = Self.python.map { URL(fileURLWithPath: $0) }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        process.arguments = [script.appendingPathComponent("json_oracle.py").path]
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = output
        try process.run()
        let verdicts = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return verdicts
    }

    // MARK: Changes

    private func sample(seed: UInt64) -> Sample {
        var chance = OracleChance(state: seed)
        let isProduce = seed % 5 < 3
        let bodies = isProduce ? Self.produceBodies : Self.recordBodies
        var bytes = Array(bodies[Int(seed / 5) % bodies.count].utf8)
        for _ in 0..<Int.random(in: 1...3, using: &chance) { change(&bytes, &chance) }
        return Sample(seed: seed, form: UInt8(ascii: isProduce ? "p" : "r"), body: bytes)
    }

    private func change(_ bytes: inout [UInt8], _ chance: inout OracleChance) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        let end = Int.random(in: place...min(place + 8, bytes.count), using: &chance)
        switch Int.random(in: 0..<7, using: &chance) {
        case 0: bytes[place] = .random(in: 0...255, using: &chance)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 2: bytes.removeSubrange(place..<end)
        case 3:
            let piece = Self.pieces.randomElement(using: &chance) ?? ""
            bytes.insert(contentsOf: Array(piece.utf8), at: place)
        case 4:
            bytes.insert(contentsOf: bytes[place..<end], at: .random(in: 0...bytes.count, using: &chance))
        case 5: swapDigits(&bytes, place, &chance)
        default: bytes.removeLast(bytes.count - end)
        }
    }

    /// A change that most often leaves the body valid: another digit, letter or blank.
    private func swapDigits(_ bytes: inout [UInt8], _ place: Int, _ chance: inout OracleChance) {
        let alphabet = Array("0123456789abcdefu nrt".utf8)
        guard let near = bytes[place...].firstIndex(where: { alphabet.contains($0) }) else { return }
        bytes[near] = alphabet.randomElement(using: &chance) ?? bytes[near]
    }
}

/// A small generator (SplitMix64), so that a run can be repeated by its seed.
private struct OracleChance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
