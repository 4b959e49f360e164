import Testing

@Suite struct SizeTests {
    private static let mostLinesOfAFile = 600
    private static let mostLinesOfAFunction = 70
    private static let mostFilesWithoutREADME = 10

    @Test func noFileOfCodeIsLongerThanTheLimit() {
        let kinds = [".swift", ".c", ".h", ".py", ".sh", ".sql", ".lua"]
        for path in Repository.files where Repository.isCode(path) {
            guard path.hasPrefix("scripts/") || kinds.contains(where: path.hasSuffix) else { continue }
            let count = Repository.bytes(of: path).count { $0 == UInt8(ascii: "\n") }
            #expect(count <= Self.mostLinesOfAFile, "\(path) has \(count) lines: split it by behaviour")
        }
    }

    @Test func noFunctionIsLongerThanTheLimit() {
        for file in Repository.swiftFiles {
            for function in file.functions() where function.lineCount > Self.mostLinesOfAFunction {
                let place = "\(file.path):\(function.firstLine)"
                Issue.record("\(place): \(function.lineCount) lines: move plain work out")
            }
        }
    }

    @Test func aFolderOfManyFilesHasAREADMEUnder40Lines() {
        var counts: [String: Int] = [:]
        for path in Repository.files {
            counts[path.split(separator: "/").dropLast().joined(separator: "/"), default: 0] += 1
        }
        for (folder, count) in counts where count > Self.mostFilesWithoutREADME {
            let readme = folder.isEmpty ? "README.md" : folder + "/README.md"
            #expect(Repository.holds(readme), "\(folder) has \(count) files: it needs \(readme)")
            if !folder.isEmpty {
                #expect(Repository.lines(of: readme).count <= 40, "\(readme) is longer than 40 lines")
            }
        }
    }
}
