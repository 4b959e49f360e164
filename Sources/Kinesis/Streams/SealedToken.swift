import Crypto

/// Texts that clients hand back as they got them: readable by us, and of no use if they were changed.
struct SealedToken: Sendable {
    private let key: SymmetricKey
    /// Bytes of the code at the end.
    private static let codeByteCount = 16

    /// - Parameter secret: kept in `state.sqlite`, so that tokens outlive a restart.
    init(secret: [UInt8]) {
        key = SymmetricKey(data: secret)
    }

    func seal(_ content: [UInt8]) -> String {
        BufferBase64.encode(content + code(of: content))
    }

    /// Nil for a text that was not sealed here.
    func open(_ text: String) -> [UInt8]? {
        guard let bytes = BufferBase64.decode(text), bytes.count >= Self.codeByteCount else { return nil }
        let content = Array(bytes.dropLast(Self.codeByteCount))
        let difference = zip(code(of: content), bytes.suffix(Self.codeByteCount)).reduce(0 as UInt8) {
            $0 | ($1.0 ^ $1.1)
        }
        return difference == 0 ? content : nil
    }

    private func code(of content: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: content, using: key).prefix(Self.codeByteCount))
    }
}
