/// Memory for texts that are not in an object's bytes as they are; freed all at once.
final class TextArena {
    private static let blockBytes = 256 << 10
    private var blocks: [UnsafeMutableBufferPointer<UInt8>] = []
    private var current = 0
    private var used = 0

    deinit {
        for block in blocks { block.deallocate() }
    }

    /// Forgets all texts.
    func reset() {
        // A block that one very long text needed is not kept.
        while let last = blocks.last, last.count > Self.blockBytes {
            last.deallocate()
            blocks.removeLast()
        }
        current = 0
        used = 0
    }

    /// Copies a text; behind it lie a line feed and 64 bytes that may be read.
    func copy(_ text: [UInt8]) -> UnsafeRawBufferPointer {
        let wanted = text.count + 65
        while current < blocks.count, blocks[current].count - used < wanted {
            current += 1
            used = 0
        }
        if current == blocks.count {
            let block = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(wanted, Self.blockBytes))
            block.initialize(repeating: 0)
            blocks.append(block)
        }
        let target = UnsafeMutableBufferPointer(rebasing: blocks[current][used..<used + wanted])
        _ = target.update(from: text)
        target[text.count] = 0x0A
        used += wanted
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<text.count])
    }
}
