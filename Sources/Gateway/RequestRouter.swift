import StreamModel

/// What a path stands for.
enum GatewayRoute: Equatable, Sendable {
    case root
    /// `…/topics/{topic}` and `…/topics/{topic}/partitions/{p}`; the text is no valid name where `topic` is nil.
    case produce(topic: TopicName?, text: String, partition: Int32?)
    case notFound
}

/// Finds the route of a request target.
///
/// Whatever stands before `topics` is a stage name of the gateway that the client used to call, and is ignored;
/// so are doubled and trailing slashes and the query.
enum RequestRouter {
    static func route(_ target: String) -> GatewayRoute {
        let path = target.prefix { $0 != "?" }
        let parts = path.split(separator: "/").map(String.init)
        if parts.isEmpty { return .root }
        // A topic may be named `topics` itself, so that the last one need not be where the route begins.
        for start in parts.indices.reversed() where parts[start] == "topics" {
            if let route = route(ofTopic: parts[(start + 1)...]) { return route }
        }
        return .notFound
    }

    private static func route(ofTopic parts: ArraySlice<String>) -> GatewayRoute? {
        guard let first = parts.first, let name = percentDecoded(first) else { return nil }
        switch parts.count {
        case 1: return .produce(topic: TopicName(name), text: name, partition: nil)
        case 3 where parts[parts.startIndex + 1] == "partitions":
            guard let number = Int32(parts[parts.startIndex + 2]) else { return nil }
            return .produce(topic: TopicName(name), text: name, partition: number)
        default: return nil
        }
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
