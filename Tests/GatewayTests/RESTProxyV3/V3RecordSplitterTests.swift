import NIOCore
import Testing

@testable import Gateway

@Suite struct V3RecordSplitterTests {
    /// What is found in a body that comes in parts of so many bytes.
    private func split(_ text: String, by size: Int, maxBytes: Int = 1000) -> (
        objects: [String], last: V3RecordSplitter.Found, isComplete: Bool
    ) {
        var splitter = V3RecordSplitter(maxBytes: maxBytes)
        var objects: [String] = []
        var rest = ByteBuffer(string: text)
        var last = V3RecordSplitter.Found.needsMore
        while let part = rest.readSlice(length: min(size, rest.readableBytes)), part.readableBytes > 0 {
            splitter.append(part)
            while true {
                last = splitter.next()
                guard case .object(let object) = last else { break }
                objects.append(String(buffer: object))
            }
            guard last == .needsMore else { break }
        }
        return (objects, last, splitter.isComplete)
    }

    private static let objects = [
        "{}", #"{"a":{"b":[1,{"c":"}"}]}}"#, #"{"text":"[{\"\\"}"#, #"{"é":"\u007d"}"#, "{\n \"a\" : 1 }",
    ]

    @Test(arguments: ["", " ", "\n", "\r\n\t "])
    func objectsOneAfterTheOtherAreFoundHoweverTheBodyIsCut(separator: String) {
        let text = Self.objects.joined(separator: separator) + separator
        for size in 1...text.utf8.count {
            let found = split(text, by: size)
            #expect(found.objects == Self.objects)
            #expect(found.last == .needsMore)
            #expect(found.isComplete)
        }
    }

    @Test func objectsOfAnArrayAreFoundHoweverTheBodyIsCut() {
        let text = " [ " + Self.objects.joined(separator: " ,\n") + " ] "
        for size in 1...text.utf8.count {
            let found = split(text, by: size)
            #expect(found.objects == Self.objects)
            #expect(found.isComplete)
        }
    }

    @Test(arguments: ["1", "\"a\"", "null", "}", "]", ",{}", "{}[{}]", "{},{}", "\u{FEFF}{}"])
    func somethingElseThanAnObjectIsForeign(text: String) {
        for size in [1, 100] { #expect(split(text, by: size).last == .foreign) }
    }

    @Test(arguments: ["{", #"{"a":"}"#, #"{"a":"\"#, "[", "[{}", "[{},"])
    func aBodyThatBreaksOffIsNotComplete(text: String) {
        let found = split(text, by: 1)
        #expect(found.last == .needsMore)
        #expect(!found.isComplete)
    }

    @Test func anObjectPastTheLimitIsTooLargeBeforeItsEndIsThere() {
        let within = #"{"a":"\#(String(repeating: "x", count: 92))"}"#
        #expect(split(within, by: 7, maxBytes: 100).objects == [within])
        let past = #"{"a":"\#(String(repeating: "x", count: 93))"}"#
        for size in [1, 7, 200] { #expect(split(past, by: size, maxBytes: 100).last == .tooLarge) }
        #expect(
            split(#"{"a":"\#(String(repeating: "x", count: 200))"#, by: 7, maxBytes: 100).last == .tooLarge)
    }
}
