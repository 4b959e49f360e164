/// One file of the folder `live`: SQL over new rows, and in its first comment lines what its columns mean.
package struct LiveSource: Sendable, Equatable {
    /// The file's name without its ending.
    package var stem: String
    /// The metric that it feeds: the stem, unless the file names another.
    package var metric: String
    /// What it tells, in words: the first comment line.
    package var title: String
    package var shape: LiveShape
    /// By what the metric can be told apart, besides its groups.
    package var by: [String]
    /// The one table or join whose new rows it reads.
    package var input: String
    /// In DuckDB's dialect.
    package var sql: String
    package var parameters: Set<String>

    static let maxBy = 3
}

/// What every file of one metric has in common.
package struct LiveShape: Sendable, Equatable {
    /// How values of rows of one group become one value.
    package enum Merge: String, Sendable, CaseIterable {
        case sum, last, max, min, distinct
    }

    package struct Measure: Sendable, Equatable {
        package var name: String
        package var merge: Merge
    }

    package var group: [String]
    package var measures: [Measure]
    /// A measure merged by `last` whose change within the window is told.
    package var growth: String?
    /// A measure merged by `sum` whose rate is compared with its own past.
    package var trend: String?
    /// What the rows are ordered by, from the greatest down.
    package var order: String

    static let growthSuffix = "_growth"
    static let score = "score"
    static let expected = "expected"

    /// The measures of every answer, those that are worked out included.
    var names: [String] {
        measures.map(\.name) + (growth.map { [$0 + Self.growthSuffix] } ?? [])
            + (trend == nil ? [] : [Self.expected, Self.score])
    }
}

extension LiveSource {
    private static let keys: Set<String> = ["metric", "group", "by", "measures", "growth", "trend", "order"]

    /// - Parameters:
    ///   - inputs: the names of the tables and joins.
    ///   - path: names the file in errors.
    init(stem: String, text: String, path: String, inputs: [String]) throws(PipelineError) {
        let (title, said) = try Self.header(of: text, path)
        func wrong(_ what: String) -> PipelineError { PipelineError(.invalidFile, "\(path): \(what).") }
        self.stem = stem
        self.title = title ?? stem
        metric = said["metric"] ?? stem
        let sql = SQLText(text)
        self.sql = sql.forDuckDB
        parameters = sql.parameters
        let tables = sql.tablesRead
        let read = inputs.filter { tables.contains($0.lowercased()) }
        guard let input = read.first, read.count == 1 else {
            throw wrong(
                "it reads \(read.isEmpty ? "no table" : read.joined(separator: " and ")); name exactly one of "
                    + "\(inputs.joined(separator: ", ")), or declare a join under live in pipeline.yaml")
        }
        self.input = input
        by = Self.words(said["by"])
        shape = LiveShape(
            group: Self.words(said["group"]), measures: [], growth: said["growth"], trend: said["trend"],
            order: "")
        for part in (said["measures"] ?? "").split(separator: ",") {
            let words = part.split(separator: " ").map(String.init)
            guard words.count == 2, let merge = LiveShape.Merge(rawValue: words[1]) else {
                let merges = LiveShape.Merge.allCases.map(\.rawValue).joined(separator: ", ")
                throw wrong("the measure '\(part)' is not a column and one of \(merges)")
            }
            shape.measures.append(.init(name: words[0], merge: merge))
        }
        let usual = shape.trend == nil ? shape.measures.first?.name : LiveShape.score
        shape.order = said["order"] ?? usual ?? ""
        if let problem { throw wrong(problem) }
    }

    private var problem: String? {
        if metric == LiveMetrics.ratesName { return "\(metric) is the name of a metric of the program" }
        if shape.group.isEmpty { return "it has no line '-- group: <columns>'" }
        if shape.measures.first?.merge != .sum {
            return "its first measure must be merged by sum; count rows as '1 AS rows' if there is none"
        }
        if by.count > Self.maxBy { return "it has more than \(Self.maxBy) columns under by" }
        let names = by + shape.group + shape.names
        if Set(names).count != names.count { return "a name occurs twice" }
        if let name = (names + [metric]).first(where: { !Self.isName($0) }) { return "\(name) is no name" }
        if let growth = shape.growth, !shape.measures.contains(.init(name: growth, merge: .last)) {
            return "growth: \(growth) is no measure merged by last"
        }
        if let trend = shape.trend, !shape.measures.contains(.init(name: trend, merge: .sum)) {
            return "trend: \(trend) is no measure merged by sum"
        }
        if !shape.names.contains(shape.order) { return "order: there is no measure \(shape.order)" }
        return nil
    }

    /// Refuses files of one metric that do not fit together.
    static func check(_ sources: [LiveSource]) throws(PipelineError) {
        for (index, source) in sources.enumerated() {
            guard let first = sources[..<index].first(where: { $0.metric == source.metric }) else { continue }
            guard first.shape == source.shape else {
                throw PipelineError(
                    .invalidFile,
                    "live/\(source.stem).sql: group, measures, growth, trend and order must be those of "
                        + "live/\(first.stem).sql, since both feed \(source.metric).")
            }
        }
    }

    /// The first comment line, and the `key: value` of the others.
    private static func header(
        of text: String, _ path: String
    ) throws(PipelineError) -> (title: String?, said: [String: String]) {
        var title: String?
        var said: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline).prefix(while: { $0.hasPrefix("--") }) {
            let comment = line.drop { $0 == "-" || $0 == " " }
            let key = String(comment.prefix { $0 != ":" })
            let isKey = comment.count > key.count && key.allSatisfy { $0.isLowercase || $0 == "_" }
            guard isKey, keys.contains(key) || title != nil else {
                title = title ?? String(comment)
                continue
            }
            guard keys.contains(key) else {
                throw PipelineError(
                    .invalidFile,
                    "\(path): '\(key)' is none of \(keys.sorted().joined(separator: ", ")).")
            }
            let value = comment.dropFirst(key.count + 1).drop { $0 == " " }
            guard said.updateValue(trimmed(value), forKey: key) == nil else {
                throw PipelineError(.invalidFile, "\(path): '\(key)' occurs twice.")
            }
        }
        return (title, said)
    }

    private static func words(_ text: String?) -> [String] {
        (text ?? "").split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.first?.isNameStart == true && text.utf8.allSatisfy(\.isNamePart)
    }
}
