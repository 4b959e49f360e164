import Testing

@testable import Pipelines

@Suite struct LineReaderTests {
    /// All lines of a pass with their locators, as one thread after the other takes pieces.
    private func lines(_ objects: RawObjectSet, blockBytes: Int) throws -> [Int: String] {
        let plan = BlockPlan(sizes: objects.objects.map(\.bytes), blockBytes: blockBytes)
        let readers = [LineReader(objects, plan), LineReader(objects, plan)]
        var found: [Int: String] = [:]
        var turn = 0
        while try readers[turn % 2].loadNextPiece() {
            while let line = readers[turn % 2].next() {
                #expect(found[line.locator] == nil)
                found[line.locator] = String(decoding: line.bytes, as: UTF8.self)
            }
            turn += 1
        }
        return found
    }

    private func expected(_ texts: [String]) -> [Int: String] {
        var found: [Int: String] = [:]
        var start = 0
        for text in texts {
            var place = start
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                if place < start + text.utf8.count { found[place] = String(line) }
                place += line.utf8.count + 1
            }
            start += text.utf8.count
        }
        return found
    }

    @Test(arguments: Array(1...40) + [64, 100, 1000, 1 << 20])
    func everyLineIsReadOnceWhateverTheBlocks(_ blockBytes: Int) throws {
        let texts = [
            "one\ntwo\n\nfour is a longer line than the others\nfive\n", "x",
            "no end of line at the end\nlast",
            String(repeating: "y", count: 300) + "\n" + "z\n", "\n\n\n",
        ]
        let bucket = try TemporaryBucket(
            Dictionary(uniqueKeysWithValues: texts.enumerated().map { ("topics/t/\($0).json", $1) }))
        defer { withExtendedLifetime(bucket) {} }
        #expect(try lines(bucket.objects(), blockBytes: blockBytes) == expected(texts))
    }

    @Test func manySmallObjectsMakeOnePiece() {
        let plan = BlockPlan(sizes: [10, 20, 30, 100], blockBytes: 64)
        #expect(plan.nextPiece().map(\.object) == [0, 1, 2])
        #expect(plan.nextPiece() == [ObjectBlock(object: 3, range: 0..<64)])
        #expect(plan.nextPiece() == [ObjectBlock(object: 3, range: 64..<100)])
        #expect(plan.nextPiece().isEmpty)
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstLine() throws {
        let bucket = try TemporaryBucket(["topics/t/0.json": "\u{FEFF}one\n"])
        defer { withExtendedLifetime(bucket) {} }
        #expect(try lines(bucket.objects(), blockBytes: 100) == [3: "one"])
    }

    @Test(arguments: [8, 1000]) func aLineIsComparedWithAnEarlierOneByItsBytes(_ blockBytes: Int) throws {
        let bucket = try TemporaryBucket([
            "topics/t/0.json": "same\nother\nsame longer\n", "topics/t/1.json": "same",
        ])
        defer { withExtendedLifetime(bucket) {} }
        let objects = try bucket.objects()
        let reader = LineReader(
            objects, BlockPlan(sizes: objects.objects.map(\.bytes), blockBytes: blockBytes))
        while try reader.loadNextPiece() {
            while let line = reader.next() {
                let isSame = String(decoding: line.bytes, as: UTF8.self) == "same"
                #expect(try reader.isSame(line, as: 0) == isSame)
                #expect(try reader.isSame(line, as: 23) == isSame)
                #expect(try reader.isSame(line, as: 5) == (line.count == 5))
            }
        }
    }

    @Test func aPlaceIsDescribedByObjectAndLine() throws {
        let bucket = try TemporaryBucket(["topics/t/0.json": "a\nb\nc\n", "topics/t/1.json": "d\ne\n"])
        defer { withExtendedLifetime(bucket) {} }
        #expect(try bucket.objects().description(of: 4) == "topics/t/0.json:3")
        #expect(try bucket.objects().description(of: 8) == "topics/t/1.json:2")
    }
}

@Suite struct BucketListingTests {
    @Test func topicsAreTheFoldersBelowTopics() throws {
        let bucket = try TemporaryBucket([
            "topics/a.pin/partition=0/a.pin+0+0000000001.json": "{}", "topics/a.pin/partition=1/x.json": "{}",
            "topics/a.geo/partition=0/x.json": "{}", "topics/a.geo/partition=0/.x.json": "{}",
            "topics/a.geo/notes.txt": "x", "topics/a.geo/empty.json": "",
        ])
        defer { withExtendedLifetime(bucket) {} }
        let topics = try BucketListing.list(bucket.path).topics
        #expect(topics.map(\.name) == ["a.geo", "a.pin"])
        #expect(
            topics[1].objects.map(\.name) == [
                "topics/a.pin/partition=0/a.pin+0+0000000001.json", "topics/a.pin/partition=1/x.json",
            ])
        #expect(topics[0].objects.count == 1)
    }

    @Test func filesInNoFolderBelongToTheTopicOfTheirName() throws {
        let bucket = try TemporaryBucket([
            "a.pin+0+0000000000.json": "{}", "a.geo.ndjson": "{}", "b.pin/x.jsonl": "{}",
        ])
        defer { withExtendedLifetime(bucket) {} }
        #expect(try BucketListing.list(bucket.path).topics.map(\.name) == ["a.geo", "a.pin", "b.pin"])
    }

    @Test func aFolderThatIsNotThereOrEmptyIsAnError() throws {
        let bucket = try TemporaryBucket()
        defer { withExtendedLifetime(bucket) {} }
        for path in [bucket.path, bucket.path + "/missing"] {
            let error = #expect(throws: PipelineError.self) { try BucketListing.list(path) }
            #expect(error?.code == .nothingToRead)
            #expect(error?.message.contains("--bucket") == true)
        }
    }
}
