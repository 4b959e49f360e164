import AWSSigning
import CRdKafka
import Synchronization

/// A client of librdkafka, and requests to servers that wait for their answer.
///
/// Every call blocks until the answer is there or its time is over.
final class KafkaClientHandle {
    /// The last complaint of the client's own threads: why no server answers.
    fileprivate final class Complaint: Sendable {
        let last = Mutex<(code: Int32, text: String)?>(nil)
    }

    static let textSize = 512

    let client: OpaquePointer
    private let queue: OpaquePointer
    private let complaint: Complaint
    let timeoutMilliseconds: Int32
    private let bootstrap: String

    /// - Parameter more: settings of this client beside those of the connection.
    init(
        _ settings: KafkaClientSettings, kind: rd_kafka_type_t = RD_KAFKA_PRODUCER,
        more: [String: String] = [:]
    ) throws(RemoteLogError) {
        let complaint = Complaint()
        let configuration = rd_kafka_conf_new()
        var text = [CChar](repeating: 0, count: Self.textSize)
        for (name, value) in settings.entries.merging(more, uniquingKeysWith: { $1 }) {
            guard rd_kafka_conf_set(configuration, name, value, &text, text.count) == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(configuration)
                throw RemoteLogError(.invalidSettings, "\(name): \(Self.string(text))")
            }
        }
        // What matters of the log comes as errors, too.
        rd_kafka_conf_set_log_cb(configuration, nil)
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(complaint).toOpaque())
        rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
            guard let opaque, let reason else { return }
            let complaint = Unmanaged<Complaint>.fromOpaque(opaque).takeUnretainedValue()
            complaint.note(code, String(cString: reason))
        }
        guard let client = rd_kafka_new(kind, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            throw RemoteLogError(.invalidSettings, Self.string(text))
        }
        self.client = client
        queue = rd_kafka_queue_new(client)
        self.complaint = complaint
        bootstrap = settings.bootstrap
        let (seconds, attoseconds) = settings.timeout.components
        timeoutMilliseconds = Int32(clamping: max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        if settings.asksForIAM { try setToken(settings) }
    }

    /// Gives the client its token; a command is done long before the token ends.
    private func setToken(_ settings: KafkaClientSettings) throws(RemoteLogError) {
        guard let identity = settings.iam else {
            throw RemoteLogError(.invalidSettings, "the login is by an access key, and there is none")
        }
        let token = identity.token(for: settings.bootstrap)
        var text = [CChar](repeating: 0, count: Self.textSize)
        let code = rd_kafka_oauthbearer_set_token(
            client, token.text, token.expiry, identity.key.id, nil, 0, &text, text.count)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw RemoteLogError(.invalidSettings, "the token was not taken: \(Self.string(text))")
        }
    }

    deinit {
        rd_kafka_queue_destroy(queue)
        rd_kafka_destroy(client)
    }

    static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Requests

    /// Sends a request of the admin API and hands its answer to `read`.
    ///
    /// - Parameter send: gets client, options and the queue that the answer comes on.
    func request<Answer>(
        _ operation: rd_kafka_admin_op_t,
        _ send: (_ client: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void,
        _ read: (_ event: OpaquePointer) throws(RemoteLogError) -> Answer
    ) throws(RemoteLogError) -> Answer {
        let options = rd_kafka_AdminOptions_new(client, operation)
        defer { rd_kafka_AdminOptions_destroy(options) }
        rd_kafka_AdminOptions_set_request_timeout(options, timeoutMilliseconds, nil, 0)
        send(client, options, queue)
        // librdkafka ends the request by its time; this waits a little longer for it to say so.
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds &+ 5_000) else {
            throw RemoteLogError(.timedOut, "\(bootstrap) did not answer in time")
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw Self.error(code, text(rd_kafka_event_error_string(event)))
        }
        return try read(event)
    }

    /// Waits until a server has answered once, which tells early why none does.
    ///
    /// - Throws: `unreachable`, `loginFailed`.
    func connect() throws(RemoteLogError) {
        let step: Int32 = 200
        var waited: Int32 = 0
        while true {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = rd_kafka_metadata(client, 0, nil, &metadata, step)
            if let metadata {
                rd_kafka_metadata_destroy(metadata)
                return
            }
            rd_kafka_poll(client, 0)
            waited += step
            try throwComplaint(isLast: waited >= timeoutMilliseconds)
            guard code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT,
                waited < timeoutMilliseconds
            else { throw RemoteLogError(.unreachable, "\(bootstrap) does not answer as a Kafka server does") }
        }
    }

    private func throwComplaint(isLast: Bool) throws(RemoteLogError) {
        guard let (code, text) = complaint.last.withLock({ $0 }) else { return }
        switch rd_kafka_resp_err_t(rawValue: code) {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
            throw RemoteLogError(.loginFailed, "\(bootstrap) refused the login: \(text)")
        case RD_KAFKA_RESP_ERR__SSL:
            throw RemoteLogError(.loginFailed, "no TLS connection to \(bootstrap): \(text)")
        case RD_KAFKA_RESP_ERR__RESOLVE:
            throw RemoteLogError(.unreachable, "no such host: \(text)")
        case _ where text.contains("Connection refused"):
            throw RemoteLogError(
                .unreachable, "nobody listens on \(bootstrap): is the server running, is the address right?")
        case _ where isLast: throw RemoteLogError(.unreachable, "\(bootstrap) does not answer: \(text)")
        default: break
        }
    }

    // MARK: Errors

    /// An error as the server or the client tells it, in a sentence.
    static func error(_ code: rd_kafka_resp_err_t, _ text: String?) -> RemoteLogError {
        let standard = String(cString: rd_kafka_err2str(code))
        let message = (text.flatMap { $0.isEmpty ? nil : $0 }) ?? standard
        switch code {
        case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
            return RemoteLogError(.timedOut, "no answer in time: \(message)")
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
            return RemoteLogError(.unreachable, message)
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND,
            RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            return RemoteLogError(.notFound, message)
        case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
            return RemoteLogError(.exists, message)
        default: return RemoteLogError(.refused, message)
        }
    }

    /// The error of a part of an answer; nothing if there is none.
    static func check(_ error: OpaquePointer?, of subject: String) throws(RemoteLogError) {
        guard let error, rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw self.error(
            rd_kafka_error_code(error), rd_kafka_error_string(error).map { String(cString: $0) }
        ).about(subject)
    }
}

extension KafkaClientHandle.Complaint {
    /// Keeps the first that says more than that all is down.
    fileprivate func note(_ code: Int32, _ text: String) {
        last.withLock { last in
            if last == nil || code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue { last = (code, text) }
        }
    }
}

extension RemoteLogError {
    func about(_ subject: String) -> RemoteLogError {
        RemoteLogError(code, "\(subject): \(message)")
    }
}
