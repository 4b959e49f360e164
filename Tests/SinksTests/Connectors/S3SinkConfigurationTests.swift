import Testing

@testable import Sinks

@Suite struct S3SinkConfigurationTests {
    private func findings(
        _ changes: [String: String] = [:], without key: String? = nil
    ) -> [String: [String]] {
        var configuration = ConnectorFixture.configuration(changes)
        if let key { configuration[key] = nil }
        return S3SinkFindings.all(in: configuration)
    }

    @Test func theConfigurationOfManyCoursesIsTaken() throws {
        let configuration = try S3SinkConfiguration([
            "connector.class": "io.confluent.connect.s3.S3SinkConnector", "flush.size": "1", "tasks.max": "3",
            "topics.regex": "u.*", "schema.compatibility": "NONE", "s3.region": "us-east-1",
            "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
            "partitioner.class": "io.confluent.connect.storage.partitioner.DefaultPartitioner",
            "value.converter.schemas.enable": "false",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "storage.class": "io.confluent.connect.s3.storage.S3Storage", "s3.bucket.name": "user-u-bucket",
        ])
        #expect(configuration.flushSize == 1)
        #expect(configuration.converters.value == .json(schemas: false))
        #expect(configuration.topicsDirectory == "topics")
    }

    @Test(arguments: ["flush.size", "format.class", "storage.class", "s3.bucket.name"])
    func aMissingKeyIsNamedAsKafkaDoes(_ key: String) {
        #expect(
            findings(without: key) == [
                key: ["Missing required configuration \"\(key)\" which has no default value."]
            ])
    }

    @Test(arguments: [
        ("flush.size", "0", "Invalid value 0 for configuration flush.size: Value must be at least 1"),
        ("flush.size", "many", "Invalid value many for configuration flush.size: Not a number of type INT"),
        (
            "s3.part.size", "5",
            "Invalid value 5 for configuration s3.part.size: Value must be at least 5242880"
        ),
        (
            "store.kafka.keys", "yes",
            "Invalid value yes for configuration store.kafka.keys: Expected value to be either true or false"
        ),
        (
            "s3.compression.level", "10",
            "Invalid value 10 for configuration s3.compression.level: Value must be no more than 9"
        ),
    ])
    func aWrongValueIsToldAsKafkaDoes(key: String, value: String, expected: String) {
        #expect(findings([key: value]) == [key: [expected]])
    }

    @Test(arguments: [
        ["format.class": ConnectClasses.avroFormat], ["format.class": ConnectClasses.byteArrayFormat],
        ["partitioner.class": "com.example.Mine"], ["partitioner.class": ConnectClasses.fieldPartitioner],
        ["partitioner.class": ConnectClasses.hourlyPartitioner],
        [
            "partitioner.class": ConnectClasses.timeBasedPartitioner, "locale": "en", "timezone": "UTC",
            "partition.duration.ms": "1000", "path.format": "bb",
        ],
        ["rotate.schedule.interval.ms": "1000"], ["timezone": "Mars/Olympus"], ["s3.wan.mode": "true"],
        ["store.kafka.keys": "true"], ["behavior.on.null.values": "write"],
        ["schema.compatibility": "BACKWARD"],
        ["value.converter": "io.confluent.connect.avro.AvroConverter"],
        ["topics.dir": "/topics"], ["file.delim": "/"], ["timestamp.extractor": "Mine"],
        ["partitioner.max.open.files": "0"], ["value.converter.schemas.enable": "no"],
    ])
    func whatCannotBeHonouredIsRefused(_ changes: [String: String]) {
        #expect(!findings(changes).isEmpty)
    }

    @Test func everyDefaultIsAValueThatItsKeyTakes() {
        for key in S3SinkKeys.definition.keys where key.name != "keys.format.class" {
            if let value = key.defaultValue { #expect(key.finding(for: value) == nil, "\(key.name)") }
        }
    }

    @Test func noKeyIsThereTwice() {
        let names = S3SinkKeys.definition.keys.map(\.name)
        #expect(Set(names).count == names.count)
    }
}
