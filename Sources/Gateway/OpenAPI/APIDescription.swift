/// What a dialect serves, as its OpenAPI document tells it.
///
/// It stands beside the dialect it describes; a test asks the dialect for each path and method of it.
struct APIDescription: Sendable {
    /// The value of `?api=` for this document alone.
    var name: String
    var title: String
    var operations: [APIOperation]
    /// Schemas by name, as JSON; they refer to each other by `#/components/schemas/<name>`.
    var schemas: [String: String]
}

/// One method of a path.
struct APIOperation: Sendable {
    /// A parameter of the query or a header; path parameters are those of the template.
    struct Parameter: Sendable {
        var name: String
        /// `query` or `header`.
        var place = "query"
        /// As JSON.
        var schema = #"{"type":"string"}"#
        var isRequired = false
    }

    struct Body: Sendable {
        var contentTypes: [String]
        var schema: String
        var isRequired = true
    }

    struct Answer: Sendable {
        var status: Int
        var description: String
        /// Nil for an answer without a body.
        var contentType: String?
        /// The name of a schema.
        var schema: String?
    }

    var method: HTTPMethod
    /// The template of its endpoint.
    var path: String
    var summary: String
    /// Schemas of path parameters that are more than any text, as JSON.
    var pathSchemas: [String: String] = [:]
    var parameters: [Parameter] = []
    var body: Body?
    var answers: [Answer]

    /// The names in braces of a path, in their order.
    static func variables(of path: String) -> [String] {
        path.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
    }
}
