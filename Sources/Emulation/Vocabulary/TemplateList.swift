/// Sentence patterns with slots in braces, parsed once: `"{number} {Look} {Thing}"`.
struct TemplateList: Sendable {
    enum Segment: Sendable {
        case literal(bytes: ArraySlice<UInt8>, characters: Int)
        case slot(Slot)
    }

    /// What may stand in braces; a capital letter at the front means Title Case.
    enum Slot: String, Sendable {
        case thing, look, place, time, reader
        case titleThing = "Thing"
        case titleLook = "Look"
        case titlePlace = "Place"
        case poster, number, year
        case firstWord = "A"
        case secondWord = "B"
        case blank, lineBreak, quote, backslash
    }

    let templates: [[Segment]]

    init(_ text: String) {
        templates = PhraseList.split(text).map(TemplateList.segments)
    }

    var count: Int { templates.count }

    private static func segments(of template: String) -> [Segment] {
        var segments: [Segment] = []
        let parts = template.split(separator: "{", omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            guard position > 0 else {
                segments += literal(part)
                continue
            }
            let pieces = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
            let slot = Slot(rawValue: String(pieces[0]))
            precondition(pieces.count == 2 && slot != nil, "template with an unknown slot: \(template)")
            if let slot { segments.append(.slot(slot)) }
            segments += literal(pieces[1])
        }
        return segments
    }

    private static func literal(_ text: Substring) -> [Segment] {
        text.isEmpty
            ? [] : [.literal(bytes: Array(text.utf8)[...], characters: text.unicodeScalars.count)]
    }
}
