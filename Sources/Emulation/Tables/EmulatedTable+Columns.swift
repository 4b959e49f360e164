extension EmulatedTable {
    /// The columns that a file must have to be read as this table; it may have more.
    package var columns: Set<String> {
        switch self {
        case .pin:
            [
                "index", "unique_id", "title", "description", "poster_name", "follower_count", "tag_list",
                "is_image_or_video", "image_src", "downloaded", "save_location", "category",
            ]
        case .geo: ["ind", "timestamp", "latitude", "longitude", "country"]
        case .user: ["ind", "first_name", "last_name", "age", "date_joined"]
        }
    }

    /// The column whose value the three rows of a post share.
    package var keyColumn: String { self == .pin ? "index" : "ind" }

    /// Columns whose text in a CSV file stands for a JSON number.
    var numberColumns: Set<String> {
        switch self {
        case .pin: ["index", "downloaded"]
        case .geo: ["ind", "latitude", "longitude"]
        case .user: ["ind", "age"]
        }
    }

    /// The table that has these columns; nil if none has.
    package static func recognised(by columns: Set<String>) -> EmulatedTable? {
        allCases.first { $0.columns.isSubset(of: columns) }
    }
}
