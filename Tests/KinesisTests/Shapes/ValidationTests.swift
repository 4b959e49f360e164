import NIOCore
import Testing

@testable import Kinesis

/// Kinesis's own words for requests that break its model.
@Suite struct ValidationTests {
    private func error(_ action: KinesisAction, _ json: String) -> KinesisError? {
        do throws(KinesisError) {
            let value = try action.input.read(try KinesisCodec.json.read(ByteBuffer(string: json)))
            return Shape.error(action.input.faults(of: value, at: "", isRequired: true))
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            (
                .createStream, "{}",
                "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null"
            ),
            (
                .createStream, #"{"StreamName": "", "ShardCount": 0}"#,
                "3 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1"
            ),
            (
                .describeStream, #"{"StreamName": "a", "Limit": 10001}"#,
                "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"
            ),
            (
                .splitShard, #"{"StreamName": "a", "ShardToSplit": "?", "NewStartingHashKey": "sth"}"#,
                #"2 validation errors detected: Value '?' at 'shardToSplit' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'sth' at 'newStartingHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})"#
            ),
            (
                .getShardIterator, #"{"StreamName": "a", "ShardId": "s", "ShardIteratorType": "x"}"#,
                "1 validation error detected: Value 'x' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]"
            ),
            (
                .putRecords, #"{"StreamName": "a", "Records": []}"#,
                "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1"
            ),
            (
                .putRecords, #"{"StreamName": "a", "Records": [{"Data": "", "PartitionKey": ""}, {}]}"#,
                "2 validation errors detected: Value '' at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'records.2.member.data' failed to satisfy constraint: Member must not be null"
            ),
            (
                .createStream, #"{"StreamName": "a", "StreamModeDetails": {}}"#,
                "1 validation error detected: Value null at 'streamModeDetails.streamMode' failed to satisfy constraint: Member must not be null"
            ),
            (
                .addTagsToStream, #"{"StreamName": "a", "Tags": {"": "v"}}"#,
                "1 validation error detected: Value '{=v}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]"
            ),
        ] as [(KinesisAction, String, String)])
    func saysWhatIsWrong(_ action: KinesisAction, _ json: String, _ message: String) {
        #expect(error(action, json) == KinesisError(.validation, message))
    }

    @Test(arguments: [
        (#"{"StreamName": 5}"#, "NUMBER_VALUE can not be converted to String"),
        (#"{"StreamName": true}"#, "TRUE_VALUE can not be converted to String"),
        (#"{"StreamName": []}"#, "Start of list found where not expected"),
        (#"{"StreamName": {}}"#, "Start of structure or map found where not expected."),
        (#"{"Data": 1}"#, "only base-64-encoded strings are convertible to bytes"),
        (
            #"{"Data": "Zg="}"#,
            "\"Zg=\" is not valid base64: Base64 encoded length is expected a multiple of 4 bytes but found: 3"
        ),
        (#"{"Data": "Zg!!"}"#, "Invalid Base64 character: '!'"),
        ("[]", "Start of list found where not expected"),
        ("\"a\"", "Unexpected field type"), ("{", ""), ("x", ""),
    ])
    func aWrongTypeComesBeforeAnyConstraint(_ json: String, _ message: String) {
        #expect(error(.putRecord, json) == KinesisError(.serialization, message))
    }

    @Test(
        arguments: [
            (.putRecord, #"{"StreamName": "a", "Data": "", "PartitionKey": "k", "Unknown": [1]}"#),
            (
                .describeStream,
                #"{"StreamName": null, "StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/a"}"#
            ),
            (.listStreams, "{}"), (.getRecords, #"{"ShardIterator": "x", "Limit": 10000}"#),
            (
                .subscribeToShard,
                #"{"ConsumerARN": "arn:aws:kinesis:us-east-1:123456789012:stream/a/consumer/b:1", "ShardId": "s", "StartingPosition": {"Type": "AT_TIMESTAMP", "Timestamp": 1.5}}"#
            ),
        ] as [(KinesisAction, String)])
    func whatIsRightPasses(_ action: KinesisAction, _ json: String) {
        #expect(error(action, json) == nil)
    }

    @Test func everyActionHasAnInput() {
        for action in KinesisAction.allCases {
            guard case .structure = action.input else {
                Issue.record("\(action) takes no structure")
                continue
            }
        }
    }

    @Test func anErrorNamesItsKindAndItsMessage() {
        #expect(
            String(buffer: KinesisCodec.json.buffer(KinesisError(.validation, "a \"b\"").output))
                == #"{"__type":"ValidationException","message":"a \"b\""}"#)
        #expect(
            String(buffer: KinesisCodec.json.buffer(KinesisError(.serialization, "x").output))
                == #"{"__type":"SerializationException","Message":"x"}"#)
        #expect(
            String(buffer: KinesisCodec.json.buffer(KinesisError(.unknownOperation).output))
                == #"{"__type":"UnknownOperationException"}"#)
    }
}
