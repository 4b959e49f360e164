import ObjectStore
import StreamModel
import Testing

@testable import Sinks

@Suite struct ObjectNamingTests {
    private func name(
        in directory: String = "topics", of partition: TopicPartition = .pins, at offset: Int64 = 0
    ) -> String? {
        ObjectNaming.key(directory: directory, partition, firstOffset: Offset(offset))?.rawValue
    }

    @Test func isThatOfTheS3Sink() {
        #expect(
            name(of: TopicPartition("0affe.pin", 2), at: 1_234)
                == "topics/0affe.pin/partition=2/0affe.pin+2+0000001234.json")
    }

    @Test(arguments: [
        (0, "0000000000"), (9_999_999_999, "9999999999"), (10_000_000_000, "10000000000"),
        (Int64.max, "9223372036854775807"),
    ])
    func padsTheOffsetToTenDigitsAndCutsNone(offset: Int64, digits: String) {
        #expect(name(at: offset) == "topics/u.pin/partition=0/u.pin+0+\(digits).json")
    }

    @Test func theDirectoryMayBeDeepOrMissing() {
        #expect(name(in: "a/b") == "a/b/u.pin/partition=0/u.pin+0+0000000000.json")
        #expect(name(in: "") == "u.pin/partition=0/u.pin+0+0000000000.json")
    }

    @Test(arguments: ["/topics", "topics/", "a//b", "..", "a/../b"])
    func thereIsNoneInADirectoryThatIsUnsafe(directory: String) {
        #expect(name(in: directory) == nil)
    }

    @Test func aTopicOfAnyLengthHasOne() {
        #expect(name(of: TopicPartition(String(repeating: "t", count: 249), 0)) != nil)
    }

    @Test func thatOfATopicMadeAnewTellsItFromThoseBefore() {
        let key = ObjectNaming.key(directory: "topics", .pins, life: 2, firstOffset: Offset(0))
        #expect(key?.rawValue == "topics/u.pin/partition=0/u.pin~2+0+0000000000.json")
    }

    @Test func theLastTopicThatLeftObjectsIsFoundByTheirNames() {
        func last(_ names: String...) -> Int? {
            ObjectNaming.lastLife(
                of: .pins, among: names.compactMap { ObjectKey("topics/u.pin/partition=0/\($0)") })
        }
        #expect(last() == nil)
        #expect(last("other.json", "u.pin.json", "u.pinx+0+0000000000.json", "u.pin~x+0+0.json") == nil)
        #expect(last("u.pin+0+0000000000.json") == 0)
        #expect(last("u.pin~9+0+0.json", "u.pin~10+0+0.json", "u.pin+0+0.json") == 10)
    }
}
