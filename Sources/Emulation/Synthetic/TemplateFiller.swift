/// Puts words into templates, for one pin.
struct TemplateFiller {
    let category: PinCategory
    let poster: Poster
    let seed: UInt64

    /// Draws one of the templates and appends it with all slots filled.
    func append(
        _ templates: TemplateList, chance: inout SplitMix64, to text: inout TextBuffer
    ) {
        append(templates.templates[chance.below(templates.count)], chance: &chance, to: &text)
    }

    private func append(
        _ segments: [TemplateList.Segment], chance: inout SplitMix64, to text: inout TextBuffer
    ) {
        for segment in segments {
            switch segment {
            case .literal(let bytes, let characters): text.append(bytes, characters: characters)
            case .slot(let slot): fill(slot, chance: &chance, to: &text)
            }
        }
    }

    private func fill(_ slot: TemplateList.Slot, chance: inout SplitMix64, to text: inout TextBuffer) {
        switch slot {
        case .thing: draw(Vocabulary.lowercaseThingsByCategory[category.rawValue], &chance, &text)
        case .titleThing: draw(Vocabulary.thingsByCategory[category.rawValue], &chance, &text)
        case .look: draw(Vocabulary.lowercaseLooks, &chance, &text)
        case .titleLook: draw(Vocabulary.looks, &chance, &text)
        case .place: draw(Vocabulary.lowercasePlaces, &chance, &text)
        case .titlePlace: draw(Vocabulary.places, &chance, &text)
        case .time: draw(Vocabulary.times, &chance, &text)
        case .reader: draw(Vocabulary.readers, &chance, &text)
        case .number: text.append(3 + chance.below(98))
        case .year: text.append(2017 + chance.below(6))
        case .poster: PosterName.append(of: poster, seed: seed, to: &text)
        case .blank: text.append(ascii: UInt8(ascii: " "))
        case .lineBreak: text.append(ascii: UInt8(ascii: "\n"))
        case .quote: text.append(ascii: UInt8(ascii: "\""))
        case .backslash: text.append(ascii: UInt8(ascii: "\\"))
        case .firstWord, .secondWord: break  // only names of posters have these
        }
    }

    @inline(__always)
    private func draw(_ phrases: PhraseList, _ chance: inout SplitMix64, _ text: inout TextBuffer) {
        phrases.append(chance.below(phrases.count), to: &text)
    }
}

/// Names of posters: no two posters have the same one.
enum PosterName {
    private static let first = Vocabulary.posterFirstWords
    private static let second = Vocabulary.posterSecondWords
    private static let forms = Vocabulary.posterForms
    /// Odd and no multiple of three, so that it is a bijection of `0 ..< combinations`.
    private static let stride = 0x2_4F5B
    static let combinations = first.count * second.count * forms.count

    static func append(of poster: Poster, seed: UInt64, to text: inout TextBuffer) {
        guard !poster.isUnknown else {
            text.append("User Info Error")
            return
        }
        var start = SplitMix64(seed: seed, stream: .posterName, item: 0)
        let place = (poster.number % combinations * stride + start.below(combinations)) % combinations
        for segment in forms.templates[place % forms.count] {
            switch segment {
            case .literal(let bytes, let characters): text.append(bytes, characters: characters)
            case .slot(.firstWord): first.append(place / forms.count % first.count, to: &text)
            case .slot(.secondWord): second.append(place / forms.count / first.count, to: &text)
            case .slot: text.append(ascii: UInt8(ascii: " "))
            }
        }
        let round = poster.number / combinations
        if round > 0 {
            text.append(" No. ")
            text.append(round + 1)
        }
    }
}
