import ArgumentParser
import Connect
import Foundation
import JSONText
import StreamModel

/// A connector as a file holds it: Java's properties, or JSON in either of Kafka Connect's forms.
enum ConnectorFile {
    static func read(_ path: String) throws -> ConnectorDefinition {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw ValidationError("\(path) cannot be read: name a connector's .properties or .json file")
        }
        let isJSON = bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
        do throws(ConnectError) {
            return isJSON ? try json(Array(bytes)) : try definition(properties(bytes), named: nil, .running)
        } catch {
            throw ValidationError("\(path): \(error.message)")
        }
    }

    /// UTF-8 as people write it, else ISO 8859-1 as Java reads it.
    private static func properties(_ bytes: Data) -> [String: String] {
        let text = String(data: bytes, encoding: .utf8) ?? String(data: bytes, encoding: .isoLatin1) ?? ""
        return JavaProperties.parse(text)
    }

    private static func json(_ bytes: [UInt8]) throws(ConnectError) -> ConnectorDefinition {
        let tree: JSONTree
        do {
            tree = try JSONTree(bytes)
        } catch {
            throw ConnectError(.invalid, "it is no JSON: \(error)")
        }
        guard let config = tree["config"], config.members != nil else {
            return try definition(ConfigurationBody.configuration(tree), named: nil, .running)
        }
        let state = tree["initial_state"]?.text ?? TargetState.running.rawValue
        guard let target = TargetState(rawValue: state.uppercased()) else {
            throw ConnectError(.invalid, "initial_state is none of RUNNING, PAUSED, STOPPED")
        }
        return try definition(
            ConfigurationBody.configuration(config), named: tree["name"]?.text, target)
    }

    private static func definition(
        _ configuration: [String: String], named name: String?, _ target: TargetState
    ) throws(ConnectError) -> ConnectorDefinition {
        guard let name = name ?? configuration["name"], !name.isEmpty else {
            throw ConnectError(.invalid, "it has no name: add a line like name=s3-sink")
        }
        return ConnectorDefinition(name: name, configuration: configuration, target: target)
    }
}
