import NIOCore

@testable import Gateway

/// What a parser makes of a stream of bytes, however it is cut into pieces.
enum ParserFeeding {
    static let maxHeadBytes = 300
    static let maxBodyBytes = 100

    /// The steps but for `needsMore`, and but for `head`, which depends on what has come so far.
    static func steps(_ pieces: [[UInt8]]) -> [HTTPRequestParser.Step] {
        var parser = HTTPRequestParser(maxHeadBytes: maxHeadBytes, maxBodyBytes: maxBodyBytes)
        var buffer = ByteBuffer()
        var steps: [HTTPRequestParser.Step] = []
        for piece in pieces {
            buffer.writeBytes(piece)
            while true {
                let step = parser.next(&buffer)
                if step == .needsMore { break }
                if case .head = step { continue }
                steps.append(step)
            }
        }
        return steps
    }

    /// Fed whole.
    static func steps(_ text: String) -> [HTTPRequestParser.Step] { steps([Array(text.utf8)]) }

    /// Fed byte by byte.
    static func stepsByteByByte(_ text: String) -> [HTTPRequestParser.Step] { steps(text.utf8.map { [$0] }) }

    /// Fed in pieces of random length.
    static func stepsInPieces(_ text: String, _ chance: inout TestChance) -> [HTTPRequestParser.Step] {
        var pieces: [[UInt8]] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...min(rest.count, 40), using: &chance)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return steps(pieces)
    }
}

extension HTTPRequestParser.Step {
    /// The body of a request.
    var body: String? {
        if case .request(_, let body) = self { String(buffer: body) } else { nil }
    }

    var head: HTTPRequestHead? {
        if case .request(let head, _) = self { head } else { nil }
    }

    /// The status of a refusal.
    var status: Int? {
        if case .fault(let fault) = self { fault.status } else { nil }
    }

    var closes: Bool? {
        if case .fault(let fault) = self { fault.closes } else { nil }
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
