import NIOCore
import StreamModel

/// A request with its whole body.
struct GatewayRequest: Sendable {
    var head: HTTPRequestHead
    /// The decoded parts of the path from the dialect's anchor on; a stage name before it, and doubled and trailing
    /// slashes, are gone.
    var path: [String]
    /// What stands before the anchor: empty, or `/prod`.
    var stage: String
    var query: QueryItems
    var body: ByteBuffer
    var caller: Caller
    /// Whether the connection is encrypted.
    var isSecure = false
    /// To be handed on in `RecordList.once` with every append, so that a repeated request is appended once.
    var once: (any AppendOnce)?

    /// The value of a header; the values of a repeated one are joined by `, `.
    ///
    /// - Parameter name: in lower case.
    func header(_ name: String) -> String? { head.fields[name] }

    /// Scheme, host and stage as the client wrote them, for links in answers; what a proxy before us tells is believed
    /// for that.
    var baseURL: String {
        let scheme = first(header("x-forwarded-proto")) ?? (isSecure ? "https" : "http")
        let host = first(header("x-forwarded-host")) ?? header("host") ?? "localhost"
        var prefix = first(header("x-forwarded-prefix")) ?? ""
        while prefix.hasSuffix("/") { prefix.removeLast() }
        return "\(scheme)://\(host)\(prefix)\(stage)"
    }

    /// The first of several values: that of the proxy nearest to the client.
    private func first(_ value: String?) -> String? {
        guard let first = value?.split(separator: ",").first?.trimmingBlanks, !first.isEmpty else {
            return nil
        }
        return first
    }
}

/// The query of a target, decoded.
struct QueryItems: Sendable, Equatable {
    private var items: [(name: String, value: String)] = []

    static func == (left: Self, right: Self) -> Bool {
        left.items.elementsEqual(right.items) { $0.name == $1.name && $0.value == $1.value }
    }

    /// - Parameter text: what stands behind the question mark; what cannot be decoded is taken as it is.
    init(_ text: Substring = "") {
        for item in text.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            items.append((Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : ""))
        }
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced =
            text.contains("+")
            ? text.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " ")
            : String(text)
        return RequestTarget.percentDecoded(spaced) ?? spaced
    }

    /// The first value of a name; empty for a name without one.
    subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    var names: [String] { items.map(\.name) }
}

/// The parts of a request target.
struct RequestTarget: Sendable {
    /// Parts of the path, as sent.
    var parts: [Substring]
    var query: Substring

    init(_ target: String) {
        var target = target[...]
        // The form that is sent to proxies names scheme and host again.
        if let scheme = ["http://", "https://"].first(where: { target.hasPrefix($0) }) {
            target = target.dropFirst(scheme.count).drop { $0 != "/" && $0 != "?" }
        }
        let mark = target.firstIndex(of: "?") ?? target.endIndex
        parts = target[..<mark].split(separator: "/")
        query = mark < target.endIndex ? target[target.index(after: mark)...] : ""
    }

    /// Nil if a percent sign is not followed by two hexadecimal digits, or the bytes are no UTF-8.
    static func percentDecoded(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2,
                digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
