import AsyncHTTPClient
import JSONText
import NIOCore
import NIOHTTP1

/// Sends requests to a registry; tests have another one.
protocol SchemaRegistryTransport: Sendable {
    func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]?
    ) async throws(SchemaRegistryError) -> [UInt8]

    func shutDown() async
}

/// Sends over HTTP, to one registry after the other until one answers.
struct HTTPRegistryTransport: SchemaRegistryTransport {
    private let settings: SchemaRegistrySettings
    private let client: HTTPClient
    private let authorization: String?

    /// The largest answer that is read.
    private static let maxAnswerBytes = 16 << 20
    /// The pause before a request is sent again; doubled each time.
    private static let pause = Duration.milliseconds(100)

    init(_ settings: SchemaRegistrySettings) {
        self.settings = settings
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .milliseconds(settings.requestTimeoutMilliseconds)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        authorization = settings.userInfo.map { info in
            var text: [UInt8] = []
            Array(info.utf8).withUnsafeBytes { Base64.encode($0, into: &text) }
            return "Basic " + String(decoding: text, as: UTF8.self)
        }
    }

    func shutDown() async { try? await client.shutdown() }

    func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]?
    ) async throws(SchemaRegistryError) -> [UInt8] {
        var failure = SchemaRegistryError(.unavailable, "no registry is configured (schema.registry.url)")
        for attempt in 0...settings.retries {
            if attempt > 0 {
                do {
                    try await ContinuousClock().sleep(for: Self.pause * (1 << min(attempt - 1, 6)))
                } catch {
                    throw failure
                }
            }
            for url in settings.urls {
                do throws(SchemaRegistryError) {
                    return try await send(method, url: url + path, body)
                } catch {
                    guard error.code == .unavailable else { throw error }
                    failure = error
                }
            }
        }
        throw failure
    }

    private func send(
        _ method: HTTPMethod, url: String, _ body: [UInt8]?
    ) async throws(SchemaRegistryError) -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.method = NIOHTTP1.HTTPMethod(rawValue: method.rawValue)
        request.headers.add(name: "accept", value: "application/vnd.schemaregistry.v1+json, application/json")
        request.headers.add(name: "user-agent", value: "pinline")
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        if let body {
            request.headers.add(name: "content-type", value: "application/vnd.schemaregistry.v1+json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let status: Int
        let answer: [UInt8]
        do {
            let response = try await client.execute(
                request, timeout: .milliseconds(settings.requestTimeoutMilliseconds))
            status = Int(response.status.code)
            answer = [UInt8](try await response.body.collect(upTo: Self.maxAnswerBytes).readableBytesView)
        } catch {
            throw SchemaRegistryError(.unavailable, "the schema registry does not answer: \(error)")
        }
        guard !(200..<300).contains(status) else { return answer }
        throw Self.refusal(status, answer)
    }

    static func refusal(_ status: Int, _ answer: [UInt8]) -> SchemaRegistryError {
        let tree = try? JSONTree(answer)
        let number = tree?["error_code"]?.integer.flatMap { Int(exactly: $0) }
        let text = tree?["message"]?.text ?? "the schema registry answers with status \(status)"
        let code: SchemaRegistryError.Code =
            switch status {
            case 404: .notFound
            case 408, 429, 500...: .unavailable
            default: .refused
            }
        return SchemaRegistryError(
            code, "\(text.prefix(2_000)); error code: \(number ?? status)", number: number ?? status)
    }
}
