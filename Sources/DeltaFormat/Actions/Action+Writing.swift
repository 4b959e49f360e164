import JSONText

// Actions to lines of commits.
extension Action {
    /// A commit's file.
    static func bytes(_ actions: [Action]) -> [UInt8] {
        var bytes: [UInt8] = []
        var writer = JSONWriter()
        for action in actions {
            writer.removeAll()
            action.write(to: &writer)
            guard !writer.bytes.isEmpty else { continue }
            bytes += writer.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .add(let file): writer.object { $0.member("add", object: file.write) }
        case .remove(let file): writer.object { $0.member("remove", object: file.write) }
        case .metadata(let metadata): writer.object { $0.member("metaData", object: metadata.write) }
        case .tableProtocol(let needs): writer.object { $0.member("protocol", object: needs.write) }
        case .commitInfo(let info): writer.object { $0.member("commitInfo", object: info.write) }
        case .transaction(let transaction, let lastUpdated):
            writer.object { writer in
                writer.member(
                    "txn",
                    object: {
                        $0.member("appId", transaction.appID)
                        $0.member("version", transaction.version)
                        if let lastUpdated { $0.member("lastUpdated", lastUpdated) }
                    })
            }
        case .other: break
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, texts: [String: String]) {
        member(
            name,
            object: { writer in
                for (key, text) in texts.sorted(by: { $0.key < $1.key }) { writer.member(key, text) }
            })
    }

    fileprivate mutating func member(_ name: String, textsOrNull texts: [String: String?]) {
        member(
            name,
            object: { writer in
                for (key, text) in texts.sorted(by: { $0.key < $1.key }) { writer.member(key, orNull: text) }
            })
    }
}

extension AddFile {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("path", path)
        writer.member("partitionValues", textsOrNull: partitionValues)
        writer.member("size", size)
        writer.member("modificationTime", modificationTime)
        writer.member("dataChange", dataChange)
        if let statistics { writer.member("stats", statistics) }
        if let tags { writer.member("tags", texts: tags) }
    }
}

extension RemoveFile {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("path", path)
        if let deletionTimestamp { writer.member("deletionTimestamp", deletionTimestamp) }
        writer.member("dataChange", dataChange)
        guard let partitionValues, let size else { return }
        writer.member("extendedFileMetadata", true)
        writer.member("partitionValues", textsOrNull: partitionValues)
        writer.member("size", size)
    }
}

extension TableMetadata {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("id", id)
        if let name { writer.member("name", name) }
        if let description { writer.member("description", description) }
        writer.member(
            "format",
            object: {
                $0.member("provider", format)
                $0.member("options", texts: [:])
            })
        writer.member("schemaString", schemaJSON)
        writer.member("partitionColumns", strings: partitionColumns)
        writer.member("configuration", texts: configuration)
        if let createdTime { writer.member("createdTime", createdTime) }
    }
}

extension TableProtocol {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("minReaderVersion", minReaderVersion)
        writer.member("minWriterVersion", minWriterVersion)
        if let readerFeatures { writer.member("readerFeatures", strings: readerFeatures) }
        if let writerFeatures { writer.member("writerFeatures", strings: writerFeatures) }
    }
}

extension CommitInfo {
    fileprivate func write(to writer: inout JSONWriter) {
        if let timestamp { writer.member("timestamp", timestamp) }
        writer.member("operation", operation)
        writer.member("operationParameters", texts: operationParameters)
        if !operationMetrics.isEmpty { writer.member("operationMetrics", texts: operationMetrics) }
        if let isBlindAppend { writer.member("isBlindAppend", isBlindAppend) }
        if let engineInfo { writer.member("engineInfo", engineInfo) }
        if let transactionID { writer.member("txnId", transactionID) }
    }
}
