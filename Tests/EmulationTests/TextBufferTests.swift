import Testing

@testable import Emulation

@Suite struct TextBufferTests {
    private func string(_ text: TextBuffer) -> String { String(decoding: text.bytes, as: UTF8.self) }

    @Test func cutCountsCharactersAndDropsBlanksBeforeTheCut() {
        var text = TextBuffer()
        text.append("idéal 💛 pour")
        text.cut(to: 8)
        #expect(string(text) == "idéal 💛 ".dropLast())
        #expect(text.characters == 7)
    }

    @Test func fancyLettersReplaceEveryASCIILetter() {
        var text = TextBuffer()
        text.append("Az, 9 é")
        text.useFancyLetters()
        #expect(string(text) == "𝗔𝘇, 9 é")
        #expect(text.characters == 7)
    }

    @Test func phrasesAreSplitAtSemicolonsAndLinesAndTrimmed() {
        let phrases = PhraseList(" One Two ;Three\n  Four;\n")
        #expect(
            phrases.indices.map { String(decoding: phrases.utf8(at: $0), as: UTF8.self) } == [
                "One Two", "Three", "Four",
            ])
    }

    @Test func everyVocabularyHasWhatTheGeneratorCountsOn() {
        #expect(
            Vocabulary.thingsByCategory.map(\.count)
                == Array(repeating: 24, count: PinCategory.allCases.count))
        #expect(Vocabulary.posterFirstWords.count == 64)
        #expect(Vocabulary.posterSecondWords.count == 64)
        #expect(Vocabulary.posterForms.count == 48)
        #expect(Vocabulary.countries.count == 243)
    }

    @Test func listsOfWhichTheFirstIsTakenAreSorted() {
        for list in [Vocabulary.countries, Vocabulary.firstNames, Vocabulary.lastNames] {
            let names = list.indices.map { Array(list.utf8(at: $0)) }
            #expect(zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        }
    }
}
