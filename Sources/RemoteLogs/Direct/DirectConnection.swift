import Foundation
import KafkaWire
import NIOCore
import NIOPosix
import NIOSSL

/// A connection of our own, for the requests that librdkafka 2.0 does not know or whose refusal it hides.
///
/// Every call blocks until the server has answered or the settings' time is over: not for an event loop's thread.
final class DirectConnection {
    private let settings: KafkaClientSettings
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let reader = AnswerReader()
    private var channel: (any Channel)?
    private var nextCorrelationID: Int32 = 0
    private var understood = ApiVersionsCall.Answer(verdict: KafkaVerdict(code: 0), versions: [:])

    /// Connects to the first address that answers, and logs in.
    ///
    /// - Throws: `unreachable`, `loginFailed`, `invalidSettings`.
    init(_ settings: KafkaClientSettings) throws(RemoteLogError) {
        self.settings = settings
        channel = try connect()
        let versions = try exchange(ApiVersionsCall())
        guard versions.verdict.isSuccess else {
            throw RemoteLogError(
                .refused, "\(settings.bootstrap) does not tell which requests it understands")
        }
        understood = versions
        if let login = settings.login() { try logIn(login) }
    }

    deinit {
        channel?.close(promise: nil)
        group.shutdownGracefully { _ in }
    }

    /// - Throws: `refused` if the server does not know the request, `timedOut`, `unreachable`.
    func call<Call: KafkaCall>(_ call: Call) throws(RemoteLogError) -> Call.Answer {
        guard understood.understands(Call.self) else {
            throw RemoteLogError(
                .refused, "the server does not understand \(Call.api) version \(Call.version): it is too old")
        }
        return try exchange(call)
    }

    // MARK: Connecting

    private var timeout: TimeAmount { TimeAmount(settings.timeout) }

    private func connect() throws(RemoteLogError) -> any Channel {
        var last = RemoteLogError(.unreachable, "no address")
        for address in BrokerAddressList.parse(settings.bootstrap) {
            do {
                let tls = try TLSClient.maker(settings, host: address.host)
                return try ClientBootstrap(group: group)
                    .connectTimeout(timeout)
                    .channelInitializer { [reader] channel in
                        channel.eventLoop.makeCompletedFuture {
                            if let tls { try channel.pipeline.syncOperations.addHandler(tls.make()) }
                            try channel.pipeline.syncOperations.addHandler(reader)
                        }
                    }
                    .connect(host: address.host, port: address.port).wait()
            } catch let error as RemoteLogError {
                throw error
            } catch {
                last = RemoteLogError(.unreachable, "\(address.host):\(address.port): \(error)")
            }
        }
        throw last
    }

    private func logIn(_ login: any SASLClient) throws(RemoteLogError) {
        let handshake = try exchange(SaslHandshakeCall(mechanism: login.mechanism))
        guard handshake.verdict.isSuccess else {
            throw RemoteLogError(
                .loginFailed,
                "\(settings.bootstrap) offers \(handshake.mechanisms.joined(separator: ", ")), "
                    + "not \(login.mechanism)")
        }
        var login = login
        var token: [UInt8]? = try login.first()
        while let message = token {
            let answer = try exchange(SaslAuthenticateCall(token: message))
            guard answer.verdict.isSuccess else {
                throw RemoteLogError(
                    .loginFailed,
                    "\(settings.bootstrap) refused the login: \(answer.verdict.message ?? "wrong credentials")"
                )
            }
            token = try login.next(answer.token)
        }
    }

    // MARK: Requests

    private func exchange<Call: KafkaCall>(_ call: Call) throws(RemoteLogError) -> Call.Answer {
        guard let channel else { throw RemoteLogError(.unreachable, "there is no connection") }
        let id = nextCorrelationID
        nextCorrelationID &+= 1
        let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
        reader.expect(promise)
        channel.writeAndFlush(
            call.frame(correlationID: id, clientID: settings.entries["client.id"] ?? ""), promise: nil)
        let overdue = RemoteLogError(.timedOut, "\(settings.bootstrap) did not answer in time")
        let timer = channel.eventLoop.scheduleTask(in: timeout) { promise.fail(overdue) }
        defer { timer.cancel() }
        do {
            return try Call.answer(frame: try promise.futureResult.wait(), correlationID: id)
        } catch let error as RemoteLogError {
            throw error.about(settings.bootstrap)
        } catch {
            throw RemoteLogError(.unreachable, "\(settings.bootstrap): \(error)")
        }
    }
}

/// The addresses of `bootstrap.servers`.
enum BrokerAddressList {
    static let defaultPort = 9092

    /// Entries that are no address are left out.
    static func parse(_ text: String) -> [(host: String, port: Int)] {
        text.split(separator: ",").compactMap { entry in
            var address = entry.trimmingPrefix { $0 == " " }
            if let scheme = address.range(of: "://") { address = address[scheme.upperBound...] }
            while address.last == " " { address.removeLast() }
            let colon = address.lastIndex(of: ":")
            let isBareIPv6 = address.first != "[" && address.count(where: { $0 == ":" }) > 1
            guard let colon, !isBareIPv6, address.last != "]" else {
                return host(address).map { ($0, defaultPort) }
            }
            guard let port = Int(address[address.index(after: colon)...]), (1...65535).contains(port),
                let host = host(address[..<colon])
            else { return nil }
            return (host, port)
        }
    }

    private static func host(_ text: Substring) -> String? {
        let isBracketed = text.first == "[" && text.last == "]"
        let host = isBracketed ? text.dropFirst().dropLast() : text
        return host.isEmpty ? nil : String(host)
    }
}
