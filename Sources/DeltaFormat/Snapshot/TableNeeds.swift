// What tables ask of their readers and writers, and what is known here.
extension TableProtocol {
    /// Features that reading takes into account.
    private static let readable: Set<String> = ["timestampNtz", "vacuumProtocolCheck"]
    /// Features that writing takes into account.
    private static let writable: Set<String> = [
        "appendOnly", "invariants", "timestampNtz", "vacuumProtocolCheck",
    ]

    /// - Throws: `.unsupportedFeature`, with the feature's name.
    func checkReading(_ metadata: TableMetadata) throws(DeltaError) {
        guard metadata.format == "parquet" else {
            throw DeltaError(.unsupportedFeature, "the table's files are '\(metadata.format)', not parquet")
        }
        guard minReaderVersion <= 3 else {
            throw DeltaError(
                .unsupportedFeature,
                "the table needs reader version \(minReaderVersion); 3 is the newest known here")
        }
        if minReaderVersion == 3,
            let name = (readerFeatures ?? []).first(where: { !Self.readable.contains($0) })
        {
            throw DeltaError(
                .unsupportedFeature, "the table needs the reader feature '\(name)', which is not known here")
        }
        if let mode = metadata.configuration["delta.columnMapping.mode"], mode != "none" {
            throw DeltaError(
                .unsupportedFeature,
                "the table needs the reader feature 'columnMapping', which is not known here")
        }
    }

    /// - Throws: `.unsupportedFeature`, with the feature's name.
    func checkWriting(_ metadata: TableMetadata, _ schema: DeltaSchema) throws(DeltaError) {
        guard minWriterVersion <= 7 else {
            throw DeltaError(
                .unsupportedFeature,
                "the table needs writer version \(minWriterVersion); 7 is the newest known here")
        }
        let features = minWriterVersion == 7 ? writerFeatures ?? [] : []
        let used = Self.usedFeatures(metadata, schema)
        if let name = features.first(where: { !Self.writable.contains($0) }) ?? used.first {
            throw DeltaError(
                .unsupportedFeature,
                "writing to the table needs the feature '\(name)', which is not known here")
        }
    }

    /// Features whose rules a writer would have to keep, by what the table says of itself.
    ///
    /// Writer versions below 7 name none; a table of version 4, say, seldom uses all that the version allows.
    private static func usedFeatures(_ metadata: TableMetadata, _ schema: DeltaSchema) -> [String] {
        let properties = metadata.configuration
        var used: [String] = []
        if properties.keys.contains(where: { $0.hasPrefix("delta.constraints.") }) {
            used.append("checkConstraints")
        }
        if properties["delta.enableInCommitTimestamps"] == "true" { used.append("inCommitTimestamp") }
        let names = Set(schema.fields.flatMap(\.metadata.keys))
        if names.contains("delta.invariants") { used.append("invariants") }
        if names.contains("delta.generationExpression") { used.append("generatedColumns") }
        if names.contains(where: { $0.hasPrefix("delta.identity.") }) { used.append("identityColumns") }
        return used
    }

    /// The protocol that a table of a schema needs.
    static func needed(by schema: DeltaSchema, from current: TableProtocol = .plain) -> TableProtocol {
        let hasNoZone = schema.fields.contains { $0.type.contains { $0 == .timestampWithoutZone } }
        guard hasNoZone, current.readerFeatures?.contains("timestampNtz") != true else { return current }
        return TableProtocol(
            minReaderVersion: 3, minWriterVersion: 7,
            readerFeatures: (current.readerFeatures ?? []) + ["timestampNtz"],
            writerFeatures: (current.writerFeatures ?? ["appendOnly", "invariants"]) + ["timestampNtz"])
    }
}
