import Testing

@testable import ObjectStore

@Suite struct ObjectKeyTests {
    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a/..", "a\0b",
        ".a.partial", "x/.a.json.partial", ".partial", ".a.partial/b",
    ])
    func isRefusedWhereUnsafeAsAPath(text: String) {
        #expect(ObjectKey(text) == nil)
    }

    @Test(arguments: [
        "a", "a/b", "...", "a..b", ".hidden", "a.partial", "topics/a.pin/partition=0/a.pin+0+1.json", "ä/日本",
    ])
    func isTakenWhereSafe(text: String) {
        #expect(ObjectKey(text)?.rawValue == text)
    }

    @Test func mayHaveAsManyBytesAsS3Allows() {
        #expect(ObjectKey(String(repeating: "a", count: ObjectKey.maxBytes)) != nil)
        #expect(ObjectKey(String(repeating: "a", count: ObjectKey.maxBytes + 1)) == nil)
        #expect(ObjectKey(String(repeating: "ä", count: ObjectKey.maxBytes / 2 + 1)) == nil)
    }

    @Test func sortsByItsText() {
        #expect(ObjectKey.named("a+10") < ObjectKey.named("a+9"))
        #expect(ObjectKey.named("a/b") < ObjectKey.named("ab"))
        #expect(ObjectKey.named("a\u{FFFD}") < ObjectKey.named("a\u{1F600}"))
    }

    @Test func twoSpellingsOfOneLetterAreTwoKeys() {
        #expect(ObjectKey.named("e\u{301}") != ObjectKey.named("\u{E9}"))
    }
}
