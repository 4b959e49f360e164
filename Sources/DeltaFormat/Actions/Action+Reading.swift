import JSONText

// Lines of commits to actions: what is not known is passed over, as the protocol asks for.
extension Action {
    /// The actions of a commit's file, one a line.
    ///
    /// - Throws: `.corrupted` for a line that is no JSON or lacks what it must have.
    static func list(_ bytes: [UInt8], in file: String) throws(DeltaError) -> [Action] {
        var actions: [Action] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard line.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            guard let tree = try? JSONTree(Array(line), maxValues: 1_000_000), tree.members != nil else {
                throw DeltaError(.corrupted, "\(file) has a line that is no JSON object: the log is damaged")
            }
            guard let action = Action(tree) else {
                throw DeltaError(.corrupted, "\(file) has an action that lacks a field: the log is damaged")
            }
            actions.append(action)
        }
        return actions
    }

    /// Nil for an action that lacks what it must have.
    private init?(_ tree: JSONTree) {
        guard let member = tree.members?.first(where: { !$0.value.isNull }) else {
            self = .other("")
            return
        }
        let value = member.value
        let action: Action?
        switch member.name {
        case "add": action = AddFile(value).map { .add($0) }
        case "remove": action = RemoveFile(value).map { .remove($0) }
        case "metaData": action = TableMetadata(value).map { .metadata($0) }
        case "protocol": action = TableProtocol(value).map { .tableProtocol($0) }
        case "commitInfo": action = .commitInfo(CommitInfo(value))
        case "txn":
            guard let appID = value["appId"]?.text, let version = value["version"]?.integer else {
                return nil
            }
            action = .transaction(
                AppTransaction(appID: appID, version: version), lastUpdated: value["lastUpdated"]?.integer)
        default: action = .other(member.name)
        }
        guard let action else { return nil }
        self = action
    }
}

extension JSONTree {
    /// Members that are strings; others as JSON.
    fileprivate var textMembers: [String: String] {
        var texts: [String: String] = [:]
        for member in members ?? [] where !member.value.isNull {
            texts[member.name] = member.value.text ?? member.value.compact
        }
        return texts
    }

    private var compact: String {
        var writer = JSONWriter()
        writer.tree(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Texts or NULL by column; the empty text means NULL too.
    fileprivate var partitionValues: [String: String?] {
        var values: [String: String?] = [:]
        for member in members ?? [] {
            values.updateValue(member.value.text.flatMap { $0.isEmpty ? nil : $0 }, forKey: member.name)
        }
        return values
    }
}

extension AddFile {
    fileprivate init?(_ tree: JSONTree) {
        guard let path = tree["path"]?.text, let size = tree["size"]?.integer else { return nil }
        self.init(
            path: path, partitionValues: tree["partitionValues"]?.partitionValues ?? [:], size: size,
            modificationTime: tree["modificationTime"]?.integer ?? 0,
            dataChange: tree["dataChange"]?.bool ?? true, statistics: tree["stats"]?.text,
            tags: tree["tags"]?.members == nil ? nil : tree["tags"]?.textMembers)
        hasDeletionVector = tree["deletionVector"]?.members != nil
    }
}

extension RemoveFile {
    fileprivate init?(_ tree: JSONTree) {
        guard let path = tree["path"]?.text else { return nil }
        self.init(
            path: path, deletionTimestamp: tree["deletionTimestamp"]?.integer,
            dataChange: tree["dataChange"]?.bool ?? true,
            partitionValues: tree["partitionValues"]?.members == nil
                ? nil : tree["partitionValues"]?.partitionValues,
            size: tree["size"]?.integer)
        hasDeletionVector = tree["deletionVector"]?.members != nil
    }
}

extension TableMetadata {
    fileprivate init?(_ tree: JSONTree) {
        guard let schema = tree["schemaString"]?.text else { return nil }
        self.init(
            id: tree["id"]?.text ?? "", name: tree["name"]?.text, description: tree["description"]?.text,
            format: tree["format"]?["provider"]?.text ?? "parquet", schemaJSON: schema,
            partitionColumns: (tree["partitionColumns"]?.elements ?? []).compactMap(\.text),
            configuration: tree["configuration"]?.textMembers ?? [:],
            createdTime: tree["createdTime"]?.integer)
    }
}

extension TableProtocol {
    fileprivate init?(_ tree: JSONTree) {
        guard let reader = tree["minReaderVersion"]?.integer, let writer = tree["minWriterVersion"]?.integer
        else { return nil }
        self.init(
            minReaderVersion: Int(clamping: reader), minWriterVersion: Int(clamping: writer),
            readerFeatures: tree["readerFeatures"]?.elements?.compactMap(\.text),
            writerFeatures: tree["writerFeatures"]?.elements?.compactMap(\.text))
    }
}

extension CommitInfo {
    fileprivate init(_ tree: JSONTree) {
        self.init(
            timestamp: tree["timestamp"]?.integer, operation: tree["operation"]?.text ?? "",
            operationParameters: tree["operationParameters"]?.textMembers ?? [:],
            operationMetrics: tree["operationMetrics"]?.textMembers ?? [:],
            isBlindAppend: tree["isBlindAppend"]?.bool,
            engineInfo: tree["engineInfo"]?.text ?? tree["clientVersion"]?.text,
            transactionID: tree["txnId"]?.text, inCommitTimestamp: tree["inCommitTimestamp"]?.integer)
    }
}
