import JSONText

@testable import SchemaFormats

/// What tests of all formats do.
enum Trial {
    static func encoded(_ json: String, _ codec: any SchemaCodec) throws -> [UInt8] {
        var output: [UInt8] = []
        try codec.encode(JSONTree(Array(json.utf8)), into: &output)
        return output
    }

    static func decoded(_ bytes: [UInt8], _ codec: any SchemaCodec) throws -> String {
        var writer = JSONWriter()
        try bytes.withUnsafeBytes { try codec.decode($0, into: &writer) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The code of what is thrown; nil if nothing is.
    static func failure(_ body: () throws -> Any) -> SchemaFormatError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? SchemaFormatError)?.code
        }
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Pseudo-random bytes: the same for the same seed.
    struct Chance: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }

        mutating func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) }
        }

        /// The bytes with a few of them changed, cut or added.
        mutating func mutation(of bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0...Int(next() % 4) {
                let place = bytes.isEmpty ? 0 : Int(next() % UInt64(bytes.count))
                switch next() % 4 {
                case 0 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: next() >> 16)
                case 1 where !bytes.isEmpty: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                case 2: bytes.insert(contentsOf: self.bytes(2), at: place)
                default: if !bytes.isEmpty { bytes[place] ^= 1 << UInt8(next() % 8) }
                }
            }
            return bytes
        }
    }
}
