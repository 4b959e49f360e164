import CCompression

/// The content of an object while it grows: in memory while it is small, then in a file of the spool folder.
final class SpoolFile {
    /// What is in memory, and in no file yet.
    var buffer: [UInt8] = []
    private(set) var writtenBytes = 0
    private(set) var path: String?
    private var checksum = Checksum()
    private let folder: SpoolFolder

    /// Bytes in memory at which they are written to the file, in one piece.
    ///
    /// A buffer grows by doubling: with the record that goes beyond it, a piece keeps within 64 KiB.
    static let pieceBytes = 48 << 10

    init(in folder: SpoolFolder) {
        self.folder = folder
    }

    var size: Int { writtenBytes + buffer.count }

    /// Writes what is in memory to the file if it has become a piece, or in any case.
    func spill(always: Bool = false) throws(SpoolError) {
        guard buffer.count >= Self.pieceBytes || (always && !buffer.isEmpty) else { return }
        let path = self.path ?? folder.makePath()
        self.path = path
        let result: Result<Void, SpoolError> = buffer.withUnsafeBytes { bytes in
            checksum.update(bytes)
            return Result { () throws(SpoolError) in try folder.write(bytes, to: path) }
        }
        try result.get()
        writtenBytes += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// The whole content; nothing may be added then.
    func finish() throws(SpoolError) -> SpoolContent {
        guard path != nil else {
            checksum.update(buffer)
            return SpoolContent(place: .memory(buffer), size: Int64(buffer.count), checksum: checksum.value)
        }
        try spill(always: true)
        folder.close(path ?? "")
        return SpoolContent(place: .file(path ?? ""), size: Int64(writtenBytes), checksum: checksum.value)
    }

    /// Forgets the content.
    func drop() {
        guard let path else { return }
        folder.close(path)
        SpoolDisk.delete(path)
    }
}

/// What an object will hold.
struct SpoolContent: Sendable {
    enum Place: Sendable {
        case memory([UInt8])
        case file(String)
    }

    var place: Place
    var size: Int64
    /// CRC-32 of the content.
    var checksum: UInt32

    var path: String? {
        if case .file(let path) = place { path } else { nil }
    }

    /// Whether the content is what it was when it was finished.
    func isIntact() throws(SpoolError) -> Bool {
        var found = Checksum()
        var size: Int64 = 0
        switch place {
        case .memory(let bytes):
            found.update(bytes)
            size = Int64(bytes.count)
        case .file(let path):
            try SpoolDisk.read(path) { (piece) throws(SpoolError) in
                found.update(piece)
                size += Int64(piece.count)
            }
        }
        return found.value == checksum && size == self.size
    }
}

/// CRC-32, as gzip has it.
struct Checksum {
    private(set) var value: UInt32 = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        value = UInt32(
            truncatingIfNeeded: crc32_z(UInt(value), start.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }
}

/// The folder where one task's objects grow.
///
/// Most of its files are closed at a time: only so many are kept open as a process can well have.
final class SpoolFolder {
    let path: String
    private var nextNumber: Int
    private var open: [String: (descriptor: Int32, use: Int)] = [:]
    private var uses = 0
    private let maxOpen: Int

    /// Most files that a task keeps open.
    static let maxOpenFiles = 64

    /// - Parameter firstNumber: no file of this number or above is in the folder.
    init(path: String, firstNumber: Int, maxOpen: Int = SpoolFolder.maxOpenFiles) {
        self.path = path
        nextNumber = firstNumber
        self.maxOpen = maxOpen
    }

    deinit {
        for (_, entry) in open { SpoolDisk.close(entry.descriptor) }
    }

    /// The name of a file that is not there yet.
    func makePath() -> String {
        defer { nextNumber += 1 }
        return "\(path)/\(nextNumber)"
    }

    func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(SpoolError) {
        uses += 1
        let descriptor: Int32
        if let entry = open[path] {
            descriptor = entry.descriptor
        } else {
            if open.count >= maxOpen, let oldest = open.min(by: { $0.value.use < $1.value.use }) {
                close(oldest.key)
            }
            descriptor = try SpoolDisk.openForAppending(path)
        }
        open[path] = (descriptor, uses)
        try SpoolDisk.write(bytes, to: descriptor, path)
    }

    func close(_ path: String) {
        guard let entry = open.removeValue(forKey: path) else { return }
        SpoolDisk.close(entry.descriptor)
    }
}
