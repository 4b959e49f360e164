import Testing

@testable import DeltaFormat

@Suite struct TableStateTests {
    static func file(_ path: String, _ statistics: String? = nil) -> AddFile {
        AddFile(path: path, size: 1, modificationTime: 1, statistics: statistics)
    }

    static func removal(_ path: String) -> RemoveFile {
        RemoveFile(path: path, deletionTimestamp: 5, dataChange: true)
    }

    @Test func theLastWordOfAFileCounts() {
        var state = TableState.empty
        state.apply([.add(Self.file("a")), .add(Self.file("b"))], of: TableVersion(0))
        state.apply([.remove(Self.removal("a")), .remove(Self.removal("z"))], of: TableVersion(1))
        state.apply([.remove(Self.removal("b")), .add(Self.file("a", "s"))], of: TableVersion(2))
        #expect(state.files.keys.sorted() == ["a"])
        #expect(state.files["a"]?.statistics == "s")
        #expect(state.removed.keys.sorted() == ["b", "z"])
        #expect(state.version == TableVersion(2))
    }

    @Test func aTransactionIsThatOfItsLastCommit() {
        var state = TableState.empty
        for version: Int64 in [3, 9] {
            state.apply(
                [.transaction(AppTransaction(appID: "a", version: version), lastUpdated: nil)],
                of: state.version.next)
        }
        #expect(state.transactions["a"]?.version == 9)
    }

    @Test func aCheckpointTakesStatisticsAndRemovals() {
        var state = TableState.empty
        state.apply([.add(Self.file("a", "s")), .remove(Self.removal("b"))], of: TableVersion(0))
        state.rest(on: Checkpoint(version: TableVersion(0), names: ["x"]))
        #expect(state.files["a"]?.statistics == nil)
        #expect(state.recent.isEmpty && state.removed.isEmpty)
        #expect(state.base?.version == TableVersion(0))
    }
}
