/// A virtual table of pins with where and by whom they were posted.
///
/// Every row is a function of seed and row number, so that nothing but the words is held in memory,
/// whatever the number of rows. How the values hang together follows the published sample data: posters
/// with several posts, whose age, place, names and date are the least of as many draws; categories in
/// blocks; defects in fixed combinations.
package struct SyntheticTable: Sendable {
    package let seed: UInt64
    /// A multiple of `PosterDeck.rowCount`.
    package let rowCount: Int
    private let deck = PosterDeck()
    private let positions: RowPermutation

    /// Makes a table of at least so many rows; it is rounded up to whole decks of posters.
    package init(seed: UInt64, atLeast rows: Int) {
        self.seed = seed
        let decks = max(1, (rows + PosterDeck.rowCount - 1) / PosterDeck.rowCount)
        rowCount = decks * PosterDeck.rowCount
        positions = RowPermutation(count: rowCount, seed: seed)
    }

    /// Who posted a row.
    package func poster(ofRow row: Int) -> Poster {
        let position = positions[row]
        let rank = deck.poster(at: position % PosterDeck.rowCount)
        let postCount = Int(deck.postCounts[rank])
        let number = rank == 0 ? 0 : position / PosterDeck.rowCount * PosterDeck.posterCount + rank
        return Poster(number: number, postCount: postCount, rank: rank)
    }

    package func person(_ poster: Poster) -> PosterPerson { PosterPerson(of: poster, seed: seed) }

    package func place(_ poster: Poster) -> PosterPlace { PosterPlace(of: poster, seed: seed) }

    package func category(ofRow row: Int) -> PinCategory { PinCategory(row: row, rowCount: rowCount) }

    /// What is missing in a row.
    package func combination(ofRow row: Int) -> DirtyCombination {
        guard !poster(ofRow: row).isUnknown else { return .storyWithNothing }
        var chance = SplitMix64(seed: seed, stream: .pin, item: UInt64(row))
        return DirtyCombination(category: category(ofRow: row), chance: &chance)
    }

    /// When a row was posted, in seconds since 1970: never before its poster joined.
    package func timestamp(ofRow row: Int, joinedAt: Int) -> Int {
        let posting = 1_508_371_200..<1_666_137_600  // 2017-10-19 up to 2022-10-19
        let start = max(posting.lowerBound, joinedAt)
        var chance = SplitMix64(seed: seed, stream: .timestamp, item: UInt64(row))
        let second = posting.lowerBound + chance.below(posting.count)
        return second >= start ? second : start + chance.below(posting.upperBound - start)
    }

    /// Appends one row of one table as a compact JSON object.
    package func append(_ table: EmulatedTable, row: Int, to bytes: inout [UInt8]) {
        switch table {
        case .pin: appendPin(row, to: &bytes)
        case .geo: appendGeo(row, to: &bytes)
        case .user: appendUser(row, to: &bytes)
        }
    }
}

extension SyntheticTable {
    private func appendPin(_ row: Int, to bytes: inout [UInt8]) {
        let poster = poster(ofRow: row)
        let category = category(ofRow: row)
        var chance = SplitMix64(seed: seed, stream: .pin, item: UInt64(row))
        let combination =
            poster.isUnknown
            ? .storyWithNothing : DirtyCombination(category: category, chance: &chance)
        let filler = TemplateFiller(category: category, poster: poster, seed: seed)
        let texts = PinText(filler: filler, seed: seed, row: UInt64(row))
        var text = TextBuffer()

        bytes.append("{\"index\":")
        bytes.appendDecimal(row)
        bytes.append(",\"unique_id\":\"")
        appendIdentifier(&chance, to: &bytes)
        bytes.append("\",\"title\":")
        let noTitle: StaticString? = combination.lacksPoster ? "No Title Data Available" : nil
        append(noTitle, or: texts.appendTitle, &text, &bytes)
        bytes.append(",\"description\":")
        append(sentinel(combination.description), or: texts.appendDescription, &text, &bytes)
        bytes.append(",\"poster_name\":")
        append(nil, or: { PosterName.append(of: poster, seed: seed, to: &$0) }, &text, &bytes)
        bytes.append(",\"follower_count\":\"")
        if combination.lacksPoster {
            bytes.append("User Info Error")
        } else {
            FollowerCount.append(of: poster, seed: seed, to: &bytes)
        }
        bytes.append("\",\"tag_list\":")
        let noTags: StaticString? = combination.lacksTags ? "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e" : nil
        append(noTags, or: texts.appendTags, &text, &bytes)
        appendMedium(combination, category, &chance, to: &bytes)
    }

    private func appendMedium(
        _ combination: DirtyCombination, _ category: PinCategory, _ chance: inout SplitMix64,
        to bytes: inout [UInt8]
    ) {
        bytes.append(",\"is_image_or_video\":\"")
        switch combination.medium {
        case .image: bytes.append("image")
        case .story: bytes.append("multi-video(story page format)")
        case .video: bytes.append("video")
        }
        bytes.append("\",\"image_src\":\"")
        if combination.lacksImageSource {
            bytes.append("Image src error.\",\"downloaded\":0")
        } else {
            ImageSource.append(medium: combination.medium, chance: &chance, to: &bytes)
            bytes.append("\",\"downloaded\":1")
        }
        bytes.append(",\"save_location\":\"Local save in /data/")
        bytes.append(category.name)
        bytes.append("\",\"category\":\"")
        bytes.append(category.name)
        bytes.append("\"}")
    }

    private func sentinel(_ description: DirtyCombination.Description) -> StaticString? {
        switch description {
        case .text: nil
        case .storyFormat: "No description available Story format"
        case .missing: "No description available"
        case .untitled: "Untitled"
        }
    }

    /// Appends what stands for a missing value, else the text that a closure composes.
    private func append(
        _ sentinel: StaticString?, or compose: (inout TextBuffer) -> Void, _ text: inout TextBuffer,
        _ bytes: inout [UInt8]
    ) {
        if let sentinel {
            bytes.append(UInt8(ascii: "\""))
            bytes.append(sentinel)
            bytes.append(UInt8(ascii: "\""))
        } else {
            text.removeAll()
            compose(&text)
            bytes.appendJSONString(text.bytes)
        }
    }

    /// A UUID of version 4.
    private func appendIdentifier(_ chance: inout SplitMix64, to bytes: inout [UInt8]) {
        let high = (chance.next() & ~0xF000) | 0x4000
        let low = (chance.next() & ~(0b11 << 62)) | (0b10 << 62)
        bytes.appendHex(high >> 32, digits: 8)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendHex(high >> 16, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendHex(high, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendHex(low >> 48, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendHex(low, digits: 12)
    }

    private func appendGeo(_ row: Int, to bytes: inout [UInt8]) {
        let poster = poster(ofRow: row)
        let place = place(poster)
        bytes.append("{\"ind\":")
        bytes.appendDecimal(row)
        bytes.append(",\"timestamp\":\"")
        bytes.appendTimestamp(timestamp(ofRow: row, joinedAt: person(poster).joinedAt))
        bytes.append("\",\"latitude\":")
        bytes.appendDegrees(billionths: place.latitudeBillionths)
        bytes.append(",\"longitude\":")
        bytes.appendDegrees(billionths: place.longitudeBillionths)
        bytes.append(",\"country\":\"")
        bytes.append(contentsOf: Vocabulary.countries.utf8(at: place.countryIndex))
        bytes.append("\"}")
    }

    private func appendUser(_ row: Int, to bytes: inout [UInt8]) {
        let person = person(poster(ofRow: row))
        bytes.append("{\"ind\":")
        bytes.appendDecimal(row)
        bytes.append(",\"first_name\":\"")
        bytes.append(contentsOf: Vocabulary.firstNames.utf8(at: person.firstNameIndex))
        bytes.append("\",\"last_name\":\"")
        bytes.append(contentsOf: Vocabulary.lastNames.utf8(at: person.lastNameIndex))
        bytes.append("\",\"age\":")
        bytes.appendDecimal(person.age)
        bytes.append(",\"date_joined\":\"")
        bytes.appendTimestamp(person.joinedAt)
        bytes.append("\"}")
    }
}
