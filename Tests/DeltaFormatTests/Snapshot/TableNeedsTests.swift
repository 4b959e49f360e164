import Testing

@testable import DeltaFormat

@Suite struct TableNeedsTests {
    static let schema = DeltaSchema([DeltaField("a", .long)])

    static func metadata(_ properties: [String: String] = [:]) -> TableMetadata {
        TableMetadata(id: "", schemaJSON: schema.json, partitionColumns: [], configuration: properties)
    }

    @Test(arguments: ["deletionVectors", "columnMapping", "v2Checkpoint", "typeWidening", "catalogManaged"])
    func readingIsRefusedByTheNameOfTheFeature(_ feature: String) {
        let needs = TableProtocol(
            minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["timestampNtz", feature],
            writerFeatures: [feature])
        let error = #expect(throws: DeltaError.self) { try needs.checkReading(Self.metadata()) }
        #expect(error?.code == .unsupportedFeature)
        #expect(error?.message.contains("'\(feature)'") == true)
    }

    @Test func aTableThatOnlyItsWritersNeedToKnowMoreOfIsRead() throws {
        let needs = TableProtocol(
            minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["changeDataFeed", "rowTracking"])
        try needs.checkReading(Self.metadata())
        let error = #expect(throws: DeltaError.self) {
            try needs.checkWriting(Self.metadata(), Self.schema)
        }
        #expect(error?.message.contains("changeDataFeed") == true)
    }

    @Test func versionsBeyondWhatIsKnownAreRefused() {
        let needs = TableProtocol(minReaderVersion: 4, minWriterVersion: 8)
        #expect(throws: DeltaError.self) { try needs.checkReading(Self.metadata()) }
        #expect(throws: DeltaError.self) { try needs.checkWriting(Self.metadata(), Self.schema) }
    }

    @Test(arguments: [
        ("delta.constraints.positive", "a > 0", "checkConstraints"),
        ("delta.enableInCommitTimestamps", "true", "inCommitTimestamp"),
        ("delta.columnMapping.mode", "name", "columnMapping"),
    ])
    func propertiesAskForFeatures(_ name: String, _ value: String, _ feature: String) {
        let needs = TableProtocol(minReaderVersion: 2, minWriterVersion: 5)
        let error = #expect(throws: DeltaError.self) {
            try needs.checkReading(Self.metadata([name: value]))
            try needs.checkWriting(Self.metadata([name: value]), Self.schema)
        }
        #expect(error?.message.contains(feature) == true)
    }

    @Test func invariantsOfColumnsAreRefusedToWriters() {
        let schema = DeltaSchema([DeltaField("a", .long, metadata: ["delta.invariants": "\"x\""])])
        #expect(throws: DeltaError.self) {
            try TableProtocol.plain.checkWriting(Self.metadata(), schema)
        }
    }

    @Test func readingsOfClocksNeedTheirFeature() {
        let schema = DeltaSchema([DeltaField("a", .array(.timestampWithoutZone, containsNull: true))])
        let needs = TableProtocol.needed(by: schema)
        #expect(needs.minReaderVersion == 3 && needs.readerFeatures == ["timestampNtz"])
        #expect(TableProtocol.needed(by: Self.schema) == .plain)
    }
}

@Suite struct TablePropertiesTests {
    @Test(arguments: [
        ("interval 7 days", 604_800_000), ("168 hours", 604_800_000), ("interval 1 week 2 days", 777_600_000),
        ("INTERVAL 90 SECONDS", 90_000), ("interval 5 milliseconds", 5),
    ])
    func intervalsAreRead(_ text: String, _ milliseconds: Int64) {
        #expect(TableProperties.milliseconds(text) == milliseconds)
    }

    @Test(arguments: ["", "interval", "7", "days 7", "interval x days", "interval 7 fortnights", "-1 days"])
    func whatIsNoIntervalIsPassedOver(_ text: String) {
        #expect(TableProperties.milliseconds(text) == nil)
    }

    @Test func sizesAreRead() {
        #expect(TableProperties.bytes("104857600") == 104_857_600)
        #expect(TableProperties.bytes("100mb") == 100 << 20)
        #expect(TableProperties.bytes("1G") == 1 << 30)
        #expect(TableProperties.bytes("99999999999999999999") == nil)
        #expect(TableProperties.bytes("many") == nil)
    }
}
