/// The thirteen categories, in the order in which their blocks follow each other in the table.
package enum PinCategory: Int, CaseIterable, Sendable {
    case art, beauty, christmas, diyAndCrafts, education, eventPlanning, finance, homeDecor, mensFashion
    case quotes, tattoos, travel, vehicles

    package var name: StaticString {
        switch self {
        case .art: "art"
        case .beauty: "beauty"
        case .christmas: "christmas"
        case .diyAndCrafts: "diy-and-crafts"
        case .education: "education"
        case .eventPlanning: "event-planning"
        case .finance: "finance"
        case .homeDecor: "home-decor"
        case .mensFashion: "mens-fashion"
        case .quotes: "quotes"
        case .tattoos: "tattoos"
        case .travel: "travel"
        case .vehicles: "vehicles"
        }
    }

    /// Where the block of each category starts in a table of `PosterDeck.rowCount` rows.
    private static let blockStarts = [
        0, 894, 1_640, 2_636, 3_467, 4_331, 5_078, 5_865, 6_723, 7_576, 8_484, 9_457, 10_314,
    ]

    /// The category of a row whose place in the table is `row / rowCount`.
    init(row: Int, rowCount: Int) {
        let place = row * PosterDeck.rowCount / rowCount
        var block = 0
        for start in PinCategory.blockStarts.dropFirst() where place >= start { block += 1 }
        self = PinCategory.allCases[block]
    }

    /// Stories and videos in ten thousand rows of a category; the rest are images.
    ///
    /// Rows that failed altogether are not among them: they belong to one poster in all categories.
    var mediaShares: (stories: Int, videos: Int) {
        switch self {
        case .art: (553, 553)
        case .beauty: (863, 216)
        case .christmas: (222, 369)
        case .diyAndCrafts: (1_470, 1_533)
        case .education: (256, 64)
        case .eventPlanning: (1_530, 34)
        case .finance: (915, 136)
        case .homeDecor: (971, 0)
        case .mensFashion: (633, 0)
        case .quotes: (302, 82)
        case .tattoos: (194, 0)
        case .travel: (925, 751)
        case .vehicles: (544, 36)
        }
    }
}
