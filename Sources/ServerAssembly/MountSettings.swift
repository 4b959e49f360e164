import ObjectStore
import Pipelines
import Yams

/// `mounts:` in the settings file: names for buckets, as `pinline mount` gives them.
enum MountSettings {
    private static let keys = ["source", "credentials", "endpoint", "region", "virtual-host"]

    /// - Parameter path: the settings file, for messages.
    static func read(_ node: Node, of path: String) throws(SettingsError) -> [Mount] {
        guard let mapping = node.mapping else {
            throw SettingsError("\(place(path, node)): mounts must hold names with sources")
        }
        var mounts: [Mount] = []
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            guard Mount.isName(name) else {
                throw SettingsError(
                    "\(place(path, key)): '\(name)' is no name of a mount: it is one part of a path")
            }
            mounts.append(try mount(name, value, path))
        }
        return mounts.sorted { $0.name < $1.name }
    }

    private static func mount(_ name: String, _ node: Node, _ path: String) throws(SettingsError) -> Mount {
        var values: [String: String] = [:]
        if let source = node.scalar?.string {
            values["source"] = source
        } else {
            for (key, value) in node.mapping ?? [:] {
                guard let key = key.scalar?.string, keys.contains(key), let text = value.scalar?.string else {
                    throw SettingsError(
                        "\(place(path, key)): a mount has \(keys.joined(separator: ", ")), with one value each"
                    )
                }
                values[key] = text
            }
        }
        guard let source = values["source"], !source.isEmpty else {
            throw SettingsError(
                "\(place(path, node)): mounts.\(name) has no source, such as s3://bucket/prefix")
        }
        var access = S3Access(
            endpoint: values["endpoint"], region: values["region"], credentials: values["credentials"],
            virtualHost: values["virtual-host"].map { ["true", "yes", "1"].contains($0.lowercased()) })
        guard S3Location.begins(source) else { return Mount(name: name, source: source) }
        guard let location = S3Location(source) else {
            throw SettingsError(
                "\(place(path, node)): mounts.\(name): a bucket is named like s3://bucket/prefix")
        }
        access.takeKey(of: location)
        return Mount(name: name, source: location.description, access: access)
    }

    private static func place(_ path: String, _ node: Node) -> String {
        path + (node.mark.map { ":\($0.line)" } ?? "")
    }
}
