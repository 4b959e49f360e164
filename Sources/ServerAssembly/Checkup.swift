import Foundation
import NIOCore
import NIOPosix
import Pipelines
import QueryEngine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What `pinline doctor` looks at: one finding for each thing the program needs.
package struct Checkup: Sendable {
    package enum Verdict: String, Sendable {
        case ok
        /// It works, but not as it should.
        case warning
        case failed
    }

    package struct Finding: Sendable {
        package var subject: String
        package var verdict: Verdict
        package var detail: String
        /// How to put it right; empty where nothing is wrong.
        package var remedy: String
    }

    private let settings: ServerSettings
    private let libduckdb: String?

    package init(settings: ServerSettings, libduckdb: String?) {
        self.settings = settings
        self.libduckdb = libduckdb
    }

    package func run() async -> [Finding] {
        var findings = [engine(), pipeline(), dataFolder(), freeSpace(), openFiles()]
        for (name, address) in [
            ("ingest", settings.ingest), ("kafka", settings.kafka), ("web", settings.web),
        ] {
            findings.append(await port(name, address))
        }
        return findings
    }

    private func engine() -> Finding {
        let search = DuckDBLibrary.locate(configured: libduckdb)
        do throws(QueryEngineError) {
            let library = try DuckDBLibrary.load(search)
            return Finding(
                subject: "libduckdb", verdict: .ok, detail: "\(library.version) at \(library.path)",
                remedy: "")
        } catch {
            let tried = search.places.map(\.path).joined(separator: ", ")
            return Finding(
                subject: "libduckdb", verdict: .failed,
                detail: search.found == nil ? "not found; tried \(tried)" : error.message,
                remedy: "run scripts/bootstrap, or name the file by PINLINE_LIBDUCKDB")
        }
    }

    private func pipeline() -> Finding {
        do throws(PipelineError) {
            let path = try PipelineFolder.locate(configured: settings.pipeline, environment: nil)
            let folder = try PipelineFolder.load(path)
            let tables = folder.definition.tables.map(\.name).joined(separator: ", ")
            return Finding(
                subject: "pipeline", verdict: .ok,
                detail:
                    "\(folder.definition.name) at \(path): tables \(tables); \(folder.queries.count) queries",
                remedy: "")
        } catch {
            return Finding(
                subject: "pipeline", verdict: .failed, detail: error.message,
                remedy: "name the pipeline's folder by --pipeline or PINLINE_PIPELINE")
        }
    }

    private func dataFolder() -> Finding {
        // A check must not leave a folder behind.
        guard access(settings.data, F_OK) == 0 else { return absentDataFolder() }
        do throws(SettingsError) {
            let folder = try DataFolder(settings.data)
            return Finding(
                subject: "data folder", verdict: .ok, detail: "\(folder.path) can be written", remedy: "")
        } catch {
            let isTaken = error.description.contains("another server")
            return Finding(
                subject: "data folder", verdict: isTaken ? .warning : .failed, detail: error.description,
                remedy: isTaken ? "nothing, if the server is meant to run" : "name another folder by --data")
        }
    }

    private func absentDataFolder() -> Finding {
        let above = existingFolder
        let isWritable = access(above, W_OK) == 0
        return Finding(
            subject: "data folder", verdict: isWritable ? .ok : .failed,
            detail: isWritable
                ? "\(settings.data) is not there yet; pinline serve makes it" : "\(above) cannot be written",
            remedy: isWritable ? "" : "name another folder by --data, or change the owner or mode of \(above)"
        )
    }

    /// The data folder, or the nearest one above it that is there.
    private var existingFolder: String {
        var folder = URL(fileURLWithPath: settings.data).standardizedFileURL
        while access(folder.path, F_OK) != 0, folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        return folder.path
    }

    private func freeSpace() -> Finding {
        var information = statvfs()
        guard statvfs(existingFolder, &information) == 0 else {
            return Finding(
                subject: "disk", verdict: .warning, detail: "its free space is not known", remedy: "")
        }
        let free = UInt64(information.f_bavail) * UInt64(information.f_frsize)
        let megabytes = free >> 20
        return Finding(
            subject: "disk", verdict: megabytes < 1024 ? .warning : .ok, detail: "\(megabytes) MiB free",
            remedy: megabytes < 1024 ? "make room, or set log.retention.bytes" : "")
    }

    private func openFiles() -> Finding {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let isLow = isKnown && limit.rlim_cur < 1024
        return Finding(
            subject: "open files", verdict: isLow ? .warning : .ok,
            detail: isKnown ? "up to \(limit.rlim_cur)" : "the limit is not known",
            remedy: isLow ? "raise it: ulimit -n 65536" : "")
    }

    private func port(_ name: String, _ address: ServerAddress) async -> Finding {
        let group = MultiThreadedEventLoopGroup.singleton
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: address.host, port: address.port).get()
            try await channel.close()
            return Finding(subject: "port \(name)", verdict: .ok, detail: "\(address) is free", remedy: "")
        } catch {
            return Finding(
                subject: "port \(name)", verdict: .warning,
                detail: "\(address) is in use or not this machine's",
                remedy:
                    "stop the program that has it (it may be pinline serve itself), or choose another by --\(name)"
            )
        }
    }
}
