import QueryEngine
import StreamModel
import Testing

@testable import Pipelines

@Suite struct SeenFileTests {
    private final class Folder {
        let path: String

        init() throws {
            path = try LocalFiles.makeTemporaryFolder()
        }

        deinit {
            LocalFiles.removeFolder(path)
        }

        var file: SeenFile { SeenFile(folder: path, table: "pin") }
        var bytes: [UInt8] { LocalFiles.bytes(of: path + "/pin.0.seen") ?? [] }

        func write(_ bytes: some Sequence<UInt8>) throws {
            try LocalFiles.replace(path + "/pin.0.seen", with: Array(bytes))
        }

        func blocks() throws -> [SeenFile.Block] {
            var blocks: [SeenFile.Block] = []
            for generation in file.generations() {
                try file.read(generation) {
                    blocks.append($0)
                    return true
                }
            }
            return blocks
        }

        func memory(_ positions: [String: Int64], id: String = "t") -> RowMemory {
            RowMemory(
                file: file,
                state: StreamTableState(id: id, version: 1, positions: positions, files: 1, columns: []),
                stream: "s", tableID: id, seed: 1, limits: SeenRows.Limits(maxBytes: 1 << 20))
        }
    }

    private static func block(_ cut: Int64, _ hash: UInt64) -> SeenFile.Block {
        SeenFile.Block(
            cut: cut, time: 5, tableID: "t", positions: ["s/a/0": cut * 10],
            hashes: [RowHash(high: hash, low: ~hash)])
    }

    @Test func givesBackWhatWasAppended() throws {
        let folder = try Folder()
        try folder.file.append(Self.block(1, 1), generation: 0)
        try folder.file.append(Self.block(2, 2), generation: 0)
        try folder.file.append(Self.block(3, 3), generation: 1)
        #expect(try folder.blocks() == [Self.block(1, 1), Self.block(2, 2), Self.block(3, 3)])
    }

    @Test(arguments: [1, 10, 40])
    func cutsOffATornBlockAndGoesOnBehindTheLastWholeOne(lost: Int) throws {
        let folder = try Folder()
        try folder.file.append(Self.block(1, 1), generation: 0)
        let whole = folder.bytes.count
        try folder.file.append(Self.block(2, 2), generation: 0)
        try folder.write(folder.bytes.dropLast(lost))
        #expect(try folder.blocks() == [Self.block(1, 1)])
        #expect(folder.bytes.count == whole)
        try folder.file.append(Self.block(3, 3), generation: 0)
        #expect(try folder.blocks() == [Self.block(1, 1), Self.block(3, 3)])
    }

    @Test func aChangedByteEndsTheFile() throws {
        let folder = try Folder()
        try folder.file.append(Self.block(1, 1), generation: 0)
        var bytes = folder.bytes
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes)
        #expect(try folder.blocks() == [])
    }

    @Test func aBlockWhoseCommitIsNotInTheTableDoesNotCount() throws {
        let folder = try Folder()
        try folder.file.append(Self.block(1, 1), generation: 0)
        try folder.file.append(Self.block(2, 2), generation: 0)
        let memory = folder.memory(["s/a/0": 10])
        #expect(try memory.load(observedUpTo: .max))
        #expect(memory.seen.count == 1)
        #expect(try folder.blocks() == [Self.block(1, 1)])
    }

    @Test func aTableThatIsFurtherThanTheFileIsReadAnew() throws {
        let folder = try Folder()
        try folder.file.append(Self.block(1, 1), generation: 0)
        #expect(try !folder.memory(["s/a/0": 20]).load(observedUpTo: .max))
    }

    @Test func anotherTablesFileIsReadAnew() throws {
        let folder = try Folder()
        try folder.file.append(Self.block(1, 1), generation: 0)
        #expect(try !folder.memory(["s/a/0": 10], id: "other").load(observedUpTo: .max))
    }

    @Test func rowsOfLaterCutsAreNotObserved() throws {
        let folder = try Folder()
        try folder.file.append(Self.block(1, 1), generation: 0)
        try folder.file.append(Self.block(2, 2), generation: 0)
        let memory = folder.memory(["s/a/0": 20])
        #expect(try memory.load(observedUpTo: 1))
        #expect(memory.unobserved == [RowHash(high: 2, low: ~2)])
        #expect(memory.lastCut == 2)
    }
}

@Suite struct StreamPositionsTests {
    private static let source = SourceID(topic: TopicID(high: 1, low: 2), partition: PartitionIndex(3))

    private static var positions: StreamPositions {
        var positions = StreamPositions()
        positions.stream = "pinline/x"
        positions.cut = 7
        positions.next = [source: 12]
        positions.tables = ["b": .init(id: "two", version: 2), "a": .init(id: "one", version: 1)]
        positions.letters = [source: 1]
        return positions
    }

    @Test func givesBackWhatWasWritten() {
        #expect(StreamPositions(bytes: Self.positions.bytes) == Self.positions)
    }

    @Test func damagedBytesAreNoPositions() {
        let bytes = Self.positions.bytes
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x10
            #expect(StreamPositions(bytes: damaged) == nil)
            #expect(StreamPositions(bytes: Array(bytes[..<index])) == nil)
        }
    }

    @Test func aTableTellsThePositionsOfItsStreamOnly() {
        let name = Self.source.name(in: "pinline/x")
        let found = StreamJob.positions([name: 9, "other/1/2": 3, "pinline/x/bad": 1], of: "pinline/x")
        #expect(found == [Self.source: 9])
    }

    @Test func whatEveryTableHasIsTheLeastOfAll() {
        #expect(StreamJob.least([[Self.source: 9], [Self.source: 4]]) == [Self.source: 4])
        #expect(StreamJob.least([[Self.source: 9], [:]]) == [Self.source: 0])
    }

    @Test func aLetterTellsWhichRecordItHolds() throws {
        let topic = try #require(TopicName("x.pin"))
        let letter = StreamLetter(
            source: Self.source, partition: TopicPartition(topic, PartitionIndex(3)), offset: 44, key: [1],
            value: [2, 3], reason: "no")
        let headers = DeadLetters.record(letter).entries[0].headers
        #expect(DeadLetters.origin(headers) == DeadLetters.Origin(source: Self.source, offset: 44))
        #expect(DeadLetters.origin(headers.filter { !$0.name.hasSuffix("connector.name") }) == nil)
    }
}
