/// Where to listen: `host:port`, the host of IPv6 in brackets.
package struct ServerAddress: Sendable, Equatable, CustomStringConvertible {
    package var host: String
    /// 0 lets the system find one that is free.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil unless the text is `host:port`, `[v6]:port` or a port alone (on loopback).
    package init?(_ text: String) {
        let separator = text.lastIndex(of: ":")
        let digits = separator.map { text[text.index(after: $0)...] } ?? text[...]
        guard let port = Int(digits), (0...65535).contains(port), digits.allSatisfy(\.isNumber) else {
            return nil
        }
        var host = separator.map { String(text[..<$0]) } ?? "127.0.0.1"
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            // Without brackets nobody can tell where an IPv6 address ends and the port begins.
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }

    /// Only this machine can reach it.
    package var isLoopback: Bool {
        // A name may begin with 127. too, and lead anywhere.
        let isIPv4 = host.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
        return host == "localhost" || host == "::1" || (isIPv4 && host.hasPrefix("127."))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
