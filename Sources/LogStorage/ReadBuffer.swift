/// Memory that pieces of a file are read into.
struct ReadBuffer: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private var count = 0

    init(capacity: Int) {
        storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { storage.deallocate() }

    var capacity: Int { storage.count }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    /// Forgets what it holds, and has room for `capacity` bytes from now on.
    mutating func grow(to capacity: Int) {
        storage.deallocate()
        storage = .allocate(byteCount: capacity, alignment: 16)
        count = 0
    }

    /// Reads from `position` on until the buffer is full, `limit` bytes are there, or the file ends.
    mutating func fill(from file: any LogFile, at position: Int, limit: Int = .max) throws(LogStorageError) {
        let room = UnsafeMutableRawBufferPointer(rebasing: storage[..<min(limit, storage.count)])
        count = try file.read(into: room, at: position)
    }
}
