import ObjectStore
import Testing

@testable import DeltaFormat

@Suite struct LogListingTests {
    static func name(_ version: Int64, _ rest: String = ".json") -> String {
        LogName.digits(TableVersion(version)) + rest
    }

    static func listing(_ names: [String]) -> LogListing {
        LogListing(names.enumerated().map { ($1, ObjectStat(size: 1, modified: Int64($0) * 10)) })
    }

    @Test func namesAreTakenApart() {
        #expect(LogName(Self.name(7)) == .commit(TableVersion(7)))
        #expect(LogName(Self.name(7, ".checkpoint.parquet")) == .checkpoint(TableVersion(7), part: 1, of: 1))
        #expect(
            LogName(Self.name(7, ".checkpoint.0000000002.0000000003.parquet"))
                == .checkpoint(TableVersion(7), part: 2, of: 3))
        #expect(
            LogName(Self.name(7, ".checkpoint.80a083e8-7026.json")) == .unknownCheckpoint(TableVersion(7)))
        for other in ["_last_checkpoint", "7.json", Self.name(7, ".crc"), Self.name(7, ".json.tmp"), "", "."]
        {
            #expect(LogName(other) == nil)
        }
    }

    @Test func readingBeginsAtTheNewestWholeCheckpoint() throws {
        let names =
            (0...12).map { Self.name($0) } + [
                Self.name(5, ".checkpoint.parquet"),
                Self.name(10, ".checkpoint.0000000001.0000000002.parquet"),
            ]
        let path = try Self.listing(names).path(to: TableVersion(12))
        #expect(path.base?.version == TableVersion(5))
        #expect(path.commits.map(\.rawValue) == Array(6...12))
        #expect(try Self.listing(names).path(to: TableVersion(3)).base == nil)
    }

    @Test func commitsBeforeACheckpointMayBeGone() throws {
        let names = [Self.name(10), Self.name(11), Self.name(10, ".checkpoint.parquet")]
        #expect(try Self.listing(names).path(to: TableVersion(11)).commits == [TableVersion(11)])
        #expect(try Self.listing(names).path(to: TableVersion(10)).commits.isEmpty)
        #expect(throws: DeltaError.self) { try Self.listing(names).path(to: TableVersion(9)) }
    }

    @Test func aGapIsAnError() {
        let names = [0, 1, 3].map { Self.name($0) }
        #expect(throws: DeltaError.self) { try Self.listing(names).path(to: TableVersion(3)) }
        #expect(throws: DeltaError.self) { try Self.listing(names).path(to: TableVersion(4)) }
    }

    @Test func aCheckpointOfAnotherKindIsNamed() {
        let names = [Self.name(4), Self.name(4, ".checkpoint.80a083e8-7026.parquet")]
        let error = #expect(throws: DeltaError.self) { try Self.listing(names).path(to: TableVersion(4)) }
        #expect(error?.code == .unsupportedFeature)
        #expect(error?.message.contains("v2Checkpoint") == true)
    }

    @Test func aTimeIsThatOfTheLastVersionUpToIt() {
        let listing = Self.listing((0...4).map { Self.name($0) })
        #expect(listing.version(at: 25) == TableVersion(2))
        #expect(listing.version(at: 1000) == TableVersion(4))
        #expect(listing.version(at: -1) == nil)
    }
}
