package import QueryEngine

/// What `pipeline.yaml` says: the tables, where their rows come from, and the defaults of query parameters.
package struct PipelineDefinition: Sendable, Equatable {
    package var name: String
    /// Values of the `:name` parameters in queries.
    package var parameters: [String: SQLValue]
    /// In the order of the file.
    package var tables: [TableDefinition]
    /// What the live metrics are kept over; nil: there are none.
    package var live: LiveDefinition?

    package init(
        name: String, parameters: [String: SQLValue] = [:], tables: [TableDefinition],
        live: LiveDefinition? = nil
    ) {
        self.name = name
        self.parameters = parameters
        self.tables = tables
        self.live = live
    }

    /// The position of the table whose rows a topic carries: the first one with a pattern that matches.
    package func tableIndex(ofTopic topic: String) -> Int? {
        tables.firstIndex { table in table.topics.contains { $0.matches(topic) } }
    }
}

/// One table: its topics, its raw columns, and the file that cleans it.
package struct TableDefinition: Sendable, Equatable {
    package var name: String
    package var topics: [TopicPattern]
    package var streams: [TopicPattern]
    /// The key column of the cleaned table; cleaning passes the raw key column through unchanged.
    package var key: String
    /// The path of the cleaning SELECT, from the pipeline's folder.
    package var clean: String
    package var columns: [RawColumn]

    package init(
        name: String, topics: [TopicPattern], streams: [TopicPattern] = [], key: String, clean: String,
        columns: [RawColumn]
    ) {
        self.name = name
        self.topics = topics
        self.streams = streams
        self.key = key
        self.clean = clean
        self.columns = columns
    }

    /// What cleaning reads: the rows as they came, typed, in which sentinels and blank text are NULL.
    package var rawName: String { name + "_raw" }

    /// The most raw columns; a row's columns are kept as bits of one word.
    package static let maxColumns = 64
}

/// One column of the rows as they come.
package struct RawColumn: Sendable, Equatable {
    package enum ValueType: String, Sendable, CaseIterable {
        case int, double, string
    }

    package var name: String
    package var type: ValueType
    /// Other names that clients use for the same column.
    package var aliases: [String]
    package var isKey: Bool
    /// Whole values that stand for "unknown".
    package var sentinels: [String]

    package init(
        name: String, type: ValueType, aliases: [String] = [], isKey: Bool = false, sentinels: [String] = []
    ) {
        self.name = name
        self.type = type
        self.aliases = aliases
        self.isKey = isKey
        self.sentinels = sentinels
    }
}

/// A pattern over topic names, in which `*` stands for any run of characters.
package struct TopicPattern: Sendable, Equatable, CustomStringConvertible {
    package let description: String
    private let parts: [[UInt8]]

    package init(_ text: String) {
        description = text
        parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(
            Array.init)
    }

    package func matches(_ topic: String) -> Bool {
        guard let first = parts.first, let last = parts.last, parts.count > 1 else {
            return topic == description
        }
        var rest = Array(topic.utf8)[...]
        guard rest.starts(with: first), rest.count >= first.count + last.count else { return false }
        rest = rest.dropFirst(first.count)
        guard rest.suffix(last.count).elementsEqual(last) else { return false }
        rest = rest.dropLast(last.count)
        // The leftmost place of each inner part leaves the most for those after it.
        for part in parts.dropFirst().dropLast() {
            guard let start = Self.firstPlace(of: part, in: rest) else { return false }
            rest = rest[(start + part.count)...]
        }
        return true
    }

    private static func firstPlace(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard part.count <= text.count else { return nil }
        return (text.startIndex...(text.endIndex - part.count)).first { text[$0...].starts(with: part) }
    }
}
