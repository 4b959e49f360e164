import LogStorage
import Sinks
import Testing

@testable import ServerAssembly

@Suite struct SettingsSourceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func settings(_ yaml: String) throws -> ServerSettings {
        var settings = ServerSettings()
        try settings.read(file: folder.write(yaml))
        return settings
    }

    /// What is said about a file that is refused.
    private func complaint(_ yaml: String) -> String? {
        #expect(throws: SettingsError.self) { try settings(yaml) }?.description
    }

    // MARK: Precedence

    @Test func theEnvironmentWinsOverTheFileAndAFlagOverBoth() throws {
        var settings = try settings("sink.flush.size: 1\nlog.num.partitions: 2\nlog.max.topics: 3")
        try settings.read(environment: [
            "PINLINE_SINK_FLUSH_SIZE": "10", "PINLINE_LOG_NUM_PARTITIONS": "20",
        ])
        try settings.set("sink.flush.size", to: "100")
        #expect(settings.sink.flushSize == 100)
        #expect(settings.log.partitionsPerTopic == 20)
        #expect(settings.log.maxTopics == 3)
    }

    @Test func whatNoSourceSaysKeepsItsDefault() throws {
        var settings = try settings("sink.flush.size: 1")
        settings.sink.flushSize = ServerSettings().sink.flushSize
        #expect(settings == ServerSettings())
    }

    @Test(arguments: ["", "# nothing but words\n", "{}"])
    func aFileWithoutKeysChangesNothing(yaml: String) throws {
        #expect(try settings(yaml) == ServerSettings())
    }

    // MARK: File

    @Test(arguments: [
        "sink.flush.size: 7", "sink:\n  flush.size: 7", "sink:\n  flush:\n    size: 7",
        "sink.flush:\n  size: 7",
        "sink: {flush.size: 7}", "sink: {flush: {size: '7'}}",
    ])
    func keysMayBeNestedOrWrittenWithDots(yaml: String) throws {
        #expect(try settings(yaml).sink.flushSize == 7)
    }

    @Test func nestedAndDottedKeysStandSideBySide() throws {
        let settings = try settings(
            """
            data: /srv/pinline
            ingest: 127.0.0.1:18082
            sink:
              flush.size: 5
              rotate:
                schedule.interval.ms: 250
            log.flush: interval:20
            sink.topics.dir: raw/topics
            """)
        #expect(settings.data == "/srv/pinline")
        #expect(settings.ingest == ServerAddress(host: "127.0.0.1", port: 18082))
        #expect(settings.sink.flushSize == 5)
        #expect(settings.sink.rotateScheduleMilliseconds == 250)
        #expect(settings.sink.topicsDirectory == "raw/topics")
        #expect(settings.log.flush == .interval(.milliseconds(20)))
    }

    @Test(arguments: [
        ("data: x\nflush.size: 5", 2, "flush.size"),
        ("sink:\n  flush.size: 5\n  flush.sise: 5", 3, "sink.flush.sise"),
        ("sink:\n  flush:\n    sise: 5", 3, "sink.flush.sise"),
        ("\n\nport: 80", 3, "port"),
    ])
    func aKeyThatIsNotKnownIsRefusedByItsLine(yaml: String, line: Int, key: String) {
        #expect(complaint(yaml) == "\(folder.path)/pinline.yaml:\(line): there is no setting \(key)")
    }

    @Test func aGroupWithOneValueIsRefusedByItsLine() {
        #expect(
            complaint("data: x\nsink: 5") == "\(folder.path)/pinline.yaml:2: sink must hold keys with values")
    }

    @Test func aSettingWithSeveralValuesIsRefusedByItsLine() {
        #expect(
            complaint("data: x\nsink.flush.size: [1, 2]")
                == "\(folder.path)/pinline.yaml:2: sink.flush.size must be one value")
    }

    @Test func aFileThatIsAListIsRefused() {
        #expect(complaint("- data") == "\(folder.path)/pinline.yaml:1: the file must hold keys with values")
    }

    @Test(arguments: ["data: [", "data: \"x", "a: b: c"])
    func aFileThatIsNoYAMLIsRefusedInOneLine(yaml: String) {
        let complaint = complaint(yaml) ?? ""
        #expect(complaint.hasPrefix("the settings file \(folder.path)/pinline.yaml is no YAML: "))
        #expect(!complaint.contains("\n"))
    }

    @Test func aFileThatIsMissingIsNamed() {
        var settings = ServerSettings()
        let path = folder.path + "/none.yaml"
        #expect(throws: SettingsError("the settings file \(path) cannot be read")) {
            try settings.read(file: path)
        }
    }

    // MARK: Environment and flags

    @Test func variablesOfOthersAreLeftAloneAndUnknownOnesOfOursReported() throws {
        var settings = ServerSettings()
        let unknown = try settings.read(environment: [
            "HOME": "/root", "SINK_FLUSH_SIZE": "1", "PINLINE_LIBDUCKDB": "/lib", "PINLINE_A": "1",
        ])
        #expect(unknown == ["PINLINE_A", "PINLINE_LIBDUCKDB"])
        #expect(settings == ServerSettings())
    }

    @Test func aVariableThatIsRefusedIsNamed() {
        var settings = ServerSettings()
        let error = #expect(throws: SettingsError.self) {
            try settings.read(environment: ["PINLINE_LOG_NUM_PARTITIONS": "0"])
        }
        #expect(
            error?.description
                == "PINLINE_LOG_NUM_PARTITIONS: log.num.partitions: '0' is not a number from 1 to 10000")
    }

    @Test func aFlagForNoSettingIsRefused() {
        var settings = ServerSettings()
        #expect(throws: SettingsError("there is no setting flush.size")) {
            try settings.set("flush.size", to: "1")
        }
    }
}
