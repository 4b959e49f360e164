import Testing

@testable import DeltaFormat

@Suite struct CompactionPlanTests {
    static func plan(
        _ sizes: [Int64], thorough: Bool = false, partitions: [String?] = [], target: Int64? = nil
    ) -> CompactionPlan {
        var settings = DeltaSettings()
        settings.filesToMerge = 4
        let files = sizes.enumerated().map { index, size in
            AddFile(
                path: "\(index)", partitionValues: partitions.isEmpty ? [:] : ["p": partitions[index]],
                size: size, modificationTime: Int64(index))
        }
        return CompactionPlan(
            files, partitionColumns: partitions.isEmpty ? [] : ["p"], settings: settings, targetBytes: target,
            isThorough: thorough)
    }

    @Test func fewFilesAreLeftAlone() {
        #expect(Self.plan([1000, 1000, 1000]).groups.isEmpty)
    }

    @Test func filesOfAboutOneSizeAreMerged() {
        let plan = Self.plan([1000, 1000, 1000, 1000, 30 << 20])
        #expect(plan.groups.map { $0.map(\.path) } == [["0", "1", "2", "3"]])
    }

    @Test func largeFilesAreNeverMerged() {
        #expect(Self.plan([100 << 20, 100 << 20, 100 << 20, 100 << 20, 1], thorough: true).groups.isEmpty)
        #expect(Self.plan([1000, 1000, 1000, 1000], target: 500).groups.isEmpty)
    }

    @Test func partitionsAreMergedApart() {
        let plan = Self.plan([1, 1, 1, 1, 1, 1], thorough: true, partitions: ["a", nil, "a", "b", nil, "c"])
        #expect(plan.groups.map { $0.map(\.path) } == [["1", "4"], ["0", "2"]])
    }

    @Test func aGroupHasItsLimit() {
        let plan = Self.plan([Int64](repeating: 60 << 20, count: 9), thorough: true)
        #expect(plan.groups.map(\.count) == [4, 4])
    }

    @Test func eachLevelIsEightTimesTheFormer() {
        #expect(CompactionPlan.level(0) == 0)
        #expect(CompactionPlan.level(256 << 10) == 1)
        #expect(CompactionPlan.level(2 << 20) == 2)
        #expect(CompactionPlan.level(.max) == 15)
    }
}
