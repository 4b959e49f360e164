import JSONText
import SchemaFormats
import Synchronization
import Testing

@testable import Gateway

/// Answers as a registry would, by method and path.
private final class ScriptedRegistry: SchemaRegistryTransport {
    private let answers: [String: String]
    private let asked = Mutex<[String]>([])

    init(_ answers: [String: String]) { self.answers = answers }

    func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]?
    ) async throws(SchemaRegistryError) -> [UInt8] {
        let key = "\(method.rawValue) \(path)"
        asked.withLock { $0.append(key) }
        guard let answer = answers[key] else {
            throw HTTPRegistryTransport.refusal(
                404, Array(#"{"error_code":40403,"message":"Schema not found"}"#.utf8))
        }
        return Array(answer.utf8)
    }

    func shutDown() async {}

    var requests: [String] { asked.withLock { $0 } }
}

@Suite struct SchemaRegistryTests {
    private static let place =
        #"{"schema":"{\"type\":\"record\",\"name\":\"P\",\"fields\":[]}","version":1,"id":3}"#
    private static let pin = """
        {"schema":"{\\"type\\":\\"map\\",\\"values\\":\\"P\\"}","references":[{"name":"P","subject":"a/b","version":1}]}
        """

    @Test func aSchemaIsAskedForOnceWithWhatItRefersTo() async throws {
        let scripted = ScriptedRegistry([
            "GET /schemas/ids/7": Self.pin, "GET /subjects/a%2Fb/versions/1": Self.place,
        ])
        let registry = SchemaRegistry(SchemaRegistrySettings(), scripted)
        for _ in 0..<3 { #expect(try await registry.schema(id: 7).kind == .avro) }
        #expect(scripted.requests == ["GET /schemas/ids/7", "GET /subjects/a%2Fb/versions/1"])
    }

    @Test func aFailureIsNotRemembered() async throws {
        let scripted = ScriptedRegistry([:])
        let registry = SchemaRegistry(SchemaRegistrySettings(), scripted)
        for _ in 0..<2 {
            let error = await #expect(throws: SchemaRegistryError.self) { try await registry.schema(id: 7) }
            #expect(error?.code == .notFound && error?.message == "Schema not found; error code: 40403")
        }
        #expect(scripted.requests.count == 2)
    }

    @Test func aSchemaThatCannotBeReadIsUnusable() async throws {
        let scripted = ScriptedRegistry([
            "GET /schemas/ids/1": #"{"schema":"{}"}"#, "GET /schemas/ids/2": "no JSON",
            "GET /schemas/ids/3": #"{"schema":"x","schemaType":"THRIFT"}"#, "GET /schemas/ids/4": "{}",
        ])
        let registry = SchemaRegistry(SchemaRegistrySettings(), scripted)
        for id in Int32(1)...4 {
            let error = await #expect(throws: SchemaRegistryError.self) { try await registry.schema(id: id) }
            #expect(error?.code == .unusable)
        }
    }

    @Test func aChoiceIsToldInThePeersWords() async throws {
        let registry = SchemaRegistry(SchemaRegistrySettings(), ScriptedRegistry([:]))
        let choice = SchemaChoice(topic: "t", isKey: true, way: .id(5))
        let error = await #expect(throws: SchemaFailure.self) { try await choice.schema(in: registry) }
        #expect(
            error?.message
                == "Error when fetching schema by id. schemaId = 5\nSchema not found; error code: 40403")
        #expect(error.map { RESTProxyError($0).code } == .serializationFailed)
    }

    @Test(arguments: [
        (SubjectNameStrategy.topicName, "t-value"), (.recordName, "n.R"), (.topicRecordName, "t-n.R"),
    ])
    func subjectsAreNamed(strategy: SubjectNameStrategy, subject: String) {
        #expect(strategy.subject(topic: "t", isKey: false, recordName: "n.R") == subject)
    }

    @Test func aCacheForgetsTheOldest() async throws {
        let cache = SchemaCache<Int, Int>(maxEntries: 8)
        for number in 0..<20 {
            let found = try await cache.value(for: number) { () throws(SchemaRegistryError) in number }
            #expect(found == number)
        }
        #expect(cache.count <= 8)
    }
}
