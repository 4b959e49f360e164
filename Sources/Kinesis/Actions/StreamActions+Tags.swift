// AddTagsToStream, RemoveTagsFromStream, ListTagsForStream, TagResource, UntagResource, ListTagsForResource.
extension StreamActions {
    private static let tagsInOneAnswer: Int64 = 50

    /// - Throws: `.invalidArgument` for characters that no tag has.
    static func checkTags(_ tags: [String: String]) throws(KinesisError) {
        let texts = tags.keys.map(\.self) + tags.values.map(\.self)
        guard texts.allSatisfy({ $0.unicodeScalars.allSatisfy(isAllowed) }) else {
            throw KinesisError(
                .invalidArgument,
                "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / "
                    + "= + - % @.")
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        "_./=+-%@:".unicodeScalars.contains(scalar) || scalar.properties.isWhitespace
            || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private func merged(
        _ old: [String: String], _ new: [String: String], _ place: String
    ) throws(KinesisError) -> [String: String] {
        try Self.checkTags(new)
        let merged = old.merging(new) { $1 }
        guard merged.count <= StreamDescription.maxTags else {
            throw KinesisError(
                .invalidArgument,
                "Failed to add tags to \(place) under account \(settings.accountID) because a given resource cannot "
                    + "have more than \(StreamDescription.maxTags) tags associated with it.")
        }
        return merged
    }

    // MARK: By the name of a stream

    func addTags(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let stream = try stream(input, scope)
        try registry.update(stream) { (description) throws(KinesisError) in
            description.tags = try merged(
                description.tags, input.map("Tags") ?? [:], "stream \(stream.address.name)")
        }
    }

    func removeTags(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let keys = input.strings("TagKeys") ?? []
        try registry.update(try stream(input, scope)) { description in
            for key in keys { description.tags[key] = nil }
        }
    }

    func listTags(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        var tags = try stream(input, scope).description.tags.sorted { $0.key < $1.key }
        if let last = input.string("ExclusiveStartTagKey") { tags = tags.filter { $0.key > last } }
        let limit = Int(input.integer("Limit") ?? Self.tagsInOneAnswer)
        return .object([
            ("Tags", .list(tags.prefix(limit).map(Self.tag))), ("HasMoreTags", .bool(tags.count > limit)),
        ])
    }

    private static func tag(_ key: String, _ value: String) -> OutputValue {
        .object([("Key", .string(key)), ("Value", .string(value))])
    }

    // MARK: By the name of a resource

    func tagResource(_ input: Input) throws(KinesisError) {
        let name = input.string("ResourceARN") ?? ""
        try changeTags(name) { (tags) throws(KinesisError) in
            tags = try merged(tags, input.map("Tags") ?? [:], "resource \(name)")
        }
    }

    func untagResource(_ input: Input) throws(KinesisError) {
        let keys = input.strings("TagKeys") ?? []
        try changeTags(input.string("ResourceARN") ?? "") { tags in
            for key in keys { tags[key] = nil }
        }
    }

    func listTagsForResource(_ input: Input) throws(KinesisError) -> OutputValue {
        let (stream, place) = try resource(input.string("ResourceARN") ?? "")
        let description = stream.description
        let tags = place.map { description.consumers[$0].tags } ?? description.tags
        return .object([("Tags", .list(tags.sorted { $0.key < $1.key }.map(Self.tag)))])
    }

    private func changeTags(
        _ name: String, _ change: (inout [String: String]) throws(KinesisError) -> Void
    ) throws(KinesisError) {
        let (stream, place) = try resource(name)
        try registry.update(stream) { (description) throws(KinesisError) in
            if let place {
                try change(&description.consumers[place].tags)
            } else {
                try change(&description.tags)
            }
        }
    }

    /// The stream of a resource, and the place of the consumer if it is one.
    func resource(_ text: String) throws(KinesisError) -> (KinesisStream, consumer: Int?) {
        guard let name = ResourceName(text) else { throw notFound(text) }
        guard name.consumer != nil else {
            guard
                let address = StreamAddress(
                    region: name.region, name: name.stream, defaultRegion: settings.region),
                let stream = try registry.find(address)
            else { throw notFound(text) }
            return (stream, nil)
        }
        let (stream, place) = try consumer(arn: text)
        return (stream, place)
    }
}
