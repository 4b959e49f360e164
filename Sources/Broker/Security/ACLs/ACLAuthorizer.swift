import Dispatch
import Logging
import Synchronization

/// Decides by ACLs, which stand in memory; changes of other processes are noticed within `pollInterval`.
final class ACLAuthorizer: Authorizer {
    /// How often another process's changes are looked for.
    static let pollInterval = DispatchTimeInterval.seconds(1)

    private struct Loaded {
        var index: ACLIndex
        var change: Int64
    }

    let store: ACLStore
    private let loaded: Mutex<Loaded>
    private let queue = DispatchQueue(label: "acl-reload")
    private let logger: Logger

    /// Reads the disk.
    init(store: ACLStore, defaults: ACLIndex.Defaults, logger: Logger) throws {
        self.store = store
        self.logger = logger
        let (acls, change) = try store.load()
        loaded = Mutex(Loaded(index: ACLIndex(acls, defaults: defaults), change: change))
        // Timers hold the authorizer weakly: with it they end.
        scheduleReload()
    }

    func allows(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
        named name: String
    ) -> Bool {
        index.allows(principal, from: host, operation, on: type, named: name)
    }

    func allowsOnAny(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType
    ) -> Bool {
        index.allowsOnAny(principal, from: host, operation, on: type)
    }

    var index: ACLIndex { loaded.withLock { $0.index } }

    /// Takes over what was changed since, by whomever; reads the disk.
    func reload() throws {
        guard try store.change() != loaded.withLock({ $0.change }) else { return }
        let (acls, change) = try store.load()
        let index = ACLIndex(acls, defaults: index.defaults)
        loaded.withLock { loaded in
            // Two threads may reload at once: the older state must not win.
            if change >= loaded.change { loaded = Loaded(index: index, change: change) }
        }
    }

    private func scheduleReload() {
        queue.asyncAfter(deadline: .now() + Self.pollInterval) { [weak self] in
            guard let self else { return }
            do { try reload() } catch {
                logger.warning("ACLs cannot be read again", metadata: ["error": "\(error)"])
            }
            scheduleReload()
        }
    }
}
