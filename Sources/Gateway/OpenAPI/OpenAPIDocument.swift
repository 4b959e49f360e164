import JSONText

/// An OpenAPI 3.0 document of one or more descriptions.
struct OpenAPIDocument {
    private static let version = "3.0.3"

    let descriptions: [APIDescription]
    /// Where the server is, as the client has addressed it.
    let baseURL: String

    var bytes: [UInt8] {
        JSONWriter.bytes { writer in
            writer.object {
                $0.member("openapi", Self.version)
                $0.member("info", object: writeInfo)
                $0.member("servers", array: { $0.object { $0.member("url", baseURL) } })
                $0.member("paths", object: writePaths)
                $0.member("components", object: { $0.member("schemas", object: writeSchemas) })
            }
        }
    }

    private func writeInfo(_ writer: inout JSONWriter) {
        writer.member("title", descriptions.map(\.title).joined(separator: "; "))
        writer.member("version", "1")
        writer.member(
            "description", "A stage name may stand before every path, as in /test/topics/{topic}.")
    }

    private func writeSchemas(_ writer: inout JSONWriter) {
        for schema in descriptions.flatMap({ $0.schemas.sorted { $0.key < $1.key } }) {
            writer.key(schema.key)
            writer.json(schema.value.utf8)
        }
    }

    private func writePaths(_ writer: inout JSONWriter) {
        let operations = descriptions.flatMap { description in
            description.operations.map { (api: description.name, operation: $0) }
        }
        let paths = Dictionary(grouping: operations) { $0.operation.path }.sorted { $0.key < $1.key }
        for (path, operations) in paths {
            writer.member(
                path,
                object: {
                    for (api, operation) in operations {
                        $0.member(
                            operation.method.rawValue.lowercased(),
                            object: {
                                Self.write(operation, of: api, &$0)
                            })
                    }
                })
        }
    }

    // MARK: Operations

    private static func write(_ operation: APIOperation, of api: String, _ writer: inout JSONWriter) {
        writer.member("summary", operation.summary)
        writer.member("tags", strings: [api])
        writer.member("parameters", array: { writeParameters(of: operation, &$0) })
        if let body = operation.body {
            writer.member(
                "requestBody",
                object: {
                    $0.member("required", body.isRequired)
                    $0.member(
                        "content",
                        object: {
                            for type in body.contentTypes { write(type, schema: body.schema, &$0) }
                        })
                })
        }
        let byStatus = Dictionary(grouping: operation.answers, by: \.status).sorted { $0.key < $1.key }
        writer.member(
            "responses",
            object: {
                for (status, answers) in byStatus {
                    $0.member(String(status), object: { write(answers, &$0) })
                }
            })
    }

    private static func writeParameters(of operation: APIOperation, _ writer: inout JSONWriter) {
        let inPath = APIOperation.variables(of: operation.path).map { name in
            APIOperation.Parameter(
                name: name, place: "path", schema: operation.pathSchemas[name] ?? #"{"type":"string"}"#,
                isRequired: true)
        }
        for parameter in inPath + operation.parameters {
            writer.object {
                $0.member("name", parameter.name)
                $0.member("in", parameter.place)
                $0.member("required", parameter.isRequired)
                $0.key("schema")
                $0.json(parameter.schema.utf8)
            }
        }
    }

    private static func write(_ answers: [APIOperation.Answer], _ writer: inout JSONWriter) {
        writer.member("description", answers.map(\.description).joined(separator: "; "))
        let typed = answers.compactMap { answer in answer.contentType.map { ($0, answer.schema) } }
        guard !typed.isEmpty else { return }
        writer.member(
            "content",
            object: {
                for (type, schema) in typed { write(type, schema: schema, &$0) }
            })
    }

    private static func write(_ contentType: String, schema: String?, _ writer: inout JSONWriter) {
        writer.member(
            contentType,
            object: {
                guard let schema else { return }
                $0.member("schema", object: { $0.member("$ref", "#/components/schemas/\(schema)") })
            })
    }
}
