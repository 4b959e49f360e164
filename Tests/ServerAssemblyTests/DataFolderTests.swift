import Foundation
import Testing

@testable import ServerAssembly

@Suite struct DataFolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var data: String { folder.path + "/deep/data" }

    @Test func isMadeWhereItIsMissing() throws {
        let taken = try DataFolder(data)
        #expect(taken.path == data)
        #expect(FileManager.default.fileExists(atPath: data))
        #expect(taken.log == data + "/log")
        #expect(taken.bucket == data + "/bucket")
        #expect(taken.state == data + "/state.sqlite")
    }

    @Test func isRefusedWhileAnotherHasIt() throws {
        let first = try DataFolder(data)
        for _ in 0..<2 {
            let error = #expect(throws: SettingsError.self) { try DataFolder(data) }
            #expect(error?.description.hasPrefix("another server has the data folder \(data):") == true)
        }
        withExtendedLifetime(first) {}
    }

    @Test func isRefusedUnderAnotherSpellingToo() throws {
        let first = try DataFolder(data)
        #expect(throws: SettingsError.self) { try DataFolder(folder.path + "/deep/../deep/data/") }
        withExtendedLifetime(first) {}
    }

    @Test func isFreeAgainWhenItWasGivenUp() throws {
        var first: DataFolder? = try DataFolder(data)
        #expect(first != nil)
        first = nil
        #expect(throws: Never.self) { try DataFolder(data) }
    }

    @Test func aRefusalLeavesTheOneThatHasItAlone() throws {
        let first = try DataFolder(data)
        #expect(throws: SettingsError.self) { try DataFolder(data) }
        try first.announce(ServerEndpoints(pid: 1, ingest: "a", kafka: nil, web: "b"))
        #expect(throws: SettingsError.self) { try DataFolder(data) }
        withExtendedLifetime(first) {}
    }

    @Test func aFileInItsPlaceIsNamed() throws {
        let file = try folder.write("", to: "file")
        let error = #expect(throws: SettingsError.self) { try DataFolder(file) }
        #expect(error?.description.contains(file) == true)
        #expect(error?.description.contains("--data") == true)
    }

    @Test func theEndpointsAreWrittenDownAndWithdrawn() throws {
        let taken = try DataFolder(data)
        try taken.announce(
            ServerEndpoints(pid: 123, ingest: "127.0.0.1:40001", kafka: nil, web: "[::1]:40002"))
        let text = try String(contentsOfFile: data + "/endpoints.json", encoding: .utf8)
        #expect(text == #"{"ingest":"127.0.0.1:40001","kafka":null,"pid":123,"web":"[::1]:40002"}"#)
        taken.withdraw()
        #expect(!FileManager.default.fileExists(atPath: data + "/endpoints.json"))
    }

    @Test func endpointsAreReadAsTheyWereWritten() throws {
        let endpoints = ServerEndpoints(pid: 1, ingest: "a:1", kafka: nil, web: "b:2")
        let again = try JSONDecoder().decode(ServerEndpoints.self, from: JSONEncoder().encode(endpoints))
        #expect(again.pid == 1)
        #expect(again.ingest == "a:1")
        #expect(again.kafka == nil)
        #expect(again.web == "b:2")
    }
}
