import Synchronization

/// Names for requests, no two alike, that tell nothing.
final class RequestIdentifiers: Sendable {
    struct Identifier: Sendable {
        fileprivate var high: UInt64
        fileprivate var low: UInt64

        /// In the form of a UUID.
        var requestID: String {
            var text: [UInt8] = []
            text.reserveCapacity(36)
            for place in 0..<32 {
                if [8, 12, 16, 20].contains(place) { text.append(UInt8(ascii: "-")) }
                text.append(digit(place))
            }
            return String(decoding: text, as: UTF8.self)
        }

        /// The second name that answers of AWS carry.
        var extendedID: String { "\(String(low, radix: 36))\(String(high, radix: 36))=" }

        private func digit(_ place: Int) -> UInt8 {
            let half = place < 16 ? high : low
            let value = UInt8(truncatingIfNeeded: half >> UInt64(60 - place % 16 * 4)) & 15
            return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
        }
    }

    /// Differs from process to process: the standard library keys its hasher at random.
    private let base: UInt64
    private let count = Atomic<UInt64>(0)

    init() {
        var hasher = Hasher()
        hasher.combine("request")
        base = UInt64(truncatingIfNeeded: hasher.finalize())
    }

    func next() -> Identifier {
        let number = count.add(1, ordering: .relaxed).newValue
        return Identifier(high: Self.mixed(base ^ number), low: Self.mixed(base &+ number))
    }

    /// Every number to another one, and back again.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
