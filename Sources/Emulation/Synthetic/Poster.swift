/// One user of the site: whose posts they are, and what all rows of these posts say alike.
package struct Poster: Hashable, Sendable {
    /// Numbers of posters are dense and start at 0, which is the poster of rows whose poster is unknown.
    package var number: Int
    /// How many rows of the table are theirs.
    package var postCount: Int
    /// Place among the posters of its deck, ordered by falling number of posts.
    var rank: Int

    package var isUnknown: Bool { number == 0 }
}

/// Where a poster posts from: each value is the smallest of as many draws as the poster has posts.
package struct PosterPlace: Equatable, Sendable {
    package var latitudeBillionths: Int
    package var longitudeBillionths: Int
    package var countryIndex: Int

    init(of poster: Poster, seed: UInt64) {
        var chance = SplitMix64(seed: seed, stream: .place, item: UInt64(poster.number))
        var latitude = Int.max
        var longitude = Int.max
        var country = Int.max
        let countries = Vocabulary.countries.count
        for _ in 0..<poster.postCount {
            latitude = min(latitude, chance.below(180_000_000_000))
            longitude = min(longitude, chance.below(360_000_000_000))
            country = min(country, chance.below(countries))
        }
        latitudeBillionths = latitude - 90_000_000_000
        longitudeBillionths = longitude - 180_000_000_000
        countryIndex = country
    }
}

/// Who a poster is: the smallest age, the earliest date and the alphabetically first names of its draws.
package struct PosterPerson: Equatable, Sendable {
    package var firstNameIndex: Int
    package var lastNameIndex: Int
    package var age: Int
    package var joinedAt: Int

    /// 2015-10-20 and 2017-10-20, in seconds since 1970.
    static let joining = 1_445_299_200..<1_508_457_600

    init(of poster: Poster, seed: UInt64) {
        var chance = SplitMix64(seed: seed, stream: .person, item: UInt64(poster.number))
        var first = Int.max
        var last = Int.max
        var years = Int.max
        var seconds = Int.max
        let firstNames = Vocabulary.firstNames.count
        let lastNames = Vocabulary.lastNames.count
        for _ in 0..<poster.postCount {
            first = min(first, chance.below(firstNames))
            last = min(last, chance.below(lastNames))
            years = min(years, chance.below(41))
            seconds = min(seconds, chance.below(PosterPerson.joining.count))
        }
        firstNameIndex = first
        lastNameIndex = last
        age = 20 + years
        joinedAt = PosterPerson.joining.lowerBound + seconds
    }
}
