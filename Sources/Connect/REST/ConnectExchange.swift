import JSONText

/// A request, taken out of its HTTP.
struct ConnectRequest: Sendable {
    var method: String
    /// The parts of the path, escapes undone.
    var path: [String]
    var query: [(name: String, value: String)] = []
    var contentType: String?
    var body: [UInt8] = []

    /// A flag of the query, which must be true or false if it is there.
    func flag(_ name: String) throws(ConnectError) -> Bool {
        guard let text = query.first(where: { $0.name == name })?.value else { return false }
        guard let flag = ["true": true, "false": false, "": true][text.lowercased()] else {
            throw ConnectError(.invalid, "\(name) must be true or false, not '\(text)'")
        }
        return flag
    }

    func json() throws(ConnectError) -> JSONTree {
        do {
            return try JSONTree(body)
        } catch {
            throw ConnectError(.invalid, "The body is no JSON: \(error)")
        }
    }
}

/// What is answered.
struct ConnectResponse: Sendable {
    var status: Int
    /// JSON; nil for none.
    var body: [UInt8]?
    /// The path of what was made.
    var location: String?
    /// The methods that would have been right.
    var allow: String?

    init(_ status: Int, _ body: [UInt8]? = nil, location: String? = nil) {
        self.status = status
        self.body = body
        self.location = location
    }

    static func json(_ status: Int = 200, _ body: (inout JSONWriter) -> Void) -> ConnectResponse {
        ConnectResponse(status, JSONWriter.bytes(body))
    }

    static func error(_ status: ConnectStatus, _ message: String) -> ConnectResponse {
        json(status.rawValue) {
            $0.object {
                $0.member("error_code", status.rawValue)
                $0.member("message", message)
            }
        }
    }

    static func message(_ text: String) -> ConnectResponse {
        json { $0.object { $0.member("message", text) } }
    }
}
