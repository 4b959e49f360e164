/// Memory in which the batches of one commit are built, one after the other.
///
/// Memory past what is kept between commits is given back, so that one burst does not hold it for ever.
///
/// `@unchecked Sendable`: it has one owner at a time, and changes hands under the lock of a partition's intake.
final class BatchBuffer: @unchecked Sendable {
    /// Kept between commits, in bytes.
    static let keptCapacity = 1 << 20

    private(set) var count = 0
    private var storage: UnsafeMutableRawBufferPointer

    init() {
        storage = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    deinit { storage.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    /// Room for `byteCount` more bytes at the end; they count from now on.
    func extend(by byteCount: Int) -> UnsafeMutableRawBufferPointer {
        if count + byteCount > storage.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(count + byteCount, storage.count * 2), alignment: 16)
            larger.copyMemory(from: bytes)
            storage.deallocate()
            storage = larger
        }
        defer { count += byteCount }
        return UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + byteCount])
    }

    func removeAll() {
        count = 0
        guard storage.count > Self.keptCapacity else { return }
        storage.deallocate()
        storage = .allocate(byteCount: 64 << 10, alignment: 16)
    }
}
