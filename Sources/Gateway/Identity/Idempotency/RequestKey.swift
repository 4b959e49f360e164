import Crypto
import NIOCore

/// Which request it is, by its `Idempotency-Key`, its caller and its path; and what it says.
struct RequestKey: Hashable, Sendable {
    static let header = "idempotency-key"
    static let maxLength = 255

    /// The same for repetitions: what a record's header names.
    let id: String
    /// The same for the same body.
    let fingerprint: [UInt8]

    /// Nil unless the header is one of 1 to `maxLength` visible characters.
    init?(_ head: HTTPRequestHead, _ body: ByteBuffer, _ caller: Caller) {
        guard let key = head.fields[Self.header], (1...Self.maxLength).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        let path = head.target.prefix { $0 != "?" }
        let who = caller.name.map { "user\u{0}" + $0 } ?? "address\u{0}" + caller.address
        let scope = [who, head.method.rawValue, String(path), key].joined(separator: "\u{0}")
        id = SHA256.hash(data: Array(scope.utf8)).prefix(16)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var hash = SHA256()
        hash.update(data: Array("\(head.contentType ?? "")\u{0}\(head.target)\u{0}".utf8))
        body.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        fingerprint = Array(hash.finalize())
    }
}
