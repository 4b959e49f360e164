import Testing

@testable import DeltaFormat

@Suite struct ConflictRulesTests {
    static let file = AddFile(path: "a", size: 1, modificationTime: 1)
    static let append = Commit(
        actions: [.add(file), .transaction(AppTransaction(appID: "me", version: 1), lastUpdated: nil)],
        operation: "WRITE")
    static let merge = Commit(
        actions: [.add(file), .remove(RemoveFile(path: "old", deletionTimestamp: 1, dataChange: false))],
        operation: "OPTIMIZE")
    static let metadata = TableMetadata(id: "", schemaJSON: "", partitionColumns: [], configuration: [:])

    static func removal(of path: String) -> Action {
        .remove(RemoveFile(path: path, deletionTimestamp: 1, dataChange: true))
    }

    @Test func appendsStandBesideEachOther() {
        let other = Action.transaction(AppTransaction(appID: "you", version: 1), lastUpdated: nil)
        #expect(ConflictRules(commit: Self.append).conflict(with: [.add(Self.file), other]) == nil)
        #expect(ConflictRules(commit: Self.append).conflict(with: [Self.removal(of: "x")]) == nil)
    }

    @Test func theSameWriterInTwoPlacesConflicts() {
        let same = Action.transaction(AppTransaction(appID: "me", version: 0), lastUpdated: nil)
        #expect(ConflictRules(commit: Self.append).conflict(with: [same]) == .transaction("me"))
    }

    @Test func achangeOfTheTableConflicts() {
        let rules = ConflictRules(commit: Self.append)
        #expect(rules.conflict(with: [.metadata(Self.metadata)]) == .metadataChanged)
        #expect(rules.conflict(with: [.tableProtocol(.plain)]) == .protocolChanged)
    }

    @Test func aMergedFileThatIsGoneConflicts() {
        let rules = ConflictRules(commit: Self.merge)
        #expect(rules.conflict(with: [Self.removal(of: "old")]) == .fileRemoved("old"))
        #expect(rules.conflict(with: [.add(Self.file), Self.removal(of: "another")]) == nil)
    }

    @Test func whatRestsOnAllRowsConflictsWithNewOnes() {
        var commit = Self.merge
        commit.restsOnAllRows = true
        #expect(ConflictRules(commit: commit).conflict(with: [.add(Self.file)]) == .fileAdded("a"))
        #expect(!commit.isBlindAppend && Self.append.isBlindAppend && !Self.merge.isBlindAppend)
    }
}
