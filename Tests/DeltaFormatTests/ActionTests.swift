import Testing

@testable import DeltaFormat

@Suite struct PathTextTests {
    @Test func whatIsEncodedIsDecodedAgain() {
        for path in ["a/b.parquet", "c=a%2Fb/x y.parquet", "ä/%41/日本", "p=1+2&3"] {
            #expect(PathText.decoded(PathText.encoded(path)) == path)
        }
    }
}
