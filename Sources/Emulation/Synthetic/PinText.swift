/// The texts of one pin: title, description, tags and image address.
struct PinText {
    let filler: TemplateFiller
    let seed: UInt64
    let row: UInt64

    /// A title in which line breaks, blanks at an end, quotes and characters beyond ASCII and beyond the
    /// basic plane are as frequent as in rows of this kind.
    func appendTitle(to text: inout TextBuffer) {
        var chance = SplitMix64(seed: seed, stream: .title, item: row)
        switch isInFancyLetters ? 500 : chance.below(4_214) {
        case 0: return
        case 1: text.append("Untitled")
        case 2: filler.append(Vocabulary.escapedTitles, chance: &chance, to: &text)
        case ..<11: filler.append(Vocabulary.brokenTitles, chance: &chance, to: &text)
        case ..<20: filler.append(Vocabulary.paddedTitles, chance: &chance, to: &text)
        case ..<65: filler.append(Vocabulary.quotedTitles, chance: &chance, to: &text)
        case ..<107: filler.append(Vocabulary.emojiTitles, chance: &chance, to: &text)
        case ..<500: filler.append(Vocabulary.accentedTitles, chance: &chance, to: &text)
        default:
            filler.append(Vocabulary.plainTitles, chance: &chance, to: &text)
            let tail = chance.below(100)
            if tail < 40 { filler.append(Vocabulary.titleTails, chance: &chance, to: &text) }
            if tail < 3 {
                text.append(". ")
                filler.append(Vocabulary.plainTitles, chance: &chance, to: &text)
            }
        }
        if isInFancyLetters { text.useFancyLetters() }
    }

    /// Whether all texts are in letters of four bytes each, which makes the longest rows.
    private var isInFancyLetters: Bool {
        var chance = SplitMix64(seed: seed, stream: .letters, item: row)
        return chance.below(600) == 0
    }

    /// The most characters of a description before the ellipsis and the blank that follow when it is cut.
    static let descriptionLimit = 177

    func appendDescription(to text: inout TextBuffer) {
        var chance = SplitMix64(seed: seed, stream: .description, item: row)
        let wanted = Self.wantedCharacters(&chance)
        if wanted < 30 {
            filler.append(Vocabulary.shortDescriptions, chance: &chance, to: &text)
            return
        }
        appendSentence(opening(&chance), &chance, &text)
        while text.characters < wanted - 25 {
            text.append(ascii: UInt8(ascii: " "))
            appendSentence(Vocabulary.plainSentences, &chance, &text)
        }
        if text.characters > Self.descriptionLimit + 2 {
            text.cut(to: Self.descriptionLimit)
            text.append(chance.below(1_559) < 1_527 ? "…\u{A0}" : "…")
        }
        if isInFancyLetters { text.useFancyLetters() }
    }

    private func appendSentence(
        _ templates: TemplateList, _ chance: inout SplitMix64, _ text: inout TextBuffer
    ) {
        let start = text.bytes.count
        filler.append(templates, chance: &chance, to: &text)
        text.capitalise(at: start)
    }

    private func opening(_ chance: inout SplitMix64) -> TemplateList {
        switch chance.below(1_000) {
        case ..<140: Vocabulary.accentedSentences
        case ..<166: Vocabulary.quotedSentences
        case ..<171: Vocabulary.emojiSentences
        default: Vocabulary.plainSentences
        }
    }

    /// A length after the distribution of descriptions; two in five are too long and are cut.
    private static func wantedCharacters(_ chance: inout SplitMix64) -> Int {
        let quantiles = [10, 72, 110, 132, 146, 158, 172, 250]
        let place = chance.below(1_000)
        guard place < 720 else { return 250 }
        let step = place * (quantiles.count - 1) / 720
        return quantiles[step] + chance.below(quantiles[step + 1] - quantiles[step])
    }

    /// Nine tags as a rule, with a comma and no blank between them.
    func appendTags(to text: inout TextBuffer) {
        var chance = SplitMix64(seed: seed, stream: .tags, item: row)
        let things = Vocabulary.thingsByCategory[filler.category.rawValue]
        // Odd and no multiple of three: with 24 things to a category no tag comes twice.
        let stride = [5, 7, 11, 13][chance.below(4)]
        var thing = chance.below(things.count)
        let count = Self.tagCount(&chance)
        let foreign = chance.below(4_180) < 39
        for tag in 0..<count {
            if tag > 0 { text.append(ascii: UInt8(ascii: ",")) }
            if tag == 0, foreign {
                Vocabulary.foreignTags.append(chance.below(Vocabulary.foreignTags.count), to: &text)
                continue
            }
            if chance.below(100) < 28 {
                Vocabulary.looks.append(chance.below(Vocabulary.looks.count), to: &text)
                text.append(ascii: UInt8(ascii: " "))
            }
            things.append(thing, to: &text)
            thing = (thing + stride) % things.count
        }
        if isInFancyLetters { text.useFancyLetters() }
    }

    private static func tagCount(_ chance: inout SplitMix64) -> Int {
        switch chance.below(4_180) {
        case ..<6: 8
        case 6: 7
        case 7: 3
        default: 9
        }
    }
}

/// Addresses of images: three pairs of hex digits as folders, which the file name begins with.
enum ImageSource {
    static func append(medium: DirtyCombination.Medium, chance: inout SplitMix64, to bytes: inout [UInt8]) {
        let high = chance.next()
        let low = chance.next()
        bytes.append("https://i.pinimg.com/")
        bytes.append(medium == .image ? "originals/" : "videos/thumbnails/originals/")
        for shift: UInt64 in [56, 48, 40] {
            bytes.appendHex(high >> shift, digits: 2)
            bytes.append(UInt8(ascii: "/"))
        }
        bytes.appendHex(high, digits: 16)
        bytes.appendHex(low, digits: 16)
        if medium == .image {
            switch chance.below(3_796) {
            case ..<6: bytes.append(".gif")
            case ..<25: bytes.append(".webp")
            case ..<622: bytes.append(".png")
            default: bytes.append(".jpg")
            }
        } else {
            bytes.append(chance.below(347) < 5 ? "-00001.jpg" : ".0000001.jpg")
        }
    }
}
