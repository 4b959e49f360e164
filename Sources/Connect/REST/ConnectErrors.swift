/// The statuses of the interface, which its error bodies repeat as `error_code`.
enum ConnectStatus: Int, Sendable {
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case conflict = 409
    case tooLarge = 413
    case unsupportedMediaType = 415
    case internalError = 500
    case unavailable = 503

    init(_ code: ConnectError.Code) {
        self =
            switch code {
            case .invalid: .badRequest
            case .notFound: .notFound
            case .conflict: .conflict
            case .unavailable: .unavailable
            }
    }
}
