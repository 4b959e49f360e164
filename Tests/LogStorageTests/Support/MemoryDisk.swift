import StreamModel

@testable import LogStorage

/// A file system in memory whose power can fail, and which can refuse any call.
///
/// A file's content is durable once it was synchronized, a name once its folder was. `restart(losing:)` then decides
/// what is left of the rest.
final class MemoryDisk: LogDisk {
    /// A call that changes something.
    struct Call: Sendable {
        enum Kind: Sendable {
            case create, append, truncate, synchronize, makeFolder, rename, remove, synchronizeFolder
        }

        var kind: Kind
        var path: String
        /// How many such calls there were before.
        var number: Int
    }

    enum Refusal: Sendable {
        /// Nothing is done.
        case error(LogStorageError.Code)
        /// An append leaves this many bytes behind.
        case torn(LogStorageError.Code, keeping: Int)
        /// The call half done, and every later one refused until `restart`.
        case powerCut
    }

    /// What a restart loses.
    enum Loss: Sendable, CaseIterable {
        /// The process died, the machine did not.
        case nothing
        /// The power failed: all that was not flushed is gone.
        case everythingVolatile
        /// The power failed: of what was not flushed, any part may be there.
        case anyPart
    }

    fileprivate struct State: Sendable {
        var root = MemoryNode(isFolder: true)
        var calls = 0
        var hasPower = true
        var refuse: (@Sendable (Call) -> Refusal?)?
        var capacity = Int.max
        var isHoldingFlushes = false
        var heldFlushes = 0
        var flushes = 0
        var readBytes = 0
    }

    private let state = ThreadSignal(State())

    // MARK: What tests do to it

    /// Asked at each call that changes something, whether to refuse it.
    func refuse(_ rule: (@Sendable (Call) -> Refusal?)?) { state.withLock { $0.refuse = rule } }

    var calls: Int { state.withLock { $0.calls } }

    /// Bytes that fit on the disk.
    var capacity: Int {
        get { state.withLock { $0.capacity } }
        set { state.withLock { $0.capacity = newValue } }
    }

    /// How many files were flushed.
    var flushes: Int { state.withLock { $0.flushes } }

    /// Bytes of all files.
    var byteCount: Int { state.withLock { $0.root.byteCount } }

    /// How many bytes were read from files.
    var readBytes: Int { state.withLock { $0.readBytes } }

    func holdFlushes() { state.withLock { $0.isHoldingFlushes = true } }

    func releaseFlushes() { state.withLock(wakes: true) { $0.isHoldingFlushes = false } }

    var isHoldingAFlush: Bool { state.withLock { $0.heldFlushes > 0 } }

    /// Refuses everything from now on, as if the process had been killed.
    func cutPower() { state.withLock { $0.hasPower = false } }

    /// Comes back as after the death of the process or of the machine.
    func restart(losing loss: Loss, seed: UInt64 = 1) {
        state.withLock { state in
            var chance = TestChance(seed: seed)
            if loss != .nothing { state.root.losePower(keepingAnyPart: loss == .anyPart, &chance) }
            state.refuse = nil
            state.hasPower = true
        }
    }

    subscript(path: String) -> [UInt8]? {
        get { state.withLock { $0.root.node(at: path)?.content } }
        set {
            state.withLock { state in
                if let newValue {
                    state.root.node(at: path)?.content = newValue
                    state.root.node(at: path)?.durableContent = newValue
                } else {
                    state.root.detach(path)
                }
            }
        }
    }

    /// The paths of all files, in order.
    var files: [String] { state.withLock { $0.root.paths(below: "") }.sorted() }

    // MARK: LogDisk

    func open(_ path: String, creating: Bool) throws(LogStorageError) -> any LogFile {
        if let node = state.withLock({ $0.root.node(at: path) }) { return MemoryFile(self, node, path) }
        guard creating else { throw LogStorageError(.inputOutput, "there is no \(path)") }
        let node = try change(.create, path) { state throws(LogStorageError) in
            guard state.freeBytes > 0 else { throw LogStorageError(.diskFull, "the disk is full: \(path)") }
            return try state.root.attach(MemoryNode(isFolder: false), path)
        }
        return MemoryFile(self, node, path)
    }

    func fileSize(_ path: String) throws(LogStorageError) -> Int? {
        state.withLock { $0.root.node(at: path)?.content.count }
    }

    func list(_ path: String) throws(LogStorageError) -> [String] {
        state.withLock { $0.root.node(at: path)?.children.map { Array($0.keys) } ?? [] }
    }

    func makeDirectory(_ path: String) throws(LogStorageError) {
        guard state.withLock({ $0.root.node(at: path) }) == nil else { return }
        let above = path.split(separator: "/").dropLast().joined(separator: "/")
        if !above.isEmpty { try makeDirectory(above) }
        _ = try change(.makeFolder, path) { state throws(LogStorageError) in
            try state.root.attach(MemoryNode(isFolder: true), path)
        }
    }

    func rename(_ path: String, to newPath: String) throws(LogStorageError) {
        try change(.rename, path) { state throws(LogStorageError) in
            guard let node = state.root.node(at: path) else {
                throw LogStorageError(.inputOutput, "no \(path)")
            }
            // A file takes the place of another, as POSIX has it.
            if node.children == nil, state.root.node(at: newPath)?.children == nil {
                state.root.detach(newPath)
            }
            state.root.detach(path)
            _ = try state.root.attach(node, newPath)
        }
    }

    func remove(_ path: String) throws(LogStorageError) {
        guard state.withLock({ $0.root.node(at: path) }) != nil else { return }
        try change(.remove, path) { state throws(LogStorageError) in _ = state.root.detach(path) }
    }

    func synchronizeDirectory(_ path: String) throws(LogStorageError) {
        try change(.synchronizeFolder, path) { state throws(LogStorageError) in
            guard let node = state.root.node(at: path), let children = node.children else {
                throw LogStorageError(.inputOutput, "there is no folder \(path)")
            }
            node.durableChildren = children
        }
    }

    // MARK: Inside

    fileprivate func change<Result>(
        _ kind: Call.Kind, _ path: String, _ body: (inout State) throws(LogStorageError) -> Result
    ) throws(LogStorageError) -> Result {
        try change(kind, path, torn: { _, _ in }, body)
    }

    /// - Parameter torn: what is left behind when the call is cut off, given how many bytes shall be.
    fileprivate func change<Result>(
        _ kind: Call.Kind, _ path: String, torn: (inout State, Int?) -> Void,
        _ body: (inout State) throws(LogStorageError) -> Result
    ) throws(LogStorageError) -> Result {
        let outcome = state.withLock(wakes: true) { state -> Swift.Result<Result, LogStorageError> in
            guard state.hasPower else { return .failure(LogStorageError(.inputOutput, "no power: \(path)")) }
            let call = Call(kind: kind, path: path, number: state.calls)
            state.calls += 1
            do throws(LogStorageError) {
                switch state.refuse?(call) {
                case .error(let code): throw LogStorageError(code, "refused: \(path)")
                case .torn(let code, let keeping):
                    torn(&state, keeping)
                    throw LogStorageError(code, "refused in the middle: \(path)")
                case .powerCut:
                    torn(&state, nil)
                    state.hasPower = false
                    throw LogStorageError(.inputOutput, "the power failed: \(path)")
                case nil: return .success(try body(&state))
                }
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    fileprivate func waitWhileFlushesAreHeld() {
        state.withLock(wakes: true) { $0.heldFlushes += 1 }
        _ = state.wait(timeout: .seconds(30)) { $0.isHoldingFlushes ? nil : () }
        state.withLock { $0.heldFlushes -= 1 }
    }

    fileprivate func look<Result>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }
}

extension MemoryDisk.State {
    fileprivate var freeBytes: Int { capacity == .max ? .max : capacity - root.byteCount }
}

/// A handle on a file; it stays good when the file's name is gone.
private final class MemoryFile: LogFile {
    private let disk: MemoryDisk
    private let node: MemoryNode
    private let path: String

    init(_ disk: MemoryDisk, _ node: MemoryNode, _ path: String) {
        self.disk = disk
        self.node = node
        self.path = path
    }

    func size() throws(LogStorageError) -> Int { disk.look { _ in node.content.count } }

    func append(_ bytes: UnsafeRawBufferPointer) throws(LogStorageError) {
        let torn = { (_: inout MemoryDisk.State, keeping: Int?) in
            self.node.content += bytes.prefix(keeping ?? bytes.count / 2)
        }
        try disk.change(.append, path, torn: torn) { state throws(LogStorageError) in
            let room = max(0, state.freeBytes)
            node.content += bytes.prefix(room)
            guard bytes.count <= room else { throw LogStorageError(.diskFull, "the disk is full: \(path)") }
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(LogStorageError) -> Int {
        disk.look { state in
            let part = node.content.dropFirst(position).prefix(buffer.count)
            buffer.copyBytes(from: part)
            state.readBytes += part.count
            return part.count
        }
    }

    func truncate(to size: Int) throws(LogStorageError) {
        guard disk.look({ _ in node.content.count }) != size else { return }
        try disk.change(.truncate, path) { _ throws(LogStorageError) in
            // What was cut off may have reached the disk before.
            if node.content.count > node.durableContent.count { node.cutContent = node.content }
            node.content.removeLast(max(0, node.content.count - size))
        }
    }

    func synchronize() throws(LogStorageError) {
        disk.waitWhileFlushesAreHeld()
        try disk.change(.synchronize, path) { state throws(LogStorageError) in
            node.durableContent = node.content
            node.cutContent = nil
            state.flushes += 1
        }
    }
}

/// A file or a folder.
///
/// `@unchecked Sendable`: touched under the disk's lock only.
private final class MemoryNode: @unchecked Sendable {
    var content: [UInt8] = []
    var durableContent: [UInt8] = []
    /// What there was before the end was cut off, while that is not durable.
    var cutContent: [UInt8]?
    var children: [String: MemoryNode]?
    var durableChildren: [String: MemoryNode] = [:]

    init(isFolder: Bool) {
        children = isFolder ? [:] : nil
    }

    func node(at path: String) -> MemoryNode? {
        path.split(separator: "/").filter { $0 != "." }.reduce(Optional(self)) { $0?.children?[String($1)] }
    }

    func attach(_ node: MemoryNode, _ path: String) throws(LogStorageError) -> MemoryNode {
        let (folder, name) = self.folder(of: path)
        guard let folder, folder.children?[name] == nil else {
            throw LogStorageError(.inputOutput, "cannot make \(path)")
        }
        folder.children?[name] = node
        return node
    }

    @discardableResult
    func detach(_ path: String) -> MemoryNode? {
        let (folder, name) = self.folder(of: path)
        return folder?.children?.removeValue(forKey: name)
    }

    private func folder(of path: String) -> (MemoryNode?, String) {
        let parts = path.split(separator: "/")
        return (node(at: parts.dropLast().joined(separator: "/")), String(parts.last ?? ""))
    }

    var byteCount: Int { content.count + (children ?? [:]).values.reduce(0) { $0 + $1.byteCount } }

    func paths(below path: String) -> [String] {
        guard let children else { return [path] }
        return children.flatMap { $1.paths(below: path.isEmpty ? $0 : "\(path)/\($0)") }
    }

    /// Goes back to what was durable, or, by chance, to something between that and what was there.
    func losePower(keepingAnyPart: Bool, _ chance: inout TestChance) {
        if children != nil {
            if !keepingAnyPart || Bool.random(using: &chance) { children = durableChildren }
            durableChildren = children ?? [:]
            for name in durableChildren.keys.sorted() {
                durableChildren[name]?.losePower(keepingAnyPart: keepingAnyPart, &chance)
            }
        }
        content = keepingAnyPart ? somePart(&chance) : durableContent
        durableContent = content
        cutContent = nil
    }

    private func somePart(_ chance: inout TestChance) -> [UInt8] {
        if let cutContent, Bool.random(using: &chance) { return cutContent }
        guard content.starts(with: durableContent) else {
            return Bool.random(using: &chance) ? content : durableContent
        }
        let fresh = content[durableContent.count...]
        let count = Int.random(in: 0...fresh.count, using: &chance)
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: return durableContent + fresh.prefix(count)
        case 1:
            return durableContent + fresh.prefix(count) + [UInt8](repeating: 0, count: fresh.count - count)
        // A later part came to the disk before an earlier one.
        default: return durableContent + [UInt8](repeating: 0, count: count) + fresh.dropFirst(count)
        }
    }
}

/// A small generator (SplitMix64), so that a run can be repeated by its seed.
struct TestChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
