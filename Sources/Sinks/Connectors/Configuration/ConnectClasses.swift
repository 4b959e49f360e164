/// Full names of the classes that configurations name, and that stand for parts of this program.
package enum ConnectClasses {
    package static let connector = "io.confluent.connect.s3.S3SinkConnector"
    static let storage = "io.confluent.connect.s3.storage.S3Storage"

    static let jsonFormat = "io.confluent.connect.s3.format.json.JsonFormat"
    static let byteArrayFormat = "io.confluent.connect.s3.format.bytearray.ByteArrayFormat"
    static let parquetFormat = "io.confluent.connect.s3.format.parquet.ParquetFormat"
    static let avroFormat = "io.confluent.connect.s3.format.avro.AvroFormat"

    private static let partitioners = "io.confluent.connect.storage.partitioner."
    static let defaultPartitioner = partitioners + "DefaultPartitioner"
    static let fieldPartitioner = partitioners + "FieldPartitioner"
    static let timeBasedPartitioner = partitioners + "TimeBasedPartitioner"
    static let hourlyPartitioner = partitioners + "HourlyPartitioner"
    static let dailyPartitioner = partitioners + "DailyPartitioner"

    package static let jsonConverter = "org.apache.kafka.connect.json.JsonConverter"
    package static let stringConverter = "org.apache.kafka.connect.storage.StringConverter"
    package static let simpleHeaderConverter = "org.apache.kafka.connect.storage.SimpleHeaderConverter"
    package static let byteArrayConverter = "org.apache.kafka.connect.converters.ByteArrayConverter"

    /// The converters for keys and values that are known here.
    package static let converters = [jsonConverter, stringConverter, byteArrayConverter]
    package static let headerConverters = converters + [simpleHeaderConverter]

    static let avroReason =
        "Avro is not supported: choose \(jsonFormat), \(parquetFormat) or \(byteArrayFormat)"
}
