import Foundation
import JSONText
import Testing

/// Bodies with changed bytes: the scanner and two other readers must say the same of them.
@Suite struct ScannerFuzzTests {
    private static let bodies = [
        #"{"records":[{"key":"k1","value":{"index":7528,"title":"No \u00e9 \"x\" \ud83d\ude00","n":[1,-2.5e3,true,null]}}]}"#,
        #"{"records":[{"value":"plain"},{"value":null,"partition":0},{"value":{"a":{"b":{"c":[[],{}]}}}}]}"#,
        #"[0,-1,1.5,2E+10,"é中😀","\\\/\b\f\n\r\t",{"":"","a":1,"b":2,"c":3}]"#,
        #" { "a" : [ 1 , 2 ] , "b" : { "c" : "d" } , "e" : "\u0000\u001f" } "#,
    ]
    private static let pieces: [String] = [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "+", "u", "n", " ", "\n", "\0",
        "t", "true",
        "null", #"\u"#, #"\ud83d"#, #""a":"#, "é", "😀", "/", "\u{7F}",
    ]

    private func mutate(_ body: String, _ chance: inout TestChance) -> [UInt8] {
        var bytes = Array(body.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &chance) {
            let place = Int.random(in: 0..<bytes.count, using: &chance)
            let end = Int.random(in: place...min(place + 8, bytes.count), using: &chance)
            switch Int.random(in: 0..<6, using: &chance) {
            case 0: bytes[place] = .random(in: 0...255, using: &chance)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
            case 2: bytes.removeSubrange(place..<end)
            case 3:
                bytes.insert(
                    contentsOf: Array((Self.pieces.randomElement(using: &chance) ?? "").utf8), at: place)
            case 4:
                bytes.insert(contentsOf: bytes[place..<end], at: .random(in: 0...bytes.count, using: &chance))
            default: bytes.removeLast(bytes.count - end)
            }
            if bytes.isEmpty { bytes = [0x20] }
        }
        return bytes
    }

    @Test func agreesWithAPlainReaderOnEveryFault() {
        var faults: [JSONTextError.Code?: Int] = [:]
        for seed in 0..<6_000 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            let bytes = mutate(Self.bodies[Int(seed % 4)], &chance)
            let found = bytes.scanFault?.code
            faults[found, default: 0] += 1
            // Which of two faults is told may differ; whether there is one may not.
            let expected = ReferenceJSON.fault(in: bytes)
            let isSame =
                (found == nil) == (expected == nil)
                && (found == .duplicateMember) == (expected == .duplicateMember)
            #expect(isSame, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(faults.count >= 7, "the changes must reach most kinds of fault: \(faults)")
        #expect((faults[nil] ?? 0) > 300)
    }

    @Test func agreesWithFoundationWhereFoundationIsStrict() {
        var compared = 0
        for seed in 10_000..<14_000 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            let bytes = mutate(Self.bodies[Int(seed % 4)], &chance)
            guard !Self.isLenientlyRead(bytes) else { continue }
            compared += 1
            let isRead =
                (try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])) != nil
            #expect(
                isRead == (bytes.scanFault == nil), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(compared > 2_000)
    }

    /// What Foundation is known to read otherwise than RFC 8259 or than the scanner has it.
    private static func isLenientlyRead(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let dense = text.filter { !$0.isWhitespace }
        return dense.contains(",]") || dense.contains(",}")  // trailing commas are skipped
            || ReferenceJSON.fault(in: bytes) == .duplicateMember  // the last one counts
            || text.contains(#"\ud83d"#) || text.contains(#"\ude00"#)  // half a pair is refused
            || bytes.contains(0)  // taken for UTF-16
            || text.contains("E+") || text.contains("e3")  // numbers past a double are refused
    }

    @Test func compactionOfWhateverIsAcceptedIsAcceptedNoLongerAndStaysAsItIs() {
        var compared = 0
        for seed in 20_000..<24_000 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            let bytes = mutate(Self.bodies[Int(seed % 4)], &chance)
            guard bytes.scanFault == nil else { continue }
            compared += 1
            let once = compact(bytes)
            #expect(once.scanFault == nil, "seed \(seed)")
            #expect(once.count <= bytes.count, "seed \(seed)")
            #expect(compact(once) == once, "seed \(seed)")
            if !Self.isLenientlyRead(bytes) {
                #expect(
                    value(bytes) == value(once), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(compared > 200)
    }

    @Test func compactionWhileScanningSaysAndWritesTheSameAsScanningFirst() {
        var accepted = 0
        var scanner = JSONScanner()
        for seed in 30_000..<42_000 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            let bytes = mutate(Self.bodies[Int(seed % 4)], &chance)
            let before = Array("before ".utf8)
            var (one, two) = (before, before)
            var fault: JSONTextError?
            bytes.withUnsafeBytes { text in
                do throws(JSONTextError) { try scanner.appendCompact(text, to: &one) } catch { fault = error }
            }
            let expected = bytes.withUnsafeBytes { TwoPassCompact.append($0, to: &two) }
            #expect(fault == expected, "seed \(seed)")
            #expect(one == two, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            accepted += fault == nil ? 1 : 0
        }
        #expect(accepted > 600)
    }

    private func compact(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var scanner = JSONScanner()
        bytes.withUnsafeBytes { try? scanner.appendCompact($0, to: &output) }
        return output
    }

    private func value(_ bytes: [UInt8]) -> NSObject? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed]) as? NSObject
    }
}

/// A small generator (SplitMix64), so that a run can be repeated by its seed.
struct TestChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
