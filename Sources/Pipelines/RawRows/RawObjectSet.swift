import Synchronization

/// The objects of one pass, laid end to end: a *locator* is a byte's place in this whole.
final class RawObjectSet: Sendable {
    struct Object: Sendable {
        var name: String
        var bytes: Int
        /// The table that the object's topic belongs to.
        var table: Int
    }

    let folder: String
    let objects: [Object]
    /// The locator of each object's first byte.
    let starts: [Int]
    let totalBytes: Int

    init(folder: String, objects: [Object]) {
        self.folder = folder
        self.objects = objects
        var total = 0
        starts = objects.map { object in
            defer { total += object.bytes }
            return total
        }
        totalBytes = total
    }

    /// About how many lines there are, judged by the first ones of the first object.
    var estimatedLines: Int {
        guard let object = objects.first, let file = try? OpenFile(path(of: 0)) else { return 0 }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(object.bytes, 64 << 10), alignment: 1)
        defer { buffer.deallocate() }
        guard let count = try? file.read(into: buffer, at: 0), count > 0 else { return 0 }
        let lines = max(1, buffer[..<count].count { $0 == UInt8(ascii: "\n") })
        return totalBytes / (count / lines) + 1
    }

    func path(of index: Int) -> String { folder + "/" + objects[index].name }

    /// The object that holds a byte.
    func index(of locator: Int) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= locator { low = middle } else { high = middle }
        }
        return low
    }

    /// `<object name>:<line number>` of the line that starts at a locator.
    func description(of locator: Int) -> String {
        let index = index(of: locator)
        var left = locator - starts[index]
        var line = 1
        var offset = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        if let file = try? OpenFile(path(of: index)) {
            while left > 0 {
                let wanted = min(left, buffer.count)
                let count = buffer.withUnsafeMutableBytes {
                    (try? file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]), at: offset))
                        ?? 0
                }
                guard count > 0 else { break }
                line += buffer[..<count].count { $0 == UInt8(ascii: "\n") }
                offset += count
                left -= count
            }
        }
        return "\(objects[index].name):\(line)"
    }
}

/// A part of an object.
///
/// The lines that begin in it belong to it, the last one to its end wherever that lies.
struct ObjectBlock: Equatable, Sendable {
    var object: Int
    var range: Range<Int>
}

/// Deals out the objects of a pass to the threads that work on it, in pieces of about one size.
///
/// A large object is cut into blocks; many small ones make up one piece.
final class BlockPlan: Sendable {
    /// Fits the processor's cache; larger pieces gain nothing.
    static let blockBytes = 1 << 20
    private static let maxBlocks = 1024

    private let sizes: [Int]
    let blockBytes: Int
    private let next = Mutex(Cursor())

    private struct Cursor {
        var object = 0
        var offset = 0
    }

    init(sizes: [Int], blockBytes: Int = BlockPlan.blockBytes) {
        self.sizes = sizes
        self.blockBytes = blockBytes
    }

    /// The next piece; empty if all are dealt out.
    func nextPiece() -> [ObjectBlock] {
        next.withLock { cursor in
            var piece: [ObjectBlock] = []
            var bytes = 0
            while cursor.object < sizes.count, piece.count < Self.maxBlocks {
                let left = sizes[cursor.object] - cursor.offset
                let isLarge = left > blockBytes + blockBytes / 2
                guard piece.isEmpty || bytes + left <= blockBytes else { break }
                let count = isLarge ? blockBytes : left
                piece.append(ObjectBlock(object: cursor.object, range: cursor.offset..<cursor.offset + count))
                bytes += count
                if isLarge {
                    cursor.offset += count
                    break
                }
                cursor.object += 1
                cursor.offset = 0
            }
            return piece
        }
    }
}
