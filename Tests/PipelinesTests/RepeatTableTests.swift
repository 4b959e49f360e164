import Synchronization
import Testing

@testable import Pipelines

@Suite struct RepeatTableTests {
    @Test func aLineIsNewOnce() throws {
        let table = RepeatTable(expectedLines: 0)
        #expect(try table.probe.insert(7, at: 0) { _ in true })
        #expect(try !table.probe.insert(7, at: 10) { place in place == 0 })
        #expect(try table.probe.contains(7) { place in place == 0 })
        #expect(try !table.probe.contains(8) { _ in true })
    }

    @Test func linesWithOneHashAreToldApartByTheirBytes() throws {
        let table = RepeatTable(expectedLines: 0)
        let lines = ["a", "b", "c"]
        for (place, line) in lines.enumerated() {
            #expect(try table.probe.insert(42, at: place) { lines[$0] == line })
        }
        for line in lines {
            #expect(try !table.probe.insert(42, at: 9) { lines[$0] == line })
        }
        #expect(try !table.probe.contains(42) { lines[$0] == "d" })
    }

    @Test func moreLinesThanExpectedAreAllKept() throws {
        let table = RepeatTable(expectedLines: 10)
        var generator = SeededGenerator(state: 5)
        let hashes = (0..<200_000).map { _ in generator.next() }
        for (place, hash) in hashes.enumerated() {
            #expect(try table.probe.insert(hash, at: place) { hashes[$0] == hash })
        }
        for hash in hashes {
            #expect(try table.probe.contains(hash) { hashes[$0] == hash })
        }
    }

    @Test func hashesThatCrowdOnePlaceAreAllKept() throws {
        let table = RepeatTable(expectedLines: 0)
        for hash in (0 as UInt64)..<3_000 {
            #expect(try table.probe.insert(hash, at: Int(hash)) { UInt64($0) == hash })
        }
        for hash in (0 as UInt64)..<3_000 {
            #expect(try !table.probe.insert(hash, at: 9) { UInt64($0) == hash })
        }
    }

    @Test func oneOfManyThreadsWinsForEachLine() async throws {
        let table = RepeatTable(expectedLines: 100)
        let hashes = (0..<20_000).map { UInt64($0 % 5_000) &* 0x9E37_79B9_7F4A_7C15 }
        let wins = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try hashes.enumerated().count { place, hash in
                        try table.probe.insert(hash, at: place) { hashes[$0] == hash }
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wins == 5_000)
    }
}
