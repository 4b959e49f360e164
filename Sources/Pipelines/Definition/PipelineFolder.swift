import QueryEngine

/// A pipeline as it lies on disk: its definition, its cleaning files and its queries.
package struct PipelineFolder: Sendable {
    package var path: String
    package var definition: PipelineDefinition
    /// The cleaning SELECT of each table, in the order of the tables.
    package var cleaning: [SQLText]
    /// By number, then by name.
    package var queries: [QueryFile]
    /// The files of the live metrics, by name.
    package var liveSources: [LiveSource]

    package init(
        path: String, definition: PipelineDefinition, cleaning: [SQLText], queries: [QueryFile],
        liveSources: [LiveSource] = []
    ) {
        self.path = path
        self.definition = definition
        self.cleaning = cleaning
        self.queries = QueryFile.identified(queries)
        self.liveSources = liveSources
    }

    /// Reads a pipeline's folder.
    package static func load(_ path: String) throws(PipelineError) -> PipelineFolder {
        guard LocalFiles.isFolder(path) else {
            throw PipelineError(.missing, "There is no pipeline folder \(path); name one by --pipeline.")
        }
        let file = path + "/pipeline.yaml"
        let definition = try PipelineDefinition(yaml: try LocalFiles.text(of: file), path: file)
        var cleaning: [SQLText] = []
        for table in definition.tables {
            cleaning.append(SQLText(try LocalFiles.text(of: path + "/" + table.clean)))
        }
        var queries: [QueryFile] = []
        for name in try LocalFiles.names(in: path + "/queries") where name.hasSuffix(".sql") {
            let text = try LocalFiles.text(of: path + "/queries/" + name)
            queries.append(QueryFile(stem: String(name.dropLast(4)), text: text))
        }
        return PipelineFolder(
            path: path, definition: definition, cleaning: cleaning, queries: queries,
            liveSources: try liveSources(in: path, definition))
    }

    private static func liveSources(
        in path: String, _ definition: PipelineDefinition
    ) throws(PipelineError) -> [LiveSource] {
        guard let live = definition.live, LocalFiles.isFolder(path + "/live") else { return [] }
        var sources: [LiveSource] = []
        for name in try LocalFiles.names(in: path + "/live") where name.hasSuffix(".sql") {
            let file = path + "/live/" + name
            sources.append(
                try LiveSource(
                    stem: String(name.dropLast(4)), text: try LocalFiles.text(of: file), path: file,
                    inputs: definition.tables.map(\.name) + live.joins.map(\.name)))
        }
        sources.sort { $0.stem < $1.stem }
        try LiveSource.check(sources)
        return sources
    }

    /// Finds the pipeline's folder: the one that is configured, else `Pipelines/pinterest` below the working
    /// directory or beside the executable or any folder above it.
    package static func locate(
        configured: String?, environment: String?, executable: String? = ProcessLocation.executable
    ) throws(PipelineError) -> String {
        if let configured { return configured }
        if let environment, !environment.isEmpty { return environment }
        let relative = "Pipelines/pinterest"
        var tried = ["./" + relative]
        if let executable {
            tried += ProcessLocation.ancestors(of: ProcessLocation.folder(of: executable))
                .map { ($0 == "/" ? "" : $0) + "/" + relative }
        }
        guard let found = tried.first(where: { LocalFiles.isFile($0 + "/pipeline.yaml") }) else {
            throw PipelineError(
                .missing,
                "No pipeline was found; tried \(tried.joined(separator: ", ")). Name its folder by --pipeline or PINLINE_PIPELINE."
            )
        }
        return found
    }

    /// The query of that id, stem or name.
    package func query(named name: String) throws(PipelineError) -> QueryFile {
        if let query = queries.first(where: { $0.id == name }) ?? queries.first(where: { $0.isCalled(name) })
        {
            return query
        }
        let known = queries.map {
            $0.id == $0.stem ? $0.stem : "\($0.id) (\($0.stem.dropFirst($0.id.count + 1)))"
        }
        throw PipelineError(
            .unknownQuery, "There is no query \(name). There are: \(known.joined(separator: ", ")).")
    }
}
