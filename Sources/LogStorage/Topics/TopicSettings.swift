import Synchronization

/// What is in effect for a topic; shared by its partitions, and changed while they are used.
final class TopicSettings: Sendable {
    private struct State {
        var configuration: TopicConfiguration
        var current: LogSettings
    }

    private let settings: LogSettings
    private let state: Mutex<State>

    /// - Parameter settings: the log's, which count where the topic has none of its own.
    init(_ settings: LogSettings, _ configuration: TopicConfiguration = TopicConfiguration()) {
        self.settings = settings
        state = Mutex(State(configuration: configuration, current: configuration.applied(to: settings)))
    }

    /// The log's settings with the topic's own in their place.
    var current: LogSettings { state.withLock { $0.current } }

    var configuration: TopicConfiguration {
        get { state.withLock { $0.configuration } }
        set {
            let current = newValue.applied(to: settings)
            state.withLock { $0 = State(configuration: newValue, current: current) }
        }
    }
}
