import AsyncHTTPClient

extension HTTPClient {
    /// The client of commands: an address where nobody listens is told at once, not after the time-out.
    static let forCommands: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
