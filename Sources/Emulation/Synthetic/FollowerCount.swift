/// How many follow a poster, as the site shows it: `684`, `12k` or `3M`.
///
/// Posters with many posts have many followers, so the distribution is one of each class of posters.
enum FollowerCount {
    static func append(of poster: Poster, seed: UInt64, to bytes: inout [UInt8]) {
        let count = value(of: poster, seed: seed)
        switch count {
        case ..<1_000: bytes.appendDecimal(count)
        case ..<1_000_000:
            bytes.appendDecimal(count / 1_000)
            bytes.append(UInt8(ascii: "k"))
        default:
            bytes.appendDecimal((count + 500_000) / 1_000_000)
            bytes.append(UInt8(ascii: "M"))
        }
    }

    /// The count before it is cut to thousands or rounded to millions.
    static func value(of poster: Poster, seed: UInt64) -> Int {
        let quantiles = quantiles(forPosts: poster.postCount)
        let (share, position) = place(of: poster, seed: seed)
        let low = quantiles[share]
        return low + (quantiles[share + 1] - low) * position / 65_536
    }

    /// Which interval of the quantiles, and how far into it in 65,536ths.
    ///
    /// Ranks are spread by the golden ratio rather than drawn, so that the few posters who have a great
    /// part of all posts cannot shift the whole distribution.
    private static func place(of poster: Poster, seed: UInt64) -> (interval: Int, position: Int) {
        let deck = UInt64(poster.number - poster.rank)
        var start = SplitMix64(seed: seed, stream: .followers, item: deck)
        let spread = start.next() &+ UInt64(poster.rank) &* 0x9E37_79B9_7F4A_7C15
        let percent = spread.multipliedFullWidth(by: 100 * 65_536).high
        let share = Int(percent / 65_536)
        guard let upper = steps.dropFirst().firstIndex(where: { share < $0 }) else { return (0, 0) }
        let lower = steps[upper - 1]
        return (upper - 1, (Int(percent) - lower * 65_536) / (steps[upper] - lower))
    }

    /// The percentages that the quantiles below stand for.
    private static let steps = [
        0, 1, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 98, 99, 100,
    ]

    private static func quantiles(forPosts posts: Int) -> [Int] {
        switch posts {
        case 1: one
        case ...3: few
        case ...9: several
        case ...30: many
        default: most
        }
    }

    private static let one = [
        0, 0, 1, 7, 31, 82, 168, 257, 408, 673, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 19_000,
        28_000, 47_000, 87_000, 217_000, 672_000, 1_000_000, 8_000_000,
    ]
    private static let few = [
        2, 9, 27, 426, 1_000, 3_000, 6_000, 8_000, 11_000, 14_000, 18_500, 23_000, 30_000, 38_000, 47_000,
        58_000, 73_000, 105_000, 138_000, 190_000, 290_000, 520_000, 880_000, 1_050_000, 2_000_000,
    ]
    private static let several = [
        0, 11, 28, 967, 4_000, 8_000, 14_000, 20_000, 25_000, 31_000, 40_000, 50_000, 64_000, 78_000,
        100_000, 130_000, 160_000, 225_000, 310_000, 420_000, 720_000, 1_500_000, 3_000_000, 4_000_000,
        15_400_000,
    ]
    private static let many = [
        5, 184, 305, 4_000, 9_000, 16_000, 33_000, 45_000, 60_000, 74_000, 88_000, 108_000, 150_000,
        240_000, 300_000, 420_000, 540_000, 680_000, 960_000, 1_200_000, 2_000_000, 5_000_000, 6_000_000,
        6_000_000, 8_000_000,
    ]
    private static let most = [
        27, 27, 27, 159, 5_000, 7_000, 28_000, 166_000, 190_000, 211_000, 228_000, 472_000, 520_000,
        640_000, 780_000, 880_000, 1_000_000, 1_500_000, 2_000_000, 2_000_000, 2_200_000, 5_000_000,
        5_000_000, 5_000_000, 5_000_000,
    ]
}
