import Foundation

/// What a SCRAM client says first (RFC 5802, section 7).
struct ScramClientFirst: Equatable, Sendable {
    /// The part before the message proper; the client repeats it at the end, so that nobody can change it.
    var header: String
    var authorizationID: String
    var userName: String
    var nonce: String
    /// The message without its header: part of what is signed.
    var bare: String

    /// Nil unless the bytes are such a message, without channel binding, which is not offered here, and without
    /// Apache Kafka's delegation tokens.
    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        // `y` says that the client knows channel binding and the server does not: so it is.
        guard parts.count == 3, parts[0] == "n" || parts[0] == "y" else { return nil }
        if parts[1].isEmpty {
            authorizationID = ""
        } else {
            guard parts[1].hasPrefix("a="), let name = Self.name(parts[1].dropFirst(2)) else { return nil }
            authorizationID = name
        }
        let fields = parts[2].split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count >= 2, fields[0].hasPrefix("n="), fields[1].hasPrefix("r="),
            let name = Self.name(fields[0].dropFirst(2)), !fields[1].dropFirst(2).isEmpty,
            !fields.dropFirst(2).contains("tokenauth=true")
        else { return nil }
        header = "\(parts[0]),\(parts[1]),"
        userName = name
        nonce = String(fields[1].dropFirst(2))
        bare = String(parts[2])
        guard nonce.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    }

    /// `=2C` is a comma, `=3D` an equals sign; a lone equals sign is an error.
    private static func name(_ text: Substring) -> String? {
        var name: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "=") else {
                name.append(byte)
                continue
            }
            switch (bytes.next(), bytes.next()) {
            case (UInt8(ascii: "2"), UInt8(ascii: "C")): name.append(UInt8(ascii: ","))
            case (UInt8(ascii: "3"), UInt8(ascii: "D")): name.append(UInt8(ascii: "="))
            default: return nil
            }
        }
        return name.isEmpty || name.contains(0) ? nil : String(decoding: name, as: UTF8.self)
    }
}

/// What a SCRAM client says at last.
struct ScramClientFinal: Equatable, Sendable {
    var channelBinding: [UInt8]
    var nonce: String
    var proof: [UInt8]
    /// The message up to the proof: part of what is signed.
    var withoutProof: String

    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self),
            let end = text.range(of: ",p=", options: .backwards)
        else { return nil }
        let fields = text[..<end.lowerBound].split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count >= 2, fields[0].hasPrefix("c="), fields[1].hasPrefix("r="),
            let binding = Data(base64Encoded: String(fields[0].dropFirst(2))),
            let proof = Data(base64Encoded: String(text[end.upperBound...]))
        else { return nil }
        channelBinding = Array(binding)
        nonce = String(fields[1].dropFirst(2))
        self.proof = Array(proof)
        withoutProof = String(text[..<end.lowerBound])
    }
}
