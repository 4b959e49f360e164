package import Logging
import Synchronization

/// Levels of the loggers, which may be changed while the server runs.
package final class LogLevels: Sendable {
    package struct Entry: Sendable {
        package var level: Logger.Level
        /// When it was set by a request, in milliseconds since 1970.
        package var modified: Int64?
    }

    package static let root = "root"

    private let levels: Mutex<[String: Entry]>

    /// - Parameter level: of every logger that has none of its own.
    package init(_ level: Logger.Level) {
        levels = Mutex([Self.root: Entry(level: level)])
    }

    /// The level of a logger: its own, that of the nearest part of its name, or the root's.
    package func level(of label: String) -> Logger.Level {
        levels.withLock { levels in
            var name = Substring(label)
            while true {
                if let entry = levels[String(name)] { return entry.level }
                guard let dot = name.lastIndex(of: ".") else { break }
                name = name[..<dot]
            }
            return levels[Self.root]?.level ?? .info
        }
    }

    /// Those whose level was set, by name.
    package func all() -> [String: Entry] { levels.withLock { $0 } }

    /// - Returns: the loggers whose level this has changed.
    package func set(_ name: String, to level: Logger.Level, at time: Int64) -> [String] {
        levels.withLock { levels in
            let below = levels.keys.filter {
                name == Self.root || $0 == name || $0.hasPrefix(name + ".")
            }
            let names = Set(below + [name])
            for name in names { levels[name] = Entry(level: level, modified: time) }
            return names.sorted()
        }
    }
}

/// A handler whose level others may change; a level that its owner sets goes before.
package struct AdjustableLogHandler: LogHandler {
    private var base: any LogHandler
    private let label: String
    private let levels: LogLevels
    private var own: Logger.Level?

    package init(_ base: any LogHandler, label: String, levels: LogLevels) {
        self.base = base
        // What passes this one passes all.
        self.base.logLevel = .trace
        self.label = label
        self.levels = levels
    }

    package var logLevel: Logger.Level {
        get { own ?? levels.level(of: label) }
        set { own = newValue }
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    package var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    package func log(event: LogEvent) { base.log(event: event) }
}
