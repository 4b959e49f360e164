import NIOCore
import Testing

@testable import Kinesis

@Suite struct BufferBase64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func writesAndReadsTheStandardsExamples(_ text: String, _ encoded: String) {
        #expect(BufferBase64.encode(Array(text.utf8)) == encoded)
        #expect(BufferBase64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_"])
    func refusesWhatIsNotCanonical(_ text: String) {
        #expect(BufferBase64.decode(text) == nil)
    }

    @Test func readsWhatItWritesWhateverTheBytes() {
        var generator = SplitMix(state: 1)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            #expect(BufferBase64.decode(BufferBase64.encode(bytes)) == bytes)
        }
    }
}
