/// What the key of a sink's object says: `{folder}{topic}[~{life}]+{partition}+{first offset}{ending}`.
package struct SinkObjectName: Sendable, Equatable {
    package let key: ObjectKey
    /// Empty, or with a slash at its end.
    package let folder: String
    package let topic: String
    /// Which of the topics of one name it was.
    package let life: Int
    package let partition: Int32
    /// Of the first record.
    package let offset: Int64
    /// All behind the offset, such as `.json`, `.keys.json` or `.json.gz`.
    package let ending: String

    /// Nil for a key of another kind.
    package init?(_ key: ObjectKey) {
        let text = key.rawValue
        let nameStart = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
        let parts = text[nameStart...].split(separator: "+", omittingEmptySubsequences: false)
        guard parts.count == 3, let partition = Int32(parts[1]), partition >= 0,
            let (topic, life) = Self.topic(parts[0])
        else { return nil }
        let digits = parts[2].prefix { $0.isASCII && $0.isNumber }
        guard let offset = Int64(digits) else { return nil }
        self.key = key
        folder = String(text[..<nameStart])
        self.topic = topic
        self.life = life
        self.partition = partition
        self.offset = offset
        ending = String(parts[2][digits.endIndex...])
    }

    private static func topic(_ stem: Substring) -> (String, Int)? {
        guard !stem.isEmpty else { return nil }
        guard let tilde = stem.firstIndex(of: "~") else { return (String(stem), 0) }
        guard let life = Int(stem[stem.index(after: tilde)...]), life > 0 else { return nil }
        return (String(stem[..<tilde]), life)
    }

    /// How the contents of objects become one; nil where that is not known.
    var form: MergeForm? {
        if ending.hasSuffix(".parquet") { return .parquet }
        let plain = ending.hasSuffix(".gz") ? String(ending.dropLast(3)) : ending
        if [".json", ".ndjson", ".jsonl"].contains(where: plain.hasSuffix) {
            return plain == ending ? .lines : .bytes
        }
        return [".bin", ".txt"].contains(where: plain.hasSuffix) ? .bytes : nil
    }

    /// Whether it holds the keys or headers of the records of another object.
    var isCompanion: Bool { ending.hasPrefix(".keys.") || ending.hasPrefix(".headers.") }
}

/// How the contents of objects become one.
enum MergeForm: Sendable {
    /// One behind the other, a line feed after each that has none at its end.
    case lines
    /// One behind the other; members of gzip too.
    case bytes
    /// Read and written anew.
    case parquet
}
