/// What the worker of connectors can be told.
package struct ConnectSettings: Sendable, Equatable {
    /// `connect.max.connectors` (connectors, default: 1000): past it a new one is refused with 409.
    package var maxConnectors = 1_000
    /// `connect.max.tasks` (tasks, default: 128): the largest `tasks.max`; past it the configuration is refused.
    package var maxTasks = 128
    /// `connect.max.request.bytes` (bytes, default: 1048576): the largest body of a request; past it 413.
    package var maxRequestBytes = 1 << 20
    /// `connect.task.retry.backoff.ms` (milliseconds, default: 1000): how long a task waits that failed for a reason
    /// that may pass; twice as long after each further failure.
    package var retryBackoffMilliseconds: Int64 = 1_000
    /// `connect.task.retry.backoff.max.ms` (milliseconds, default: 300000): the longest such wait.
    package var maxRetryBackoffMilliseconds: Int64 = 300_000
    /// `connect.flush.timeout.ms` (milliseconds, default: 30000): how long a flush that was asked for may take; past
    /// it 503.
    package var flushTimeoutMilliseconds: Int64 = 30_000
    /// `connect.config.providers` (list, default: none): `env` and `file` stand for `${env:NAME}` and `${file:PATH:KEY}`.
    ///
    /// Who may configure connectors can read the environment and files by them.
    package var configProviders: Set<ConfigProvider> = []
    /// `connect.s3.default.store` (default: directory): where a connector without `store.url` keeps its objects:
    /// `directory`, a folder named like the bucket in `buckets` of the data folder, or `aws`.
    package var defaultStore = DefaultStore.directory
    /// `connect.s3.timeout.ms` (milliseconds, default: 60000): how long a store may be silent within one request; past
    /// it the request is sent again.
    package var storeTimeoutMilliseconds: Int64 = 60_000

    package enum DefaultStore: String, Sendable, CaseIterable {
        case directory, aws
    }

    package init() {}
}

/// Where values of a configuration may come from.
package enum ConfigProvider: String, Sendable, CaseIterable {
    case env, file
}
