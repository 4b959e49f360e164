import StreamModel

/// The file `topic.properties` in a topic's folder: its id, how many partitions it has, its configuration.
///
/// Lines `key=value`, sorted by key; those that begin with `#` are comments. It is written whole under another name
/// and then renamed, so it is there as it was or as it shall be.
struct TopicProperties: Equatable {
    static let fileName = "topic.properties"
    private static let unfinishedName = "topic.properties.new"
    /// A file that is longer was not written by us.
    private static let maxBytes = 1 << 20

    var id: TopicID
    var partitionCount: Int
    var configuration: TopicConfiguration

    // MARK: Text

    var text: String {
        var values = configuration.overrides
        values["topic.id"] = id.description
        values["topic.partitions"] = "\(partitionCount)"
        let lines = values.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.escaped($0.value))\n" }
        return "# Written by pinline.\n" + lines.joined()
    }

    init(id: TopicID, partitionCount: Int, configuration: TopicConfiguration = TopicConfiguration()) {
        self.id = id
        self.partitionCount = partitionCount
        self.configuration = configuration
    }

    /// - Throws: `corrupted` if it is no such text, saying what is wrong.
    init(text: String) throws(LogStorageError) {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let sign = line.firstIndex(of: "=") else {
                throw LogStorageError(.corrupted, "the line '\(line)' is not key=value")
            }
            values[String(line[..<sign])] = Self.unescaped(line[line.index(after: sign)...])
        }
        guard let id = values.removeValue(forKey: "topic.id").flatMap(TopicID.init) else {
            throw LogStorageError(.corrupted, "topic.id is missing or no id")
        }
        guard let count = values.removeValue(forKey: "topic.partitions").flatMap(Int.init), count > 0,
            count <= Int(Int32.max)
        else { throw LogStorageError(.corrupted, "topic.partitions is missing or no number of partitions") }
        do throws(LogStorageError) {
            self.init(id: id, partitionCount: count, configuration: try TopicConfiguration(values))
        } catch {
            throw LogStorageError(.corrupted, error.message)
        }
    }

    /// Values of keys without effect may hold anything; a line must stay one line.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func unescaped(_ text: Substring) -> String {
        var plain = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                plain.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                plain.append(scalar)
            }
        }
        return String(plain)
    }

    // MARK: File

    /// Reads the file in a topic's folder.
    ///
    /// - Throws: `corrupted` if it is no such file.
    static func load(from folder: String, on disk: any LogDisk) throws(LogStorageError) -> TopicProperties {
        let path = "\(folder)/\(fileName)"
        let bytes = try disk.contents(of: path, upTo: maxBytes)
        do throws(LogStorageError) {
            return try TopicProperties(text: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw LogStorageError(
                .corrupted,
                "\(path): \(error.message). Put it right, or remove it to go on with a new id and no configuration."
            )
        }
    }

    /// Writes the file; durable on return.
    func save(in folder: String, on disk: any LogDisk) throws(LogStorageError) {
        try disk.replaceFile(
            "\(folder)/\(Self.fileName)", in: folder, by: Array(text.utf8),
            through: "\(folder)/\(Self.unfinishedName)")
    }
}
