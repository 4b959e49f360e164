import Testing

@testable import ObjectStore

@Suite struct CompactionPlanTests {
    private static let now: Int64 = 1_763_000_000_000

    private static func object(_ key: String, _ size: Int64, age: Int64 = 7_200_000) -> ListedObject {
        ListedObject(key: .named(key), stat: ObjectStat(size: size, modified: now - age))
    }

    private static func names(
        _ objects: [ListedObject], _ change: (inout CompactionSettings) -> Void = { _ in },
        finality: (SinkObjectName) -> ObjectFinality = { _ in .unknown }
    ) -> [[[String]]] {
        var settings = CompactionSettings()
        change(&settings)
        return CompactionPlan(objects, settings, now: now, finality: finality).steps.map { step in
            step.merges.map { merge in
                merge.sources.map { String($0.key.rawValue.split(separator: "/").last ?? "") }
            }
        }
    }

    @Test func mergesInTheOrderOfOffsetsWhateverTheirPadding() {
        let objects = ["t+0+10.json", "t+0+9.json", "t+0+100.json"].map {
            Self.object("topics/t/p/" + $0, 10)
        }
        #expect(Self.names(objects) == [[["t+0+9.json", "t+0+10.json", "t+0+100.json"]]])
    }

    @Test func keepsToTheTarget() {
        let objects = (0..<5).map { Self.object("t/t+0+\($0).json", 10) }
        let merged = Self.names(objects) { $0.targetBytes = 20 }
        #expect(merged == [[["t+0+0.json", "t+0+1.json"]], [["t+0+2.json", "t+0+3.json"]]])
    }

    @Test func aLargeObjectDividesItsNeighbours() {
        let sizes: [Int64] = [10, 10, 500, 10]
        let objects = sizes.enumerated().map { Self.object("t/t+0+\($0.offset).json", $0.element) }
        #expect(Self.names(objects) { $0.minBytes = 100 } == [[["t+0+0.json", "t+0+1.json"]]])
    }

    @Test func whatASinkMayWriteAgainStays() {
        let objects = (0..<4).map { Self.object("t/t+0+\($0).json", 10, age: 0) }
        let merged = Self.names(objects, finality: { $0.offset < 2 ? .final : .pending })
        #expect(merged == [[["t+0+0.json", "t+0+1.json"]]])
    }

    @Test func aYoungFolderWaits() {
        let objects = [Self.object("t/t+0+0.json", 10), Self.object("t/t+0+1.json", 10, age: 1000)]
        #expect(Self.names(objects).isEmpty)
        #expect(Self.names(objects) { $0.closedBefore = Self.now }.count == 1)
        #expect(Self.names(objects) { $0.closedBefore = Self.now - 2000 }.isEmpty)
    }

    @Test(
        arguments: [
            ("topics/t/year=1970/month=01/day=01/hour=00/", 3_600_000),
            ("year=1970/month=01/day=02/", 172_800_000),
            ("year=1970/", 31_536_000_000), ("year=1970/month=12/", 31_536_000_000),
            ("year=2000/month=02/day=29/", 951_868_800_000), ("year=1969/month=12/day=31/", 0),
        ] as [(String, Int64)])
    func aFoldersTimeEnds(folder: String, end: Int64) {
        #expect(FolderTime.end(of: folder) == end)
    }

    @Test(arguments: ["topics/t/partition=0/", "month=01/", "year=20x/", "year=99999/", ""])
    func otherFoldersHaveNoTime(folder: String) {
        #expect(FolderTime.end(of: folder) == nil)
    }

    @Test(arguments: [
        "t+0.json", "t+0+.json", "t+-1+5.json", "+0+5.json", "t~x+0+5.json", "t~0+0+5.json", "t+0+5+6.json",
        "t+0+99999999999999999999.json",
    ])
    func otherKeysAreNoObjectsOfSinks(key: String) {
        #expect(SinkObjectName(.named("topics/" + key)) == nil)
    }

    @Test func aNameTellsItsParts() throws {
        let name = try #require(SinkObjectName(.named("a/b/me.pin~2+7+0000000012.keys.json.gz")))
        #expect(name.folder == "a/b/")
        #expect(name.topic == "me.pin")
        #expect((name.life, name.partition, name.offset) == (2, 7, 12))
        #expect(name.ending == ".keys.json.gz")
        #expect(name.isCompanion)
    }
}
