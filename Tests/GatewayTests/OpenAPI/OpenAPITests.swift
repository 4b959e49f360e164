import Foundation
import JSONText
import Testing

@testable import Gateway

/// The documents and the dialects say the same of what is served.
@Suite struct OpenAPITests {
    private static let dialects: [any Dialect] = [
        RESTProxyDialect(cluster: StubCluster(), consumers: ConsumerInstances(ScriptedConsumers())),
        StreamsDialect(streams: NoStreams(), settings: GatewaySettings(), counters: GatewayCounters()),
        V3Dialect(HeldAppender()),
    ]

    /// A path with something in the place of each variable.
    private func sample(_ template: String) -> [String] {
        template.split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
    }

    private func find(_ template: String, in dialect: any Dialect) -> Endpoint? {
        guard template != "/" else { return dialect.root(HTTPRequestHead(method: .get, target: "/")) }
        return dialect.endpoint(sample(template)[...], QueryItems())
    }

    @Test func everyDocumentedMethodIsServedAtItsPath() throws {
        for dialect in Self.dialects {
            let description = try #require(dialect.description)
            let byPath = Dictionary(grouping: description.operations, by: \.path)
            for (path, operations) in byPath {
                let endpoint = try #require(find(path, in: dialect), "\(path) is not served")
                #expect(endpoint.template == path)
                #expect(Set(operations.map(\.method)) == Set(endpoint.methods), "\(path)")
                #expect(operations.count == endpoint.methods.count, "\(path) has a method twice")
            }
        }
    }

    /// Paths stand in `Endpoint("…")` of the sources of each dialect.
    @Test func everyPathThatIsServedIsDocumented() throws {
        let documented = Set(Self.dialects.compactMap(\.description).flatMap(\.operations).map(\.path))
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/Gateway")
        for folder in ["RESTProxy", "Streams"] {
            let files = try FileManager.default.contentsOfDirectory(
                at: sources.appendingPathComponent(folder), includingPropertiesForKeys: nil)
            for file in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for part in text.components(separatedBy: "Endpoint(").dropFirst() {
                    let literal = part.drop { $0 == "\n" || $0 == " " }
                    guard literal.hasPrefix("\"/") else { continue }
                    let template = String(literal.dropFirst().prefix { $0 != "\"" })
                    #expect(documented.contains(template), "\(file.lastPathComponent): \(template)")
                }
            }
        }
    }

    @Test func everySchemaThatIsNamedIsThere() throws {
        let descriptions = Self.dialects.compactMap(\.description)
        let bytes = OpenAPIDocument(descriptions: descriptions, baseURL: "http://h/test").bytes
        let document = try JSONTree(bytes)
        let schemas = Set(document["components"]?["schemas"]?.members?.map(\.name) ?? [])
        let text = String(decoding: bytes, as: UTF8.self)
        for part in text.components(separatedBy: "#/components/schemas/").dropFirst() {
            let name = String(part.prefix { $0 != "\"" })
            #expect(schemas.contains(name), "\(name) is no schema")
        }
        #expect(document["servers"]?.elements?.first?["url"]?.text == "http://h/test")
        #expect(document["paths"]?["/streams/{stream}/record"]?["put"]?["responses"]?["200"] != nil)
    }

    @Test func theDocumentIsServedWholeOrByInterface() throws {
        let gateway = EmbeddedGateway(dialects: [
            OpenAPIDialect(Self.dialects.compactMap(\.description))
        ])
        func paths(_ target: String) throws -> [String]? {
            let connection = try gateway.connect()
            try connection.send("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
            let body = try connection.received().components(separatedBy: "\r\n\r\n").last ?? ""
            return try JSONTree(Array(body.utf8))["paths"]?.members?.map(\.name)
        }
        let all = try #require(try paths("/test/openapi.json"))
        #expect(all.contains("/topics/{topic}") && all.contains("/streams"))
        #expect(try paths("/openapi.json?api=streams")?.allSatisfy { $0.hasPrefix("/streams") } == true)
        #expect(try paths("/openapi.json?api=none") == nil)
    }
}
