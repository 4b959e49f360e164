import Yams

extension PipelineDefinition {
    /// Reads the text of a `pipeline.yaml`.
    ///
    /// A key that is not known is an error that names its line, so that a slip of the pen is not silently ignored.
    /// - Parameter path: names the file in errors.
    package init(yaml: String, path: String) throws(PipelineError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw PipelineError(.invalidFile, "\(path) is no YAML: \(Self.oneLine("\(error)"))")
        }
        guard let root else { throw PipelineError(.invalidFile, "\(path) is empty.") }
        let file = YAMLReader(path: path)
        let top = try file.members(
            of: root, of: "the pipeline", allowed: ["name", "parameters", "tables", "live"])
        name = try file.text(top["name"], "name", in: root)
        parameters = [:]
        if let node = top["parameters"] {
            for (key, value) in try file.pairs(of: node, "parameters") { parameters[key] = file.value(value) }
        }
        guard let node = top["tables"] else { throw file.error(root, "the pipeline lacks tables") }
        tables = []
        for (key, value) in try file.pairs(of: node, "tables") {
            tables.append(try TableDefinition(name: key, node: value, file: file))
        }
        guard !tables.isEmpty else { throw file.error(node, "there is no table") }
        live = try top["live"].map { (node) throws(PipelineError) in
            try LiveDefinition(node: node, file: file, tables: tables)
        }
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension TableDefinition {
    fileprivate init(name: String, node: Node, file: YAMLReader) throws(PipelineError) {
        let members = try file.members(
            of: node, of: "table \(name)", allowed: ["topics", "streams", "key", "clean", "columns"])
        guard file.isName(name) else { throw file.error(node, "\(name) is no name for a table") }
        self.name = name
        topics = try file.texts(members["topics"], "topics").map { TopicPattern($0) }
        streams = try file.texts(members["streams"], "streams").map { TopicPattern($0) }
        key = try file.text(members["key"], "key", in: node)
        clean = try file.text(members["clean"], "clean", in: node)
        guard let columnsNode = members["columns"] else {
            throw file.error(node, "table \(name) lacks columns")
        }
        columns = []
        for (key, value) in try file.pairs(of: columnsNode, "columns") {
            columns.append(try RawColumn(name: key, node: value, file: file))
        }
        try check(columnsNode, file)
    }

    private func check(_ node: Node, _ file: YAMLReader) throws(PipelineError) {
        guard columns.filter(\.isKey).count == 1 else {
            throw file.error(node, "table \(name) needs exactly one column with key: true")
        }
        guard !columns.contains(where: { $0.isKey && $0.type == .double }) else {
            throw file.error(node, "the key of table \(name) must be int or string")
        }
        guard columns.count <= Self.maxColumns else {
            throw file.error(node, "table \(name) has more than \(Self.maxColumns) columns")
        }
        var names: Set<String> = []
        for name in columns.flatMap({ [$0.name] + $0.aliases }) {
            guard names.insert(name).inserted else {
                throw file.error(node, "the column name \(name) occurs twice")
            }
        }
        guard !topics.isEmpty || !streams.isEmpty else {
            throw file.error(node, "table \(name) has neither topics nor streams")
        }
    }
}

extension RawColumn {
    fileprivate init(name: String, node: Node, file: YAMLReader) throws(PipelineError) {
        let members = try file.members(
            of: node, of: "column \(name)", allowed: ["type", "aliases", "key", "sentinels"])
        let typeName = try file.text(members["type"], "type", in: node)
        guard let type = ValueType(rawValue: typeName) else {
            let known = ValueType.allCases.map(\.rawValue).joined(separator: ", ")
            throw file.error(members["type"] ?? node, "\(typeName) is no type; there are \(known)")
        }
        self.name = name
        self.type = type
        aliases = try file.texts(members["aliases"], "aliases")
        sentinels = try file.texts(members["sentinels"], "sentinels")
        isKey = try file.flag(members["key"], "key")
    }
}
