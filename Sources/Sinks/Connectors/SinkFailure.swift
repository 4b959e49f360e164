import ObjectStore

/// A failure of a task that tells whether waiting helps.
package protocol SinkFailure: Error {
    /// Whether it may pass without anyone doing anything.
    var mayPass: Bool { get }
}

extension TaskFailure: SinkFailure {
    var mayPass: Bool { false }
}

extension ConfigurationError: SinkFailure {
    package var mayPass: Bool { false }
}

extension ObjectStoreError: SinkFailure {
    package var mayPass: Bool { isRetriable }
}
