import Testing

@testable import DeltaFormat

@Suite struct PathTextTests {
    @Test(arguments: ["a/b.parquet", "c=a%2Fb/x y.parquet", "ä/%41/日本", "p=1+2&3", "%", "a%2", "%zz"])
    func whatIsEncodedIsDecodedAgain(_ path: String) {
        #expect(PathText.decoded(PathText.encoded(path)) == path)
    }

    @Test func partitionFoldersAreEscapedAsHiveDoesAndThenAsPaths() {
        #expect(PathText.folder("p", "a/b=c:") == "p=a%2Fb%3Dc%3A")
        #expect(PathText.encoded(PathText.folder("p", "a:b")) == "p=a%253Ab")
        #expect(PathText.folder("p", nil) == "p=__HIVE_DEFAULT_PARTITION__")
    }

    @Test func pathsOfOtherTablesAreAbsolute() {
        #expect(PathText.isAbsolute("s3://bucket/a"))
        #expect(PathText.isAbsolute("/a"))
        #expect(!PathText.isAbsolute("day=1/a:b"))
    }
}
