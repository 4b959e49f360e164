import Testing

@testable import DeltaFormat

@Suite struct ActionTests {
    static let actions: [Action] = [
        .tableProtocol(
            TableProtocol(
                minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["timestampNtz"],
                writerFeatures: ["timestampNtz"])),
        .metadata(
            TableMetadata(
                id: "an id", name: "pins", schemaJSON: "{\"type\":\"struct\",\"fields\":[]}",
                partitionColumns: ["day"], configuration: ["delta.appendOnly": "true"], createdTime: 5)),
        .transaction(AppTransaction(appID: "app \"1\"", version: 7), lastUpdated: 9),
        .add(
            AddFile(
                path: "day=1/ä%20.parquet", partitionValues: ["day": "1", "hour": nil], size: 3,
                modificationTime: 4, statistics: "{\"numRecords\":1}", tags: ["a": "b"])),
        .remove(
            RemoveFile(
                path: "x", deletionTimestamp: 1, dataChange: false, partitionValues: ["day": nil], size: 2)),
    ]

    @Test func whatIsWrittenIsReadAgain() throws {
        #expect(try Action.list(Action.bytes(Self.actions), in: "log") == Self.actions)
    }

    @Test func unknownActionsAndFieldsArePassedOver() throws {
        let text = """
            {"commitInfo":{"timestamp":5,"operation":"WRITE","operationParameters":{"mode":"Append","n":1},"new":[1]}}
            {"cdc":{"path":"x","size":1}}

            {"add":{"path":"a","size":1,"modificationTime":2,"dataChange":true,"clusteringProvider":"x","stats":null}}
            {}
            """
        let actions = try Action.list(Array(text.utf8), in: "log")
        #expect(actions.count == 4)
        #expect(actions[1] == .other("cdc"))
        #expect(actions[2] == .add(AddFile(path: "a", size: 1, modificationTime: 2)))
        guard case .commitInfo(let info) = actions[0] else { return #expect(Bool(false)) }
        #expect(info.operationParameters == ["mode": "Append", "n": "1"])
    }

    @Test(arguments: [
        "{\"add\":{\"size\":1}}", "no json", "[1]", "{\"add\":1}", "{\"protocol\":{}}", "{\"add\":",
    ])
    func aDamagedLineIsAnErrorAndNoCrash(_ line: String) {
        #expect(throws: DeltaError.self) { try Action.list(Array(line.utf8), in: "log") }
    }

    @Test func anEmptyPartitionValueIsNull() throws {
        let line = "{\"add\":{\"path\":\"a\",\"size\":1,\"partitionValues\":{\"p\":\"\",\"q\":null}}}"
        guard case .add(let file)? = try Action.list(Array(line.utf8), in: "log").first else { return }
        #expect(file.partitionValues == ["p": nil, "q": nil])
    }
}
