/// A small, fast generator with one word of state: the same seed gives the same numbers on every platform.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A generator for one item of one numbered stream of a seed.
    ///
    /// Items and streams are independent of each other, so that any item can be drawn without drawing
    /// those before it.
    package init(seed: UInt64, stream: ChanceStream, item: UInt64) {
        let base = SplitMix64.mix(seed &+ stream.rawValue &* 0xD1B5_4A32_D192_ED03)
        state = SplitMix64.mix(base ^ SplitMix64.mix(item &+ 0x9E37_79B9_7F4A_7C15))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return SplitMix64.mix(state)
    }

    /// A number in `0 ..< bound`.
    ///
    /// The bias is below `bound / 2^64`, which nobody can observe; in exchange there is no loop.
    @inline(__always)
    package mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// The finaliser of SplitMix64: a bijection in which every input bit moves every output bit.
    @inline(__always)
    package static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// What a generator is used for; each use has its own numbers.
package enum ChanceStream: UInt64, Sendable {
    case post = 1
    case permutation
    case pin
    case title
    case description
    case tags
    case letters
    case timestamp
    case place
    case person
    case followers
    case posterName
    case retry
    case identifier
}
