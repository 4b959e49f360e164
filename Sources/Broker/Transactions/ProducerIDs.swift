import GRDB
import StateStore
import Synchronization

/// Gives out producer ids, none of them twice, whatever happens to the process.
///
/// Ids come in blocks: the end of a block is durable before the first id of it is given out. A restart leaves the rest
/// of a block unused.
final class ProducerIDs: Sendable {
    typealias Completion = @Sendable (Result<Int64, any Error>) -> Void

    private struct Block {
        var next: Int64
        var end: Int64
        var waiting: [Completion] = []
    }

    /// How many ids one write to the disk makes available.
    static let blockSize: Int64 = 1_000

    /// Whether no id was ever given out, as far as the state database knows.
    let isNew: Bool
    private let block: Mutex<Block>
    private let writer: StateWriter

    static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("producer-ids") { database in
            try database.create(table: "producer_id_block") { table in
                table.column("id", .integer).primaryKey().check { $0 == 0 }
                table.column("block_end", .integer).notNull()
            }
        }
    }

    /// - Parameter highestUsed: the highest id that the log remembers, -1 for none; asked for where the database knows
    ///   of no ids, since it may have been lost: then ids that were used before must not be given out again.
    init(_ database: any DatabaseWriter, writer: StateWriter, highestUsed: () -> Int64 = { -1 }) throws {
        let stored = try database.read {
            try Int64.fetchOne($0, sql: "SELECT block_end FROM producer_id_block WHERE id = 0")
        }
        isNew = stored == nil
        let start = stored ?? highestUsed() + 1
        block = Mutex(Block(next: start, end: start))
        self.writer = writer
    }

    /// `completion` runs at once if the block at hand holds an id, else on the writer's thread.
    func next(then completion: @escaping Completion) {
        let (id, newEnd) = block.withLock { block -> (Int64?, Int64?) in
            if block.next < block.end {
                defer { block.next += 1 }
                return (block.next, nil)
            }
            block.waiting.append(completion)
            return (nil, block.waiting.count == 1 ? block.end + Self.blockSize : nil)
        }
        if let id { completion(.success(id)) }
        if let newEnd { open(upTo: newEnd) }
    }

    private func open(upTo end: Int64) {
        writer.write(
            {
                try $0.execute(
                    sql: "INSERT OR REPLACE INTO producer_id_block (id, block_end) VALUES (0, ?)",
                    arguments: [end])
            },
            then: { [self] error in
                if let error { fail(error) } else { opened(upTo: end) }
            })
    }

    private func opened(upTo end: Int64) {
        let (served, newEnd) = block.withLock { block -> ([(Completion, Int64)], Int64?) in
            block.end = end
            var served: [(Completion, Int64)] = []
            let count = Int(min(block.end - block.next, Int64(block.waiting.count)))
            for completion in block.waiting.prefix(count) {
                served.append((completion, block.next))
                block.next += 1
            }
            block.waiting.removeFirst(count)
            return (served, block.waiting.isEmpty ? nil : block.end + Self.blockSize)
        }
        for (completion, id) in served { completion(.success(id)) }
        if let newEnd { open(upTo: newEnd) }
    }

    private func fail(_ error: any Error) {
        let waiting = block.withLock { block in
            defer { block.waiting = [] }
            return block.waiting
        }
        for completion in waiting { completion(.failure(error)) }
    }
}
