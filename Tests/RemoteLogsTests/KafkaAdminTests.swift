import RemoteLogs
import Testing

@Suite struct KafkaAdminTests {
    @Test func nobodyListeningIsToldAtOnce() throws {
        let settings = try KafkaClientSettings(bootstrap: "127.0.0.1:1", timeout: .seconds(60))
        let error = #expect(throws: RemoteLogError.self) { try KafkaAdmin(settings) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("127.0.0.1:1") == true)
    }

    @Test func aSettingThatTheLibraryRefusesIsNamed() throws {
        let settings = try KafkaClientSettings(
            bootstrap: "127.0.0.1:1", properties: ["security.protocol": "TELEPATHY"])
        let error = #expect(throws: RemoteLogError.self) { try KafkaAdmin(settings) }
        #expect(error?.code == .invalidSettings)
        #expect(error?.message.contains("security.protocol") == true)
    }

    @Test(
        arguments: [
            (.earliest, 10), (.latest, 50), (.offset(30), 30), (.offset(9), 10), (.offset(51), 50),
        ] as [(KafkaOffsetTarget, Int64)])
    func aTargetBecomesAnOffsetWithinTheRange(target: KafkaOffsetTarget, offset: Int64) {
        #expect(target.offset(in: KafkaOffsetRange(start: 10, end: 50), atTime: nil) == offset)
    }

    @Test func aTimeAfterAllRecordsIsTheEnd() {
        let range = KafkaOffsetRange(start: 10, end: 50)
        #expect(KafkaOffsetTarget.time(5).offset(in: range, atTime: 20) == 20)
        #expect(KafkaOffsetTarget.time(5).offset(in: range, atTime: nil) == 50)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:01Z", 1000), ("1970-01-01T00:00:01", 1000), ("1970-01-01T00:00:01.250", 1250),
            ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T00:00:00.5Z", 500),
        ] as [(String, Int64)])
    func aTimeIsReadInUTCWithoutAZone(text: String, milliseconds: Int64) {
        #expect(KafkaTime.milliseconds(of: text) == milliseconds)
    }

    @Test(arguments: ["", "yesterday", "1700000000000", "2026-13-01T00:00:00"])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(KafkaTime.milliseconds(of: text) == nil)
    }
}
