#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One line of an object, without its end; the byte behind it is always a line feed, and 64 more may be read.
struct RawLine {
    var start: UnsafePointer<UInt8>
    var count: Int
    /// The place of its first byte among all objects of the pass.
    var locator: Int
    var object: Int
    /// The table that the object's topic belongs to.
    var topicTable: Int

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}

/// Reads pieces of objects and cuts them into lines; used by one thread.
///
/// Lines stay valid until the next piece is loaded.
final class LineReader {
    /// The longest line that is read; a longer one is set aside.
    static let maxLineBytes = 64 << 20
    private static let padding = 64
    private static let lookahead = 16 << 10
    private static let maxOpenFiles = 32

    private let objects: RawObjectSet
    private let plan: BlockPlan
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var blocks: [LoadedBlock] = []
    private var blockIndex = 0
    private var position = 0
    private var scratch = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var openFiles: [Int: FileBox] = [:]
    /// Locators of lines beyond `maxLineBytes` in the piece that is loaded.
    private(set) var overlongLines: [Int] = []
    /// How many bytes of objects the loaded piece stands for.
    private(set) var pieceBytes = 0

    /// Whole lines in the buffer.
    private struct LoadedBlock {
        var object: Int
        var topicTable: Int
        var lines: Range<Int>
        /// What to add to a place in the buffer for its locator.
        var locatorOffset: Int
    }

    private final class FileBox {
        let file: OpenFile
        init(_ path: String) throws(PipelineError) { file = try OpenFile(path) }
    }

    init(_ objects: RawObjectSet, _ plan: BlockPlan) {
        self.objects = objects
        self.plan = plan
        capacity = max(1 << 12, plan.blockBytes * 2)
        buffer = .allocate(capacity: capacity + Self.padding)
        buffer.initialize(repeating: 0, count: capacity + Self.padding)
    }

    deinit {
        buffer.deallocate()
        scratch.deallocate()
    }

    /// Loads the next piece; false if there is none.
    func loadNextPiece() throws(PipelineError) -> Bool {
        let piece = plan.nextPiece()
        blocks.removeAll(keepingCapacity: true)
        overlongLines.removeAll()
        blockIndex = 0
        pieceBytes = 0
        guard !piece.isEmpty else { return false }
        var end = 0
        for block in piece {
            pieceBytes += block.range.count
            end = try load(block, at: end)
        }
        position = blocks.first?.lines.lowerBound ?? 0
        return true
    }

    /// The next line of the piece; nil at its end.
    @inline(__always)
    func next() -> RawLine? {
        while blockIndex < blocks.count {
            let block = blocks[blockIndex]
            if position < block.lines.upperBound,
                let end = memchr(buffer + position, 0x0A, block.lines.upperBound - position)
            {
                let start = buffer + position
                let count = UnsafePointer(end.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(start)
                defer { position += count + 1 }
                return RawLine(
                    start: start, count: count, locator: position + block.locatorOffset, object: block.object,
                    topicTable: block.topicTable)
            }
            blockIndex += 1
            if blockIndex < blocks.count { position = blocks[blockIndex].lines.lowerBound }
        }
        return nil
    }

    /// True if the line that begins at a locator has exactly these bytes.
    func isSame(_ line: RawLine, as locator: Int) throws(PipelineError) -> Bool {
        for block in blocks {
            let place = locator - block.locatorOffset
            guard block.lines.contains(place) else { continue }
            return place + line.count < block.lines.upperBound && buffer[place + line.count] == 0x0A
                && memcmp(buffer + place, line.start, line.count) == 0
        }
        let object = objects.index(of: locator)
        let file = try open(object)
        if scratch.count < line.count + 1 {
            scratch.deallocate()
            scratch = .allocate(byteCount: line.count * 2 + 1, alignment: 8)
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: scratch[..<(line.count + 1)])
        let count = try file.file.read(into: target, at: locator - objects.starts[object])
        guard count == line.count || count == line.count + 1 && target[line.count] == 0x0A else {
            return false
        }
        guard let start = target.baseAddress else { return true }
        return memcmp(start, line.start, line.count) == 0
    }

    // MARK: Loading

    private func open(_ object: Int) throws(PipelineError) -> FileBox {
        if let file = openFiles[object] { return file }
        if openFiles.count >= Self.maxOpenFiles { openFiles.removeAll(keepingCapacity: true) }
        let file = try FileBox(objects.path(of: object))
        openFiles[object] = file
        return file
    }

    /// Reads a block to `start` of the buffer; returns where the next one may begin.
    private func load(_ block: ObjectBlock, at start: Int) throws(PipelineError) -> Int {
        let bytes = objects.objects[block.object].bytes
        // The byte before the block tells whether a line begins with it.
        let first = max(0, block.range.lowerBound - 1)
        let isWhole = block.range == 0..<bytes
        let file =
            isWhole && bytes < plan.blockBytes / 4
            ? try FileBox(objects.path(of: block.object)) : try open(block.object)
        var wanted = min(bytes, block.range.upperBound + (isWhole ? 0 : Self.lookahead)) - first
        var count = 0
        var newline: Int?
        while true {
            reserve(start + wanted + 1)
            let target = UnsafeMutableRawBufferPointer(start: buffer + start + count, count: wanted - count)
            let read = try file.file.read(into: target, at: first + count)
            // The last line that begins in the block ends at the first line feed from the block's last byte on.
            let searchStart = max(count, block.range.upperBound - 1 - first)
            let isFirstRead = count == 0
            count += read
            // A block inside a very long line: no line begins in it.
            if isFirstRead, block.range.lowerBound > 0,
                find(from: start, to: start + min(count, block.range.count)) == nil
            {
                return start
            }
            if read < target.count || first + count >= bytes {
                if newline == nil { newline = find(from: start + min(searchStart, count), to: start + count) }
                break
            }
            newline = find(from: start + searchStart, to: start + count)
            if newline != nil || count > Self.maxLineBytes { break }
            wanted = min(bytes - first, wanted * 2)
        }
        return finish(
            block, first: first, start: start, count: count, newline: newline, isAtEnd: first + count >= bytes
        )
    }

    private func finish(
        _ block: ObjectBlock, first: Int, start: Int, count: Int, newline: Int?, isAtEnd: Bool
    ) -> Int {
        var end = start + count
        let locatorOffset = objects.starts[block.object] + first - start
        if let newline {
            end = newline + 1
        } else if isAtEnd || count <= Self.maxLineBytes {
            // The object ends without a line feed (or became shorter meanwhile).
            if end > start, buffer[end - 1] != 0x0A {
                buffer[end] = 0x0A
                end += 1
            }
        } else {
            end = lastNewline(in: start..<end).map { $0 + 1 } ?? start
            overlongLines.append(end + locatorOffset)
        }
        var lineStart = start
        if block.range.lowerBound > 0 {
            lineStart = find(from: start, to: end).map { $0 + 1 } ?? end
        } else if end - start >= 3, buffer[start] == 0xEF, buffer[start + 1] == 0xBB,
            buffer[start + 2] == 0xBF
        {
            lineStart += 3  // a byte order mark
        }
        // A line that begins behind the block belongs to the next one.
        if lineStart - start + first >= block.range.upperBound { lineStart = end }
        blocks.append(
            LoadedBlock(
                object: block.object, topicTable: objects.objects[block.object].table, lines: lineStart..<end,
                locatorOffset: locatorOffset))
        return max(end, start + count)
    }

    private func reserve(_ bytes: Int) {
        guard bytes > capacity else { return }
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes * 2 + Self.padding)
        larger.initialize(repeating: 0, count: bytes * 2 + Self.padding)
        larger.update(from: buffer, count: capacity)
        buffer.deallocate()
        buffer = larger
        capacity = bytes * 2
    }

    private func find(from start: Int, to end: Int) -> Int? {
        guard start < end, let place = memchr(buffer + start, 0x0A, end - start) else { return nil }
        return UnsafePointer(place.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(buffer)
    }

    private func lastNewline(in range: Range<Int>) -> Int? {
        range.reversed().first { buffer[$0] == 0x0A }
    }
}
