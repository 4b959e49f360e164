import Foundation
import Yams

extension ServerSettings {
    /// Takes over the settings of a YAML file; keys may be nested or written with dots.
    ///
    /// - Throws: if the file cannot be read, is no YAML, or has a key that is not known.
    package mutating func read(file path: String) throws(SettingsError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("the settings file \(path) cannot be read")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
        } catch {
            let text = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
            throw SettingsError("the settings file \(path) is no YAML: \(text)")
        }
        guard let node else { return }
        try read(node, below: "", of: path)
    }

    private mutating func read(_ node: Node, below prefix: String, of path: String) throws(SettingsError) {
        guard case .mapping(let mapping) = node else {
            throw SettingsError(
                "\(path)\(Self.line(node)): \(prefix.isEmpty ? "the file" : prefix) must hold keys with values"
            )
        }
        for (key, value) in mapping {
            let name = prefix + (prefix.isEmpty ? "" : ".") + (key.scalar?.string ?? "")
            let hasKeysBelow = SettingKey.all.contains { $0.name.hasPrefix(name + ".") }
            if name == "mounts" {
                mounts = try MountSettings.read(value, of: path)
                // Such as `kafka`, which is an address, and what other keys begin with as well.
            } else if hasKeysBelow, value.mapping != nil {
                try read(value, below: name, of: path)
            } else if let setting = SettingKey.all.first(where: { $0.name == name }) {
                guard let text = value.scalar?.string else {
                    throw SettingsError("\(path)\(Self.line(value)): \(name) must be one value")
                }
                do throws(SettingsError) {
                    try setting.set(text, in: &self)
                } catch {
                    throw SettingsError("\(path)\(Self.line(value)): \(error)")
                }
            } else if hasKeysBelow {
                try read(value, below: name, of: path)
            } else {
                throw SettingsError("\(path)\(Self.line(key)): there is no setting \(name)")
            }
        }
    }

    private static func line(_ node: Node) -> String { node.mark.map { ":\($0.line)" } ?? "" }

    /// Takes over `PINLINE_…` variables.
    ///
    /// - Returns: variables that begin so and are no setting; other parts of the program may know them.
    @discardableResult
    package mutating func read(environment: [String: String]) throws(SettingsError) -> [String] {
        var unknown: [String] = []
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("PINLINE_") {
            guard let setting = SettingKey.all.first(where: { $0.environmentName == name }) else {
                unknown.append(name)
                continue
            }
            do throws(SettingsError) {
                try setting.set(text, in: &self)
            } catch {
                throw SettingsError("\(name): \(error)")
            }
        }
        return unknown
    }

    /// Takes over one setting, as a flag gives it.
    package mutating func set(_ name: String, to text: String) throws(SettingsError) {
        guard let setting = SettingKey.all.first(where: { $0.name == name }) else {
            throw SettingsError("there is no setting \(name)")
        }
        try setting.set(text, in: &self)
    }
}
