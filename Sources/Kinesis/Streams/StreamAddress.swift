package import StreamModel

/// Where a stream is: its region and name, and the topic that holds its records.
///
/// Streams of the default region have the names of their topics; a stream `clicks` of another region `eu-west-1` is
/// the topic `eu-west-1.clicks`.
package struct StreamAddress: Hashable, Sendable {
    package let region: String
    package let name: String
    package let topic: TopicName

    /// The longest name of a stream, in characters.
    package static let maxNameLength = 128
    private static let dot = UInt8(ascii: ".")

    /// Nil if no topic can have the name, or the name is that of a stream in another region.
    package init?(region: String, name: String, defaultRegion: String) {
        // Most names need no second look: without a dot, or without a hyphen before it, they name no region.
        if region == defaultRegion,
            name.utf8.prefix(while: { $0 != UInt8(ascii: "-") }).contains(Self.dot)
                || !name.utf8.contains(Self.dot), !name.isEmpty,
            name.utf8.count <= Self.maxNameLength, let topic = TopicName(name)
        {
            (self.region, self.name, self.topic) = (region, name, topic)
            return
        }
        let text = region == defaultRegion ? name : "\(region).\(name)"
        guard let topic = TopicName(text),
            let address = StreamAddress(topic: topic, defaultRegion: defaultRegion),
            address.region == region, address.name == name
        else { return nil }
        self = address
    }

    /// Nil if the topic's name is too long for a stream.
    package init?(topic: TopicName, defaultRegion: String) {
        let text = topic.rawValue
        let dot = text.firstIndex(of: ".")
        let prefix = dot.map { String(text[..<$0]) } ?? ""
        if let dot, Self.isRegion(prefix), prefix != defaultRegion {
            region = prefix
            name = String(text[text.index(after: dot)...])
        } else {
            region = defaultRegion
            name = text
        }
        guard !name.isEmpty, name.utf8.count <= Self.maxNameLength else { return nil }
        self.topic = topic
    }

    /// Whether a text has the form of a region's name, as `eu-west-1` or `us-gov-east-1` has.
    package static func isRegion(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), text.utf8.count <= 32, let number = parts.last,
            (1...2).contains(number.utf8.count), number.utf8.allSatisfy({ (48...57).contains($0) })
        else { return false }
        return parts.dropLast().allSatisfy { part in
            (2...12).contains(part.utf8.count) && part.utf8.allSatisfy { (97...122).contains($0) }
        }
    }
}

/// A stream's or a consumer's name in the form `arn:aws:kinesis:{region}:{account}:stream/{name}`.
package struct ResourceName: Hashable, Sendable {
    package var region: String
    package var stream: String
    /// Of a registered consumer: its name and the second of its creation.
    package var consumer: (name: String, second: String)?

    /// Nil if the text is no such name.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "kinesis",
            parts[5].hasPrefix("stream/")
        else { return nil }
        region = parts[3]
        let names = parts[5].dropFirst("stream/".count).split(
            separator: "/", omittingEmptySubsequences: false)
        stream = String(names.first ?? "")
        guard !stream.isEmpty else { return nil }
        if names.count == 3, names[1] == "consumer" {
            let halves = names[2].split(separator: ":", omittingEmptySubsequences: false)
            guard halves.count == 2 else { return nil }
            consumer = (String(halves[0]), String(halves[1]))
        } else if names.count != 1 {
            return nil
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.region == right.region && left.stream == right.stream
            && left.consumer?.name == right.consumer?.name && left.consumer?.second == right.consumer?.second
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(region)
        hasher.combine(stream)
        hasher.combine(consumer?.name)
        hasher.combine(consumer?.second)
    }
}
