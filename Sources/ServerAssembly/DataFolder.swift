import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder of data, which one server has at a time.
package final class DataFolder: Sendable {
    package let path: String
    private let lock: Int32

    package var log: String { path + "/log" }
    package var bucket: String { path + "/bucket" }
    /// Folders that stand for buckets, by the buckets' names.
    package var buckets: String { path + "/buckets" }
    /// What connectors have not stored yet.
    package var spool: String { path + "/connect" }
    /// Delta tables.
    package var tables: String { path + "/tables" }
    /// What the stream job remembers.
    package var stream: String { path + "/stream" }
    package var state: String { path + "/state.sqlite" }
    private var endpoints: String { path + "/endpoints.json" }

    /// Makes the folder where needed and takes it.
    ///
    /// - Throws: if it cannot be written, or another server has it.
    package init(_ path: String) throws(SettingsError) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
        } catch {
            throw SettingsError(
                "the data folder \(self.path) cannot be made: \(error.localizedDescription) Name another by --data."
            )
        }
        lock = open(self.path + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            throw SettingsError(
                "the data folder \(self.path) cannot be written: \(String(cString: strerror(errno))); "
                    + "name another by --data, or change its owner or mode")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            // `deinit` closes the file: it runs although `init` throws, since every property is set.
            throw SettingsError(
                "another server has the data folder \(self.path): stop it, or name another folder by --data")
        }
    }

    deinit {
        if lock >= 0 { close(lock) }
    }

    /// Writes down where the server listens, for tools on this machine.
    func announce(_ endpoints: ServerEndpoints) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(endpoints).write(to: URL(fileURLWithPath: self.endpoints), options: .atomic)
    }

    func withdraw() { unlink(endpoints) }
}

/// Where a running server listens; the content of `endpoints.json`.
package struct ServerEndpoints: Codable, Sendable {
    package var pid: Int32
    package var ingest: String
    /// Nil while the Kafka port is not served.
    package var kafka: String?
    package var web: String

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pid, forKey: .pid)
        try container.encode(ingest, forKey: .ingest)
        try container.encode(kafka, forKey: .kafka)
        try container.encode(web, forKey: .web)
    }
}
