/// Changes to bytes that decoders have been known to fall for.
enum Mutation {
    private static let numbers: [Int64] = [
        0, 1, -1, 2, -2, 127, 128, 255, 256, Int64(Int16.max), Int64(Int16.min), Int64(Int32.max),
        Int64(Int32.max) - 1, Int64(Int32.min), .max, .min, 1 << 20,
    ]
    private static let bytes: [UInt8] = [0, 1, 2, 0x7F, 0x80, 0x81, 0xFE, 0xFF]

    /// Changes one to five places.
    static func mutate(_ bytes: inout [UInt8], _ chance: inout TestChance) {
        for _ in 0..<Int.random(in: 1...5, using: &chance) { once(&bytes, &chance) }
    }

    private static func once(_ bytes: inout [UInt8], _ chance: inout TestChance) {
        guard !bytes.isEmpty else {
            bytes = [.random(in: 0...255, using: &chance)]
            return
        }
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        let end = Int.random(in: place...min(place + 16, bytes.count), using: &chance)
        switch Int.random(in: 0..<9, using: &chance) {
        case 0: bytes[place] = .random(in: 0...255, using: &chance)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 2: bytes[place] = Self.bytes.randomElement(using: &chance) ?? 0
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: .random(in: 0...bytes.count, using: &chance))
        case 5: bytes.removeLast(bytes.count - place)
        case 6: overwrite(&bytes, at: place, width: 2, &chance)
        case 7: overwrite(&bytes, at: place, width: 4, &chance)
        default: overwrite(&bytes, at: place, width: 8, &chance)
        }
    }

    private static func overwrite(
        _ bytes: inout [UInt8], at place: Int, width: Int, _ chance: inout TestChance
    ) {
        guard place + width <= bytes.count else { return }
        let number = (numbers.randomElement(using: &chance) ?? 0) &+ (chance.next() % 4 == 0 ? 1 : 0)
        for index in 0..<width {
            bytes[place + index] = UInt8(truncatingIfNeeded: number >> Int64(8 * (width - 1 - index)))
        }
    }

    /// Bytes in which lengths, counts, text and nulls follow each other as they do in messages.
    static func message(_ chance: inout TestChance) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...40, using: &chance) {
            let small = UInt8.random(in: 0...4, using: &chance)
            let text = Array("topic".utf8.prefix(Int(small)))
            switch Int.random(in: 0..<10, using: &chance) {
            case 0, 1: bytes += [0, 0, 0, small]
            case 2: bytes += [0, UInt8(text.count)] + text
            case 3: bytes += [UInt8(text.count + 1)] + text
            case 4, 5: bytes += [small]
            case 6: bytes += [0xFF, 0xFF]
            case 7: bytes += [0xFF, 0xFF, 0xFF, 0xFF]
            case 8: bytes += [0, 0, 0, 0, 0, 0, 0, small]
            default: bytes.append(.random(in: 0...255, using: &chance))
            }
        }
        return bytes
    }
}
