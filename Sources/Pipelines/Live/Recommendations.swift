import JSONText

extension LiveMetrics {
    /// What is popular with those who are like a viewer, and why; where too little is, with those around them.
    package func recommend(_ parameters: [(name: String, value: String)]) -> LiveAnswer {
        do throws(LiveRefusal) {
            guard let rule = definition.recommendation else {
                throw LiveRefusal(
                    isUnknown: true, message: "The pipeline has no recommend under live in pipeline.yaml.",
                    known: [])
            }
            var search = try RecommendationSearch(self, rule, parameters)
            search.run()
            return search.answer
        } catch {
            return LiveAnswer(error)
        }
    }
}

/// Looks for rows from the narrowest scope to the widest until there are enough.
private struct RecommendationSearch {
    private struct Found {
        var key: [LiveValue]
        var row: CubeAnswer.Row
        var window: LiveWindow
        var scope: [(column: String, text: String)]
        var shape: LiveShape
    }

    let metrics: LiveMetrics
    let rule: RecommendationRule
    var request: LiveRequest
    /// What the viewer is asked by, the last one is given up first.
    let asked: [(column: String, text: String)]
    private var found: [Found] = []
    private var widened: [String] = []
    private var told: LiveMetrics.Told?

    init(
        _ metrics: LiveMetrics, _ rule: RecommendationRule, _ parameters: [(name: String, value: String)]
    ) throws(LiveRefusal) {
        self.metrics = metrics
        self.rule = rule
        request = try LiveRequest(
            parameters, windows: metrics.definition.windows, defaultWindow: rule.window)
        for column in request.filters.map(\.column) + request.by where !rule.by.contains(column) {
            throw LiveRefusal(
                message: "Recommendations cannot be asked for by \(column).",
                known: rule.by + ["window", "limit"])
        }
        let given = request.filters
        asked = rule.by.compactMap { column in given.first { $0.column == column } }
    }

    mutating func run() {
        for window in request.window..<metrics.definition.windows.count {
            // A longer time is only looked at when the shorter one has nothing at all.
            if !found.isEmpty { return }
            for count in (0...asked.count).reversed() {
                look(in: window, Array(asked.prefix(count)))
                if found.count >= request.limit { return }
                let scope = asked.prefix(count).map { "\($0.column)=\($0.text)" }.joined(separator: ", ")
                let place = scope.isEmpty ? "anywhere" : "with \(scope)"
                let length = metrics.definition.windows[window].name
                let next =
                    count > 0
                    ? "\(asked[count - 1].column) left out"
                    : found.isEmpty && window + 1 < metrics.definition.windows.count
                        ? "looked at \(metrics.definition.windows[window + 1].name)" : nil
                if let next {
                    widened.append("\(found.count) \(place) in the last \(length), so \(next)")
                }
            }
        }
    }

    private mutating func look(in window: Int, _ scope: [(column: String, text: String)]) {
        guard let index = try? metrics.cube(of: rule.metric, telling: [], scope.map(\.column)) else { return }
        let source = metrics.sources[index]
        var request = request
        request.window = window
        request.by = []
        request.filters = scope
        request.limit = min(LiveSettings.maxRows, self.request.limit + found.count)
        let (answer, told) = metrics.ask(
            index, source.question(request, order: .weighted(rule.weights)))
        self.told = told
        for row in answer.rows
        where found.count < self.request.limit && !found.contains(where: { $0.key == row.key }) {
            found.append(
                Found(
                    key: row.key, row: row, window: metrics.definition.windows[window], scope: scope,
                    shape: source.shape))
        }
    }

    var answer: LiveAnswer {
        LiveAnswer(.ok) { json in
            json.member(
                "asked",
                object: { json in for (column, text) in asked { json.member(column, text) } })
            json.member("window", metrics.definition.windows[request.window].name)
            json.member("as_of", orNull: told?.asOf)
            json.member("counted_at", orNull: told?.countedAt)
            json.member("records", told?.records ?? 0)
            json.member("exact", told?.error == 0)
            json.member("widened", strings: widened)
            json.member(
                "rows", array: { json in for found in found { json.object { write(found, &$0) } } })
        }
    }

    private func write(_ found: Found, _ json: inout JSONWriter) {
        for (name, value) in zip(found.shape.group, found.key) { json.member(name, value) }
        json.member("score", (found.row.rank * 1_000).rounded() / 1_000)
        for (name, value) in zip(found.shape.names, found.row.measures) { json.member(name, value) }
        json.member(
            "scope", object: { json in for (column, text) in found.scope { json.member(column, text) } })
        json.member("window", found.window.name)
        json.member("why", strings: reasons(found))
    }

    private func reasons(_ found: Found) -> [String] {
        let first = found.shape.measures[0].name
        let count = found.row.measures.first.flatMap { Self.integer($0) } ?? 0
        let place = found.scope.map { "\($0.column) \($0.text)" }.joined(separator: ", ")
        var reasons = [
            "\(count) \(first)\(place.isEmpty ? "" : " with \(place)") in the last \(found.window.name)"
        ]
        if !found.scope.isEmpty, found.row.overall > 0 {
            let percent = Int((Double(count) * 100 / Double(found.row.overall)).rounded())
            reasons.append("\(percent) % of its \(first) in that time")
        }
        for (name, value) in zip(found.shape.names, found.row.measures).dropFirst() {
            guard let value = Self.integer(value), value != 0 else { continue }
            let isGrowth = name.hasSuffix(LiveShape.growthSuffix)
            let base = isGrowth ? String(name.dropLast(LiveShape.growthSuffix.count)) : name
            reasons.append(
                isGrowth
                    ? "\(value > 0 ? "+" : "")\(value) \(base) in the last \(found.window.name)"
                    : "\(value) \(base)")
        }
        return reasons
    }

    private static func integer(_ value: LiveValue) -> Int64? {
        if case .integer(let number) = value { return number }
        return nil
    }
}
