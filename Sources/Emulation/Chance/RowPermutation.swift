/// A seeded bijection of `0 ..< count` onto itself that needs no table.
///
/// Four Feistel rounds over the next even number of bits; values that fall outside are walked on until
/// they fall inside, which takes fewer than four steps on average.
struct RowPermutation: Sendable {
    let count: Int
    private let halfBits: UInt64
    private let halfMask: UInt64
    private let keys: (UInt64, UInt64, UInt64, UInt64)

    init(count: Int, seed: UInt64) {
        precondition(count > 0, "a permutation needs at least one item")
        self.count = count
        var bits: UInt64 = 2
        while (1 as UInt64) << bits < UInt64(count) { bits += 2 }
        halfBits = bits / 2
        halfMask = (1 << halfBits) - 1
        var chance = SplitMix64(seed: seed, stream: .permutation, item: UInt64(count))
        keys = (chance.next(), chance.next(), chance.next(), chance.next())
    }

    subscript(item: Int) -> Int {
        var value = UInt64(item)
        repeat { value = shuffled(value) } while value >= UInt64(count)
        return Int(value)
    }

    private func shuffled(_ value: UInt64) -> UInt64 {
        var left = value >> halfBits
        var right = value & halfMask
        (left, right) = (right, left ^ (SplitMix64.mix(right ^ keys.0) & halfMask))
        (left, right) = (right, left ^ (SplitMix64.mix(right ^ keys.1) & halfMask))
        (left, right) = (right, left ^ (SplitMix64.mix(right ^ keys.2) & halfMask))
        (left, right) = (right, left ^ (SplitMix64.mix(right ^ keys.3) & halfMask))
        return (left << halfBits) | right
    }
}
