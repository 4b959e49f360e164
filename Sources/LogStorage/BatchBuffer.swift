/// Memory in which the batches of one commit are built, one after the other.
///
/// It takes memory when it is first used: most of thousands of partitions are idle. What is past the limit for memory
/// kept between commits is given back, so that one burst does not hold it for ever.
///
/// `@unchecked Sendable`: it has one owner at a time, and changes hands under the lock of a partition's intake.
final class BatchBuffer: @unchecked Sendable {
    /// Kept between commits, in bytes.
    static let keptCapacity = 1 << 20

    /// The least memory, in bytes, of a buffer that is used.
    private static let leastCapacity = 4 << 10

    private(set) var count = 0
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init() {}

    deinit { storage.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    /// Room for `byteCount` more bytes at the end; they count from now on.
    func extend(by byteCount: Int) -> UnsafeMutableRawBufferPointer {
        if count + byteCount > storage.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(count + byteCount, storage.count * 2, Self.leastCapacity), alignment: 16)
            larger.copyMemory(from: bytes)
            storage.deallocate()
            storage = larger
        }
        defer { count += byteCount }
        return UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + byteCount])
    }

    func removeAll() {
        count = 0
        if storage.count > Self.keptCapacity { release() }
    }

    /// Gives the memory back.
    private func release() {
        storage.deallocate()
        storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
}
