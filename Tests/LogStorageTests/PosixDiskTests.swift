import Foundation
import StreamModel
import Testing

@testable import LogStorage

@Suite final class PosixDiskTests {
    private let folder = NSTemporaryDirectory() + "pinline-disk-" + UUID().uuidString
    private let disk = PosixDisk()

    init() throws {
        try disk.makeDirectory(folder)
    }

    deinit { try? disk.remove(folder) }

    private func append(_ text: String, to file: any LogFile) throws {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBytes { try file.append($0) }
    }

    private func content(of file: any LogFile, from position: Int = 0) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: position) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test func aFileGrowsAtItsEndAlsoAfterItWasCut() throws {
        let file = try disk.open("\(folder)/a", creating: true)
        try append("hello ", to: file)
        try append("world", to: file)
        try file.truncate(to: 5)
        try append("!", to: file)
        try file.synchronize()
        #expect(try file.size() == 6)
        #expect(try content(of: file) == "hello!")
        #expect(try content(of: file, from: 4) == "o!")
        #expect(try content(of: file, from: 6) == "")
        #expect(try content(of: disk.open("\(folder)/a", creating: false)) == "hello!")
    }

    @Test func foldersAreMadeListedRenamedAndRemovedWithAllTheyHold() throws {
        try disk.makeDirectory("\(folder)/x/y")
        try disk.makeDirectory("\(folder)/x/y")
        _ = try disk.open("\(folder)/x/y/file", creating: true)
        try disk.rename("\(folder)/x", to: "\(folder)/z")
        try disk.synchronizeDirectory(folder)
        #expect(try disk.list(folder) == ["z"])
        #expect(try disk.list("\(folder)/z/y") == ["file"])
        try disk.remove("\(folder)/z")
        try disk.remove("\(folder)/z")
        #expect(try disk.list(folder) == [])
        #expect(try disk.list("\(folder)/absent") == [])
    }

    @Test func whatTheSystemRefusesNamesThePath() throws {
        for attempt in [
            { [disk, folder] in _ = try disk.open("\(folder)/absent", creating: false) },
            { [disk, folder] in try disk.rename("\(folder)/absent", to: "\(folder)/b") },
            { [disk, folder] in try disk.synchronizeDirectory("\(folder)/absent") },
            { [disk] in try disk.makeDirectory("/dev/null/absent") },
        ] {
            let error = try #require(throws: LogStorageError.self) { try attempt() }
            #expect(error.code == .inputOutput)
            #expect(error.message.contains("absent"))
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func aFullDiskIsToldFromOtherErrors() throws {
        let file = try disk.open("/dev/full", creating: false)
        let error = try #require(throws: LogStorageError.self) { try append("x", to: file) }
        #expect(error.code == .diskFull)
        #expect(error.message.contains("/dev/full"))
    }

    @Test func aLogOnARealDiskComesBack() async throws {
        var settings = LogSettings()
        settings.segmentBytes = 1 << 14
        let values = (0..<200).map { "\($0) " + String(repeating: "x", count: 400) }
        for part in 0..<2 {
            let log = CommitLog(
                directory: "\(folder)/log", settings: settings, disk: disk, logger: RecordedMessages().logger)
            try log.open()
            for value in values[part * 100..<(part + 1) * 100] { _ = await log.send(value) }
            #expect(try log.values() == Array(values[..<(part * 100 + 100)]))
            log.close()
        }
    }
}
