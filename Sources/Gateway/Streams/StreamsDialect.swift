import Kinesis
import NIOCore

/// Kinesis behind an API gateway, as AWS's tutorial has it: streams as paths, records as JSON bodies.
///
/// | method and path | becomes |
/// | --- | --- |
/// | GET `/streams` | ListStreams |
/// | GET, POST, DELETE `/streams/{name}` | DescribeStream, CreateStream, DeleteStream |
/// | PUT `/streams/{name}/record`, `/records` | PutRecord, PutRecords |
/// | GET `/streams/{name}/sharditerator` | GetShardIterator, from the beginning |
/// | GET `/streams/{name}/records` | GetRecords |
///
/// `/stream` is taken for `/streams`, and the name may stand in the query instead: `/streams/record?stream-name=…`.
/// Errors have their own status; the cloud's 200 for all that Kinesis says is a setting.
struct StreamsDialect: Dialect {
    let anchors: Set<String> = ["streams", "stream"]

    private let streams: Endpoint
    private let stream: Endpoint
    /// By the last part of the path.
    private let parts: [String: Endpoint]
    private let answers: StreamsAnswers

    init(streams backing: any BackingStreams, settings: GatewaySettings, counters: GatewayCounters) {
        let answers = StreamsAnswers(hidesStatus: settings.compatibility.gatewayStatus200)
        self.answers = answers
        let actions = StreamPathActions(streams: backing, answers: answers)
        func put(_ form: PutHandler.Form) -> PutHandler {
            PutHandler(form: form, streams: backing, settings: settings, counters: counters, answers: answers)
        }
        streams = Endpoint("/streams", [.get: actions.listStreams])
        stream = Endpoint(
            "/streams/{stream}",
            [.get: actions.describeStream, .post: actions.createStream, .delete: actions.deleteStream])
        parts = [
            "record": Endpoint("/streams/{stream}/record", [.put: put(.record)]),
            "records": Endpoint(
                "/streams/{stream}/records", [.put: put(.records), .get: actions.getRecords]),
            "sharditerator": Endpoint(
                "/streams/{stream}/sharditerator", [.get: actions.getShardIterator]),
        ]
    }

    /// Every path, for the document that describes them.
    var endpoints: [Endpoint] { [streams, stream] + parts.sorted { $0.key < $1.key }.map(\.value) }

    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint? {
        let names = path.dropFirst()
        switch names.count {
        case 0: return streams
        case 1:
            // The name in the query instead of the path.
            if let last = names.last, let part = parts[last], query[StreamPath.nameParameter] != nil {
                return part
            }
            return stream
        case 2: return names.last.flatMap { parts[$0] }
        default: return nil
        }
    }

    var description: APIDescription? { Self.api }

    func response(to fault: GatewayFault) -> GatewayResponse {
        answers.response(to: StreamsError(fault), headers: fault.responseHeaders)
    }
}

/// What a path and its query say.
enum StreamPath {
    static let nameParameter = "stream-name"

    /// The stream of a request, by its path or else by its query; the body is never asked.
    static func stream(of request: GatewayRequest) -> String { stream(request.path, request.query) ?? "" }

    /// Nil if neither path nor query name one.
    static func stream(_ path: [String], _ query: QueryItems) -> String? {
        isInPath(path, query) ? path.dropFirst().first : query[nameParameter]
    }

    static func isInPath(_ path: [String], _ query: QueryItems) -> Bool {
        path.count > 2 || query[nameParameter] == nil
    }
}

extension GatewayRequest {
    /// A parameter of the query, or else a header, as the templates of an API gateway look for it.
    func parameter(_ name: String) -> String? { query[name] ?? header(name.lowercased()) }
}

extension StreamsError {
    /// What the server says before or beside a handler, in the words of an API gateway where it has some.
    init(_ fault: GatewayFault) {
        switch fault.kind {
        case .malformed(status: 413): self = .tooLarge
        case .malformed(let status): self.init(.gateway(status: status), fault.message)
        case .unauthenticated: self.init(.gateway(status: 401), "Unauthorized")
        case .forbidden: self.init(.gateway(status: 403), "Forbidden")
        case .notFound, .methodNotAllowed: self = .noSuchMethod
        case .tooManyRequests: self = .tooManyRequests
        case .unavailable: self = .unavailable
        case .internalError: self.init(.gateway(status: 500), fault.message)
        }
    }

    /// What Kinesis says; where it asks for patience, the status says so too.
    init(_ error: KinesisError) {
        let isBusy = error.code == .throughputExceeded
        self.init(
            .service(type: error.code.rawValue, status: isBusy ? 429 : error.status), error.message,
            retryAfter: isBusy ? 1 : nil)
    }
}
