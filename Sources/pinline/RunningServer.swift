import ArgumentParser
import Foundation
import ServerAssembly

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The server that runs with a data folder, as it tells of itself.
enum RunningServer {
    /// Where it listens; nil if none runs.
    static func endpoints(of folder: String) -> ServerEndpoints? {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: folder + "/endpoints.json")) else {
            return nil
        }
        guard let endpoints = try? JSONDecoder().decode(ServerEndpoints.self, from: bytes) else { return nil }
        // A server that was killed leaves the file; only one that is not ours to signal is there all the same.
        return kill(endpoints.pid, 0) == 0 || errno == EPERM ? endpoints : nil
    }

    /// - Throws: if the seconds that an answer may take are none.
    static func check(timeout: Double) throws {
        guard timeout > 0, timeout <= 3_600 else {
            throw ValidationError("--timeout is a number of seconds up to 3600")
        }
    }
}

/// The data folder as `pinline serve` finds it.
enum DataFolderOption {
    static func path(_ flag: String?, config: String? = nil) throws -> String {
        var settings = ServerSettings()
        if let config { try settings.read(file: config) }
        let environment = ProcessInfo.processInfo.environment.filter { $0.key == "PINLINE_DATA" }
        try settings.read(environment: environment)
        return flag ?? settings.data
    }
}
