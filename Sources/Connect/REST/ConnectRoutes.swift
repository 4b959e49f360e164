package import Hummingbird
import NIOCore

/// Serves the interface on the web port; all other paths there that nobody has get its errors, too.
package struct ConnectRoutes: Sendable {
    private let api: ConnectAPI

    package init(_ api: ConnectAPI) {
        self.api = api
    }

    private static let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]

    package func add(to router: Router<BasicRequestContext>) {
        for method in Self.methods {
            for path in ["/", "**"] {
                router.on(RouterPath(path), method: method) { request, _ in await answer(request) }
            }
        }
    }

    private func answer(_ request: Request) async -> Response {
        do {
            guard !Self.isFromAnotherSite(request) else {
                return Self.response(
                    .error(
                        .forbidden,
                        "Pages of other sites may not use this interface: \(request.headers[.origin] ?? "")"))
            }
            return Self.response(await api.answer(try await read(request)))
        } catch let error as ConnectError {
            return Self.response(.error(ConnectStatus(error.code), error.message))
        } catch is NIOTooManyBytesError {
            return Self.response(
                .error(
                    .tooLarge,
                    "The body is longer than \(api.maxRequestBytes) bytes (connect.max.request.bytes)"))
        } catch {
            return Self.response(.error(.badRequest, "The body could not be read: \(error)"))
        }
    }

    /// Whether a browser sends it on behalf of a page that another server gave it: such a page could otherwise have
    /// connectors made that send records away.
    private static func isFromAnotherSite(_ request: Request) -> Bool {
        guard let origin = request.headers[.origin] else { return false }
        return origin.split(separator: "/").last.map(String.init) != request.head.authority
    }

    private func read(_ request: Request) async throws -> ConnectRequest {
        let body = try await request.body.collect(upTo: api.maxRequestBytes)
        var path: [String] = []
        for part in request.uri.path.split(separator: "/") {
            guard let text = PercentText.decode(part) else {
                throw ConnectError(.invalid, "The path is not encoded well: \(request.uri.path)")
            }
            path.append(text)
        }
        return ConnectRequest(
            method: request.method.rawValue, path: path,
            query: request.uri.queryParameters.map { (name: String($0.key), value: String($0.value)) },
            contentType: request.headers[.contentType], body: Array(body.readableBytesView))
    }

    private static func response(_ answer: ConnectResponse) -> Response {
        var headers: HTTPFields = [:]
        if let location = answer.location { headers[.location] = location }
        if let allow = answer.allow { headers[.allow] = allow }
        guard let body = answer.body else {
            return Response(status: .init(code: answer.status), headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
