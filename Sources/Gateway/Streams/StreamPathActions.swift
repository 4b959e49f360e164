import JSONText
import Kinesis
import NIOCore

/// The actions that have a path of their own beside those that append: a request becomes the input of an action of
/// Kinesis, whose output is the answer.
struct StreamPathActions: Sendable {
    let streams: any BackingStreams
    let answers: StreamsAnswers

    /// What the tutorial's template makes where a request names no number.
    private static let defaultShardCount = 5

    var listStreams: any GatewayHandler {
        handler(.listStreams) { request, input in
            if let name = request.query["ExclusiveStartStreamName"], !name.isEmpty {
                input.member("ExclusiveStartStreamName", name)
            }
            Self.writeNumber("Limit", of: request, &input)
        }
    }

    var describeStream: any GatewayHandler {
        handler(.describeStream) { request, input in
            input.member("StreamName", StreamPath.stream(of: request))
            if let shard = request.query["ExclusiveStartShardId"], !shard.isEmpty {
                input.member("ExclusiveStartShardId", shard)
            }
            Self.writeNumber("Limit", of: request, &input)
        }
    }

    var createStream: any GatewayHandler {
        handler(.createStream, hasOutput: false) { (request, input) throws(StreamsError) in
            let count = try Self.shardCount(request.body)
            input.member("StreamName", StreamPath.stream(of: request))
            input.key("ShardCount")
            input.tree(count)
        }
    }

    var deleteStream: any GatewayHandler {
        handler(.deleteStream, hasOutput: false) { request, input in
            input.member("StreamName", StreamPath.stream(of: request))
        }
    }

    var getShardIterator: any GatewayHandler {
        handler(.getShardIterator) { request, input in
            input.member("StreamName", StreamPath.stream(of: request))
            input.member("ShardId", request.parameter("shard-id") ?? "")
            input.member("ShardIteratorType", "TRIM_HORIZON")
        }
    }

    var getRecords: any GatewayHandler {
        handler(.getRecords) { request, input in
            input.member("ShardIterator", request.parameter("Shard-Iterator") ?? "")
            Self.writeNumber("Limit", of: request, &input)
        }
    }

    /// - Parameters:
    ///   - hasOutput: whether the action has anything to tell when it is done.
    ///   - writeInput: writes the members of the input.
    private func handler(
        _ action: KinesisAction, hasOutput: Bool = true,
        _ writeInput: @escaping @Sendable (GatewayRequest, inout JSONWriter) throws(StreamsError) -> Void
    ) -> any GatewayHandler {
        ClosureHandler { [streams, answers] request, exchange in
            let input: [UInt8]
            do throws(StreamsError) {
                input = try Self.object { (writer) throws(StreamsError) in try writeInput(request, &writer) }
            } catch {
                return exchange.answer(answers.response(to: error))
            }
            streams.perform(action, input, for: request.caller) { result in
                switch result {
                case .success(let output):
                    exchange.answer(
                        hasOutput ? StreamsAnswers.success(output) : GatewayResponse(status: 200))
                case .failure(let error): exchange.answer(answers.response(to: StreamsError(error)))
                }
            }
        }
    }

    private static func object(
        _ writeMembers: (inout JSONWriter) throws(StreamsError) -> Void
    ) throws(StreamsError) -> [UInt8] {
        var writer = JSONWriter()
        var fault: StreamsError?
        writer.object { members in
            do throws(StreamsError) { try writeMembers(&members) } catch { fault = error }
        }
        if let fault { throw fault }
        return writer.bytes
    }

    /// A number of the query; what is no number is handed on as it is, for Kinesis to refuse.
    private static func writeNumber(_ name: String, of request: GatewayRequest, _ input: inout JSONWriter) {
        guard let text = request.query[name], !text.isEmpty else { return }
        if let number = Int64(text) { input.member(name, number) } else { input.member(name, text) }
    }

    /// `{"ShardCount": n}`; a body without it, or none at all, asks for the tutorial's number.
    private static func shardCount(_ body: ByteBuffer) throws(StreamsError) -> JSONTree {
        let standard = JSONTree.number(String(defaultShardCount))
        guard body.readableBytes > 0 else { return standard }
        let result = body.withUnsafeReadableBytes { bytes in
            Result { () throws(JSONTextError) in try JSONTree(bytes) }
        }
        switch result {
        case .failure(let error): throw .unreadable(error)
        case .success(let tree):
            switch tree["ShardCount"] {
            case nil, .null, .string(""): return standard
            // The template writes the text without its quotes.
            case .string(let text) where Int64(text) != nil: return .number(text)
            case let count?: return count
            }
        }
    }
}
