import Yams

extension LiveDefinition {
    /// Reads `live` of a `pipeline.yaml`.
    init(node: Node, file: YAMLReader, tables: [TableDefinition]) throws(PipelineError) {
        let members = try file.members(
            of: node, of: "live", allowed: ["windows", "window", "event_time", "joins", "recommend"])
        let windows = try Self.windows(members["windows"], file)
        self.init(windows: windows)
        if let name = members["window"] {
            defaultWindow = try Self.position(
                of: try file.text(name, "window", in: node), in: windows, name, file)
        }
        for (table, column) in try members["event_time"].map({ (node) throws(PipelineError) in
            try file.pairs(of: node, "event_time")
        }) ?? [] {
            guard tables.contains(where: { $0.name == table }) else {
                throw file.error(column, "event_time: there is no table \(table)")
            }
            eventTimes[table] = try Self.column(try file.text(column, table, in: node), column, file)
        }
        for (name, node) in try members["joins"].map({ (node) throws(PipelineError) in
            try file.pairs(of: node, "joins")
        }) ?? [] {
            joins.append(try LiveJoin(name: name, node: node, file: file, tables: tables))
        }
        guard joins.count <= Self.maxJoins else {
            throw file.error(node, "there are more than \(Self.maxJoins) joins")
        }
        recommendation = try members["recommend"].map { (node) throws(PipelineError) in
            try RecommendationRule(node: node, file: file, windows: windows, defaultWindow: defaultWindow)
        }
    }

    private static func windows(_ node: Node?, _ file: YAMLReader) throws(PipelineError) -> [LiveWindow] {
        guard let node else { return LiveWindow.usual }
        var windows: [LiveWindow] = []
        for (name, value) in try file.pairs(of: node, "windows") {
            let pane = try file.text(value, name, in: node)
            guard let length = LiveWindow.milliseconds(of: name),
                let paneLength = LiveWindow.milliseconds(of: pane)
            else { throw file.error(value, "\(name): \(pane) is no window and pane like 5m: 5s") }
            guard length % paneLength == 0, length / paneLength <= LiveWindow.maxPanes else {
                throw file.error(
                    value,
                    "the window \(name) must be a multiple of its pane \(pane), and at most \(LiveWindow.maxPanes) of them"
                )
            }
            windows.append(LiveWindow(name: name, milliseconds: length, paneMilliseconds: paneLength))
        }
        guard (1...maxWindows).contains(windows.count) else {
            throw file.error(node, "there must be 1 to \(maxWindows) windows")
        }
        windows.sort { $0.milliseconds < $1.milliseconds }
        return windows
    }

    fileprivate static func position(
        of name: String, in windows: [LiveWindow], _ node: Node, _ file: YAMLReader
    ) throws(PipelineError) -> Int {
        guard let position = windows.firstIndex(where: { $0.name == name }) else {
            throw file.error(
                node, "there is no window \(name); there are \(windows.map(\.name).joined(separator: ", "))")
        }
        return position
    }

    fileprivate static func column(
        _ name: String, _ node: Node, _ file: YAMLReader
    ) throws(PipelineError) -> String {
        guard file.isName(name) else { throw file.error(node, "\(name) is no name of a column") }
        return name
    }
}

extension LiveJoin {
    fileprivate init(
        name: String, node: Node, file: YAMLReader, tables: [TableDefinition]
    ) throws(PipelineError) {
        let members = try file.members(of: node, of: "join \(name)", allowed: ["tables", "for", "rows"])
        guard file.isName(name), !tables.contains(where: { $0.name == name || $0.rawName == name }) else {
            throw file.error(node, "\(name) is no name for a join, or a table has it")
        }
        let duration = try members["for"].map { (value) throws(PipelineError) in
            try file.text(value, "for", in: node)
        }
        guard let keep = LiveWindow.milliseconds(of: duration ?? "10m") else {
            throw file.error(node, "for: \(duration ?? "") is no time like 10m")
        }
        let rows = members["rows"].map { $0.int ?? 0 } ?? 100_000
        guard (1...Self.maxRowsAllowed).contains(rows) else {
            throw file.error(node, "rows must be a number from 1 to \(Self.maxRowsAllowed)")
        }
        guard let tablesNode = members["tables"] else { throw file.error(node, "join \(name) lacks tables") }
        var parts: [Part] = []
        for (table, value) in try file.pairs(of: tablesNode, "tables") {
            guard let key = tables.first(where: { $0.name == table })?.key else {
                throw file.error(value, "join \(name): there is no table \(table)")
            }
            let columns = try file.texts(value, table)
            for column in columns { _ = try LiveDefinition.column(column, value, file) }
            parts.append(Part(table: table, key: key, columns: columns))
        }
        self.init(name: name, parts: parts, keepMilliseconds: keep, maxRows: rows)
        guard (2...4).contains(parts.count) else {
            throw file.error(tablesNode, "join \(name) needs 2 to 4 tables")
        }
        guard Set(columns).count == columns.count else {
            throw file.error(tablesNode, "join \(name): a column occurs twice")
        }
    }
}

extension RecommendationRule {
    fileprivate init(
        node: Node, file: YAMLReader, windows: [LiveWindow], defaultWindow: Int
    ) throws(PipelineError) {
        let members = try file.members(
            of: node, of: "recommend", allowed: ["metric", "window", "by", "weights"])
        metric = try file.text(members["metric"], "metric", in: node)
        by = try file.texts(members["by"], "by")
        window = defaultWindow
        if let name = members["window"] {
            window = try LiveDefinition.position(
                of: try file.text(name, "window", in: node), in: windows, name, file)
        }
        weights = []
        guard let weightsNode = members["weights"] else { throw file.error(node, "recommend lacks weights") }
        for (measure, value) in try file.pairs(of: weightsNode, "weights") {
            guard let factor = value.float, factor.isFinite, factor >= 0 else {
                throw file.error(value, "the weight of \(measure) must be a number from 0")
            }
            weights.append(Weight(measure: measure, factor: factor))
        }
        guard weights.contains(where: { $0.factor > 0 }) else {
            throw file.error(weightsNode, "at least one weight must be above 0")
        }
    }
}
