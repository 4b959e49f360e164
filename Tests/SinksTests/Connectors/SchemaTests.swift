import JSONText
import StreamModel
import Testing

@testable import Sinks

/// Values that come with their schema.
@Suite struct SchemaTests {
    let fixture: ConnectorFixture

    init() throws {
        fixture = try ConnectorFixture()
    }

    private static let enveloped = ["value.converter.schemas.enable": "true"]

    private func envelope(_ fields: String, _ payload: String, version: Int? = nil) -> String {
        let version = version.map { #","version":\#($0)"# } ?? ""
        return
            #"{"schema":{"type":"struct","name":"s"\#(version),"fields":[\#(fields)]},"payload":\#(payload)}"#
    }

    private static let name = #"{"field":"name","type":"string"}"#
    private static let age = #"{"field":"age","type":"int32","optional":true,"default":7}"#

    private func written(_ text: String, numeric: Bool = false) throws -> String {
        var reader = ValueReader(.json(schemas: true), schemaLimit: 10, decimalsAreNumbers: numeric)
        var output: [UInt8] = []
        try Array(text.utf8).withUnsafeBytes { bytes in
            try reader.appendJSON(try reader.read(bytes), to: &output)
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func fieldsAreWrittenInTheSchemasOrderWithTheirDefaults() throws {
        let text = envelope("\(Self.name),\(Self.age)", #"{"extra":1,"name":"é"}"#)
        #expect(try written(text) == #"{"name":"é","age":7}"#)
    }

    @Test func decimalsAreBase64OrNumbers() throws {
        let field =
            #"{"field":"d","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}"#
        #expect(try written(envelope(field, #"{"d":"AMg="}"#)) == #"{"d":"AMg="}"#)
        #expect(try written(envelope(field, #"{"d":"AMg="}"#), numeric: true) == #"{"d":2.00}"#)
        #expect(try written(envelope(field, #"{"d":"/zg="}"#), numeric: true) == #"{"d":-2.00}"#)
        #expect(try written(envelope(field, #"{"d":-2.00}"#)) == #"{"d":"/zg="}"#)
    }

    @Test(arguments: [
        #"{"a":1}"#, "1", #"{"schema":{"type":"int32"},"payload":"x"}"#,
        #"{"schema":{"type":"int8"},"payload":300}"#,
        #"{"schema":{"type":"what"},"payload":1}"#, #"{"schema":{"type":"string"},"payload":null}"#,
    ])
    func whatIsNotWhatItsSchemaSaysIsRefused(_ text: String) {
        #expect(throws: ConversionError.self) { try written(text) }
    }

    @Test func aChangeOfSchemaEndsTheFile() async throws {
        fixture.log.add(
            envelope(Self.name, #"{"name":"a"}"#), envelope(Self.name, #"{"name":"b"}"#),
            envelope("\(Self.name),\(Self.age)", #"{"name":"c"}"#))
        try await fixture.runTask(Self.enveloped)
        #expect(await fixture.store.lines() == [#"{"name":"a"}"#, #"{"name":"b"}"#])
    }

    @Test func withBackwardCompatibilityOlderRecordsTakeTheNewerSchema() async throws {
        let both = "\(Self.name),\(Self.age)"
        fixture.log.add(
            envelope(Self.name, #"{"name":"a"}"#, version: 1),
            envelope(both, #"{"name":"b","age":1}"#, version: 2),
            envelope(Self.name, #"{"name":"c"}"#, version: 1), envelope(both, #"{"name":"d"}"#, version: 2))
        try await fixture.runTask(Self.enveloped.merging(["schema.compatibility": "BACKWARD"]) { $1 })
        #expect(
            await fixture.store.lines() == [
                #"{"name":"a"}"#, #"{"name":"b","age":1}"#, #"{"name":"c","age":7}"#,
                #"{"name":"d","age":7}"#,
            ])
        #expect(await fixture.keys.count == 2)
    }

    @Test func compatibilityWithoutVersionsFailsTheTask() async throws {
        fixture.log.add(
            envelope(Self.name, #"{"name":"a"}"#), envelope(Self.name, #"{"name":"b"}"#))
        let failure = try await fixture.failure(
            of: Self.enveloped.merging(["schema.compatibility": "FULL"]) { $1 })
        #expect(failure.contains("Schema version required for FULL compatibility"))
    }

    @Test func fieldsNameFolders() async throws {
        let fields =
            #"\#(Self.name),{"field":"in","type":"struct","fields":[{"field":"on","type":"boolean"}]}"#
        fixture.log.add(
            envelope(fields, #"{"name":"a","in":{"on":true}}"#),
            envelope(fields, #"{"name":"b","in":{"on":false}}"#))
        try await fixture.runTask(
            Self.enveloped.merging([
                "partitioner.class": ConnectClasses.fieldPartitioner, "partition.field.name": "name, in.on",
                "flush.size": "2",
            ]) { $1 })
        #expect(
            await fixture.keys == [
                "topics/u.pin/name=a/in.on=true/u.pin+0+0000000000.json",
                "topics/u.pin/name=b/in.on=false/u.pin+0+0000000001.json",
            ])
    }

    @Test func withoutSchemasFieldsCannotNameFolders() async throws {
        fixture.log.add(#"{"name":"a"}"#)
        let failure = try await fixture.failure(of: [
            "partitioner.class": ConnectClasses.fieldPartitioner, "partition.field.name": "name",
        ])
        #expect(failure.contains("Error encoding partition"))
    }
}
