import Dashboard
import Pipelines

/// The live metrics of the pipeline, if it has any, and what the web port asks them.
struct LiveParts {
    let metrics: LiveMetrics
    let routes: LiveRoutes

    /// - Returns: nil if the pipeline says nothing of live metrics.
    init?(_ pipeline: PipelineFolder, settings: LiveSettings, events: LiveEventSettings) throws {
        guard pipeline.definition.live != nil else { return nil }
        metrics = try LiveMetrics(pipeline, settings: settings)
        routes = LiveRoutes(Answers(metrics: metrics), settings: events)
    }

    private struct Answers: LiveAnswering {
        let metrics: LiveMetrics

        var version: UInt64 { metrics.version }
        func list() -> LiveReply { Self.reply(metrics.list()) }

        func answer(_ metric: String, _ parameters: [(name: String, value: String)]) -> LiveReply {
            Self.reply(metrics.answer(metric, parameters))
        }

        func recommend(_ parameters: [(name: String, value: String)]) -> LiveReply {
            Self.reply(metrics.recommend(parameters))
        }

        private static func reply(_ answer: LiveAnswer) -> LiveReply {
            let status =
                switch answer.status {
                case .ok: 200
                case .badRequest: 400
                case .notFound: 404
                }
            return LiveReply(status: status, body: answer.body, fingerprint: answer.fingerprint)
        }
    }
}
