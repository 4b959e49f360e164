import Foundation
import NIOCore

/// What the access log tells of one request.
struct AccessLogEntry: Sendable {
    /// Milliseconds since 1970, when the request was there.
    var time: Int64
    var began: NIODeadline
    var method: String
    /// The path with its variable parts named; empty where there is no such path.
    var template: String
    /// The number of the request on this server, and the id its sender gave it.
    var number: Int
    var givenID: String?
    var address: String
    var caller: String?
    var requestBytes: Int
    var status = 0
    var responseBytes = 0
    var nanoseconds: Int64 = 0

    /// One line of JSON, without the line end.
    ///
    /// - Parameter start: tells servers and their restarts apart.
    func line(start: String) -> ByteBuffer {
        var line = ByteBuffer()
        line.reserveCapacity(320)
        let time = Date(timeIntervalSince1970: Double(time) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        line.writeString("{\"time\":\"\(time)\",\"method\":")
        line.writeJSONString(method)
        line.writeString(",\"path\":")
        line.writeJSONString(template)
        line.writeString(
            ",\"status\":\(status),\"request_bytes\":\(requestBytes),\"response_bytes\":\(responseBytes)")
        line.writeString(",\"duration_ms\":\(Double(nanoseconds / 1000) / 1000),\"caller\":")
        if let caller { line.writeJSONString(caller) } else { line.writeStaticString("null") }
        line.writeStaticString(",\"address\":")
        line.writeJSONString(address)
        line.writeStaticString(",\"request_id\":")
        line.writeJSONString(givenID ?? "\(start)-\(number)")
        line.writeStaticString("}")
        return line
    }
}
