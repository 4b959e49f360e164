import Broker
import Connect
import Dashboard
import Gateway
import Kinesis
import LogStorage
import ObjectStore
import Pipelines
import Sinks
import StreamModel
import TransportSecurity

/// A setting by name: how its text is read and where it goes.
struct SettingKey: Sendable {
    let name: String
    private let apply: @Sendable (inout ServerSettings, String) throws(SettingsError) -> Void

    /// The name in the environment: `log.segment.bytes` is `PINLINE_LOG_SEGMENT_BYTES`, `-` becomes `_` too.
    var environmentName: String {
        "PINLINE_" + name.uppercased().map { ".-".contains($0) ? "_" : String($0) }.joined()
    }

    func set(_ text: String, in settings: inout ServerSettings) throws(SettingsError) {
        try apply(&settings, text)
    }

    // MARK: Kinds

    private typealias Path<Value> = any WritableKeyPath<ServerSettings, Value> & Sendable

    private static func text(_ name: String, _ path: Path<String>) -> SettingKey {
        SettingKey(name: name) { settings, text in settings[keyPath: path] = text }
    }

    private static func address(_ name: String, _ path: Path<ServerAddress>) -> SettingKey {
        SettingKey(name: name) { (settings, text) throws(SettingsError) in
            guard let address = ServerAddress(text) else {
                throw SettingsError("\(name): '\(text)' is no address like 127.0.0.1:8082")
            }
            settings[keyPath: path] = address
        }
    }

    private static func flag(_ name: String, _ path: Path<Bool>) -> SettingKey {
        SettingKey(name: name) { (settings, text) throws(SettingsError) in
            guard
                let value = ["true": true, "yes": true, "1": true, "false": false, "no": false, "0": false][
                    text.lowercased()]
            else { throw SettingsError("\(name): '\(text)' is neither true nor false") }
            settings[keyPath: path] = value
        }
    }

    private static func number<Number: FixedWidthInteger & Sendable>(
        _ name: String, _ path: Path<Number>, in range: ClosedRange<Number>
    ) -> SettingKey {
        SettingKey(name: name) { (settings, text) throws(SettingsError) in
            guard let value = Number(text), range.contains(value) else {
                throw SettingsError(
                    "\(name): '\(text)' is not a number from \(range.lowerBound) to \(range.upperBound)")
            }
            settings[keyPath: path] = value
        }
    }

    // MARK: The list

    static let all: [SettingKey] =
        [
            text("data", \.data),
            address("ingest", \.ingest),
            address("kafka", \.kafka),
            address("web", \.web),
            SettingKey(name: "pipeline") { settings, text in settings.pipeline = text },
            flag("insecure", \.insecure),
            SettingKey(name: "logging.level") { (settings, text) throws(SettingsError) in
                let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
                guard levels.contains(text) else {
                    throw SettingsError(
                        "logging.level: '\(text)' is none of \(levels.joined(separator: ", "))")
                }
                settings.loggingLevel = text
            },
        ] + logKeys + gatewayKeys + gatewayIdentityKeys + ingestTLSKeys + consumerKeys + schemaKeys
        + kinesisKeys + brokerKeys + groupKeys + transactionKeys + securityKeys + sinkKeys + connectKeys
        + streamKeys + liveKeys

    private static let logKeys: [SettingKey] = [
        SettingKey(name: "log.flush") { (settings, text) throws(SettingsError) in
            settings.log.flush = try flushPolicy(text)
        },
        number("log.segment.bytes", \.log.segmentBytes, in: 1 << 14...Int(Int32.max)),
        number("log.segment.ms", \.log.segmentMilliseconds, in: 1...Int64.max),
        number("log.index.interval.bytes", \.log.indexIntervalBytes, in: 0...Int(Int32.max)),
        number("log.retention.ms", \.log.retentionMilliseconds, in: -1...Int64.max),
        number("log.retention.bytes", \.log.retentionBytes, in: -1...Int64.max),
        number(
            "log.retention.check.interval.ms", \.log.upkeepIntervalMilliseconds, in: 10...86_400_000),
        number("log.max.message.bytes", \.log.maxMessageBytes, in: 1...1 << 30),
        number("log.max.pending.bytes", \.log.maxPendingBytes, in: 1...Int.max),
        number("log.num.partitions", \.log.partitionsPerTopic, in: 1...10_000),
        number("log.max.topics", \.log.maxTopics, in: 1...1_000_000),
        number("log.max.producers", \.log.maxProducers, in: 1...10_000_000),
        number("log.producer.id.expiration.ms", \.log.producerExpirationMilliseconds, in: 1...Int64.max),
        number("log.max.partitions", \.log.maxPartitions, in: 1...10_000_000),
        number("log.max.open.files", \.log.maxOpenFiles, in: 8...1_000_000),
        SettingKey(name: "log.cleanup.policy") { (settings, text) throws(SettingsError) in
            guard let policy = LogSettings.CleanupPolicy(text) else {
                throw SettingsError(
                    "log.cleanup.policy: '\(text)' is none of delete, compact, or both with a comma")
            }
            settings.log.cleanupPolicy = policy
        },
        number("log.cleaner.delete.retention.ms", \.log.deleteRetentionMilliseconds, in: 0...Int64.max),
        number("log.cleaner.min.compaction.lag.ms", \.log.minCompactionLag, in: 0...Int64.max),
        number("log.cleaner.max.compaction.lag.ms", \.log.maxCompactionLag, in: 1...Int64.max),
        number("log.cleaner.dedupe.buffer.size", \.log.compactionBufferBytes, in: 1 << 16...1 << 36),
        SettingKey(name: "log.cleaner.min.cleanable.ratio") { (settings, text) throws(SettingsError) in
            guard let value = Double(text), (0...1).contains(value) else {
                throw SettingsError("log.cleaner.min.cleanable.ratio: '\(text)' is not a number from 0 to 1")
            }
            settings.log.minCleanableRatio = value
        },
    ]

    private static let gatewayKeys: [SettingKey] = [
        flag("gateway.auto.create.topics", \.log.autoCreateTopics),
        flag("gateway.auto.create.streams", \.gateway.autoCreateStreams),
        flag("compat.store-empty-data", \.gateway.compatibility.storesEmptyData),
        flag("compat.gateway-status-200", \.gateway.compatibility.gatewayStatus200),
        number("gateway.max.request.bytes", \.gateway.maxRequestBytes, in: 1...1 << 30),
        number("gateway.max.request.records", \.gateway.maxRequestRecords, in: 1...10_000_000),
        number("gateway.max.header.bytes", \.gateway.maxHeaderBytes, in: 256...1 << 20),
        number("gateway.max.connections", \.gateway.maxConnections, in: 1...1_000_000),
        number(
            "gateway.max.connections.per.address", \.gateway.maxConnectionsPerAddress, in: 1...1_000_000),
        number("gateway.head.timeout.ms", \.gateway.headTimeoutMilliseconds, in: 1...86_400_000),
        number("gateway.body.min.bytes.per.second", \.gateway.minBodyBytesPerSecond, in: 0...1 << 30),
        number("gateway.body.grace.ms", \.gateway.bodyGraceMilliseconds, in: 1...86_400_000),
        number("gateway.idle.timeout.ms", \.gateway.idleTimeoutMilliseconds, in: 1...86_400_000),
        number("gateway.max.json.depth", \.gateway.maxJSONDepth, in: 4...10_000),
        number("gateway.threads", \.gateway.threads, in: 0...1_024),
    ]

    private static let gatewayIdentityKeys: [SettingKey] = [
        SettingKey(name: "gateway.auth") { (settings, text) throws(SettingsError) in
            settings.gateway.authentication.demand = try choice("gateway.auth", text)
        },
        SettingKey(name: "gateway.auth.methods") { (settings, text) throws(SettingsError) in
            settings.gateway.authentication.methods = try items(text, ",").map {
                (name) throws(SettingsError) in try choice("gateway.auth.methods", name)
            }
        },
        text("gateway.auth.realm", \.gateway.authentication.realm),
        number("gateway.auth.cache.ms", \.gateway.authentication.cacheMilliseconds, in: 0...86_400_000),
        number("gateway.auth.cache.entries", \.gateway.authentication.cacheEntries, in: 0...10_000_000),
        number(
            "gateway.auth.failed.delay.ms", \.gateway.authentication.failedDelayMilliseconds, in: 0...10_000),
        number("gateway.auth.max.pending", \.gateway.authentication.maxPending, in: 1...1_000_000),
        SettingKey(name: "gateway.jwt.jwks.file") { $0.gateway.authentication.keySetFile = $1 },
        SettingKey(name: "gateway.jwt.issuer") { $0.gateway.authentication.issuer = $1 },
        SettingKey(name: "gateway.jwt.audience") { $0.gateway.authentication.audience = $1 },
        text("gateway.jwt.principal.claim", \.gateway.authentication.principalClaim),
        number(
            "gateway.jwt.clock.skew.ms", \.gateway.authentication.clockSkewMilliseconds, in: 0...86_400_000),
        number("gateway.rate.requests.per.second", \.gateway.rates.requestsPerSecond, in: 0...1 << 30),
        number("gateway.rate.bytes.per.second", \.gateway.rates.bytesPerSecond, in: 0...1 << 40),
        number("gateway.rate.burst.ms", \.gateway.rates.burstMilliseconds, in: 1...3_600_000),
        number("gateway.rate.max.callers", \.gateway.rates.maxCallers, in: 10...10_000_000),
        number(
            "gateway.idempotency.window.ms", \.gateway.idempotency.windowMilliseconds, in: 0...1 << 40),
        number("gateway.idempotency.max.keys", \.gateway.idempotency.maxKeys, in: 1...10_000_000),
        SettingKey(name: "gateway.access.log") { $0.gateway.accessLog.path = $1 },
        SettingKey(name: "gateway.access.log.sample") { (settings, text) throws(SettingsError) in
            guard let value = Double(text), (0...1).contains(value) else {
                throw SettingsError("gateway.access.log.sample: '\(text)' is not a number from 0 to 1")
            }
            settings.gateway.accessLog.sample = value
        },
        number("gateway.access.log.queue", \.gateway.accessLog.maxWaiting, in: 1...10_000_000),
    ]

    private static let ingestTLSKeys: [SettingKey] = [
        SettingKey(name: "ingest.ssl.keystore.location") { $0.ingestTLS.keystore = $1 },
        SettingKey(name: "ingest.ssl.key.location") { $0.ingestTLS.privateKey = $1 },
        SettingKey(name: "ingest.ssl.key.password") { $0.ingestTLS.privateKeyPassword = $1 },
        SettingKey(name: "ingest.ssl.truststore.location") { $0.ingestTLS.truststore = $1 },
        SettingKey(name: "ingest.ssl.client.auth") { (settings, text) throws(SettingsError) in
            settings.ingestTLS.clientAuthentication = try choice("ingest.ssl.client.auth", text)
        },
        number("ssl.reload.interval.ms", \.reloadIntervalMilliseconds, in: 0...86_400_000),
    ]

    private static let kinesisKeys: [SettingKey] = [
        SettingKey(name: "kinesis.region") { (settings, text) throws(SettingsError) in
            guard StreamAddress.isRegion(text) else {
                throw SettingsError("kinesis.region: '\(text)' is no region like us-east-1")
            }
            settings.kinesis.region = text
        },
        SettingKey(name: "kinesis.account.id") { (settings, text) throws(SettingsError) in
            guard text.utf8.count == 12, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
                throw SettingsError("kinesis.account.id: '\(text)' is no number of twelve digits")
            }
            settings.kinesis.accountID = text
        },
        SettingKey(name: "kinesis.credentials.file") { $0.kinesis.credentialsFile = $1 },
        flag("kinesis.shard.limits.enabled", \.kinesis.shardLimitsEnabled),
        number("kinesis.max.shards", \.kinesis.maxShards, in: 1...1_000_000),
        number("kinesis.max.consumers.per.stream", \.kinesis.maxConsumersPerStream, in: 1...100_000),
        number("kinesis.max.subscriptions", \.kinesis.maxSubscriptions, in: 1...1_000_000),
        number("kinesis.io.threads", \.kinesis.ioThreads, in: 1...1024),
    ]

    private static let consumerKeys: [SettingKey] = [
        number("consumer.request.timeout.ms", \.consumers.requestTimeoutMilliseconds, in: 1...3_600_000),
        number("consumer.request.max.bytes", \.consumers.requestMaxBytes, in: 1...1 << 30),
        number("consumer.request.max.records", \.consumers.requestMaxRecords, in: 1...10_000_000),
        number("fetch.min.bytes", \.consumers.fetchMinBytes, in: -1...10_000_000),
        number(
            "consumer.instance.timeout.ms", \.consumers.instanceTimeoutMilliseconds, in: 1...Int64(Int32.max)),
        number("consumer.instance.max.count", \.consumers.maxInstances, in: 0...1_000_000),
    ]

    private static let schemaKeys: [SettingKey] = [
        SettingKey(name: "schema.registry.url") { (settings, text) throws(SettingsError) in
            settings.schemas.urls = try items(text, ",").map { (url) throws(SettingsError) in
                guard url.hasPrefix("http://") || url.hasPrefix("https://"), !url.contains("@") else {
                    throw SettingsError(
                        "schema.registry.url: '\(url)' is no address like http://127.0.0.1:8081; a login stands in "
                            + "schema.registry.basic.auth.user.info")
                }
                return url.hasSuffix("/") ? String(url.dropLast()) : url
            }
        },
        SettingKey(name: "schema.registry.basic.auth.user.info") { (settings, text) throws(SettingsError) in
            guard text.contains(":") else {
                throw SettingsError(
                    "schema.registry.basic.auth.user.info: it is not of the form user:password")
            }
            settings.schemas.userInfo = text
        },
        number(
            "schema.registry.request.timeout.ms", \.schemas.requestTimeoutMilliseconds, in: 1...3_600_000),
        number("schema.registry.retries", \.schemas.retries, in: 0...100),
        number("schema.registry.cache.entries", \.schemas.cacheEntries, in: 1...1_000_000),
        number(
            "schema.registry.latest.cache.ms", \.schemas.latestCacheMilliseconds, in: 0...86_400_000),
    ]

    private static let brokerKeys: [SettingKey] = [
        SettingKey(name: "kafka.advertised.listeners") { (settings, text) throws(SettingsError) in
            // Kafka's own form names the protocol too.
            let address = text.firstRange(of: "://").map { String(text[$0.upperBound...]) } ?? text
            guard let address = ServerAddress(address), address.port > 0 else {
                throw SettingsError(
                    "kafka.advertised.listeners: '\(text)' is no single address like kafka.example.net:9092")
            }
            settings.broker.advertised = BrokerAddress(host: address.host, port: Int32(address.port))
        },
        number("kafka.max.request.bytes", \.broker.maxRequestBytes, in: 1 << 10...1 << 30),
        number("kafka.max.control.request.bytes", \.broker.maxControlRequestBytes, in: 1 << 10...1 << 30),
        number("kafka.max.buffered.bytes", \.broker.maxBufferedBytes, in: 1 << 20...Int.max),
        number("kafka.max.connections", \.broker.maxConnections, in: 1...1_000_000),
        number("kafka.connections.max.idle.ms", \.broker.idleTimeoutMilliseconds, in: 1...Int64(Int32.max)),
        flag("kafka.auto.create.topics.enable", \.broker.autoCreateTopics),
        number("kafka.threads", \.broker.threads, in: 0...1_024),
        number("kafka.io.threads", \.broker.ioThreads, in: 1...1_024),
    ]

    private static let transactionKeys: [SettingKey] = [
        number(
            "kafka.transaction.max.timeout.ms", \.broker.transactions.maxTimeoutMilliseconds,
            in: 1...Int32.max),
        number(
            "kafka.transactional.id.expiration.ms", \.broker.transactions.expirationMilliseconds,
            in: 1...Int64.max),
        number(
            "kafka.transactional.id.max.count", \.broker.transactions.maxTransactionalIDs,
            in: 1...100_000_000),
        number(
            "kafka.transaction.max.groups", \.broker.transactions.maxGroupsPerTransaction, in: 1...1_000_000),
    ]

    private static let groupKeys: [SettingKey] = [
        number(
            "kafka.group.initial.rebalance.delay.ms", \.broker.groups.initialRebalanceDelayMilliseconds,
            in: 0...600_000),
        number(
            "kafka.group.min.session.timeout.ms", \.broker.groups.minSessionTimeoutMilliseconds,
            in: 1...Int32.max),
        number(
            "kafka.group.max.session.timeout.ms", \.broker.groups.maxSessionTimeoutMilliseconds,
            in: 1...Int32.max),
        number("kafka.group.max.size", \.broker.groups.maxSize, in: 1...1_000_000),
        number("kafka.group.max.count", \.broker.groups.maxGroups, in: 1...10_000_000),
        number("kafka.group.max.metadata.bytes", \.broker.groups.maxMetadataBytes, in: 1 << 10...1 << 26),
        number("kafka.group.max.lag.series", \.broker.groups.maxLagSeries, in: 0...10_000_000),
        number("kafka.offset.metadata.max.bytes", \.broker.groups.offsetMetadataMaxBytes, in: 0...1 << 20),
        number("kafka.offsets.retention.minutes", \.broker.groups.offsetsRetentionMinutes, in: 1...Int64.max),
        number(
            "kafka.offsets.retention.check.interval.ms", \.broker.groups.retentionCheckMilliseconds,
            in: 1000...86_400_000),
    ]

    private static let securityKeys: [SettingKey] = [
        SettingKey(name: "kafka.security.protocol") { (settings, text) throws(SettingsError) in
            settings.security.listenerProtocol = try choice("kafka.security.protocol", text)
        },
        SettingKey(name: "sasl.enabled.mechanisms") { (settings, text) throws(SettingsError) in
            settings.security.mechanisms = try items(text, ",").map { (name) throws(SettingsError) in
                try choice("sasl.enabled.mechanisms", name)
            }
        },
        SettingKey(name: "auth.credentials.file") { $0.security.credentialsFile = $1 },
        number("connections.max.reauth.ms", \.security.maxReauthenticationMilliseconds, in: 0...1 << 40),
        number(
            "connection.failed.authentication.delay.ms", \.security.failedAuthenticationDelayMilliseconds,
            in: 0...10_000),
        SettingKey(name: "ssl.keystore.location") { $0.security.tls.keystore = $1 },
        SettingKey(name: "ssl.key.location") { $0.security.tls.privateKey = $1 },
        SettingKey(name: "ssl.key.password") { $0.security.tls.privateKeyPassword = $1 },
        SettingKey(name: "ssl.truststore.location") { $0.security.tls.truststore = $1 },
        SettingKey(name: "ssl.client.auth") { (settings, text) throws(SettingsError) in
            settings.security.tls.clientAuthentication = try choice("ssl.client.auth", text)
        },
        flag("acl.enabled", \.security.aclEnabled),
        flag("allow.everyone.if.no.acl.found", \.security.allowEveryoneIfNoACLFound),
        SettingKey(name: "super.users") { (settings, text) throws(SettingsError) in
            settings.security.superUsers = Set(
                try items(text, ";").map { (name) throws(SettingsError) in
                    guard let principal = Principal(name) else {
                        throw SettingsError("super.users: '\(name)' is no principal like User:alice")
                    }
                    return principal
                })
        },
    ]

    /// A case by its name.
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ text: String
    ) throws(SettingsError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("\(name): '\(text)' is none of \(names)")
        }
        return choice
    }

    /// The parts of a list, without blanks around them.
    private static func items(_ text: String, _ separator: Character) -> [String] {
        text.split(separator: separator)
            .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            .filter { !$0.isEmpty }
    }

    private static let sinkKeys: [SettingKey] = [
        number("sink.flush.size", \.sink.flushSize, in: 1...Int.max),
        number("sink.rotate.schedule.interval.ms", \.sink.rotateScheduleMilliseconds, in: 1...Int64.max),
        number("sink.max.object.bytes", \.sink.maxObjectBytes, in: 1...1 << 32),
        number("sink.retry.backoff.ms", \.sink.retryBackoffMilliseconds, in: 1...3_600_000),
        SettingKey(name: "sink.topics.dir") { (settings, text) throws(SettingsError) in
            guard text.isEmpty || ObjectKey(text) != nil else {
                throw SettingsError(
                    "sink.topics.dir: '\(text)' is no path like topics, without / at its ends")
            }
            settings.sink.topicsDirectory = text
        },
        SettingKey(name: "sink.errors.deadletterqueue.topic.name") { (settings, text) throws(SettingsError) in
            guard let topic = TopicName(text) else {
                throw SettingsError(
                    "sink.errors.deadletterqueue.topic.name: '\(text)' is no name for a topic")
            }
            settings.sink.deadLetterTopic = topic
        },
    ]

    private static let connectKeys: [SettingKey] = [
        number("connect.max.connectors", \.connect.maxConnectors, in: 1...100_000),
        number("connect.max.tasks", \.connect.maxTasks, in: 1...10_000),
        number("connect.max.request.bytes", \.connect.maxRequestBytes, in: 1 << 10...1 << 26),
        number("connect.task.retry.backoff.ms", \.connect.retryBackoffMilliseconds, in: 1...3_600_000),
        number(
            "connect.task.retry.backoff.max.ms", \.connect.maxRetryBackoffMilliseconds, in: 1...86_400_000),
        number("connect.s3.timeout.ms", \.connect.storeTimeoutMilliseconds, in: 1...3_600_000),
        number("connect.flush.timeout.ms", \.connect.flushTimeoutMilliseconds, in: 1...3_600_000),
        SettingKey(name: "connect.config.providers") { (settings, text) throws(SettingsError) in
            settings.connect.configProviders = Set(
                try items(text, ",").map { (name) throws(SettingsError) in
                    try choice("connect.config.providers", name)
                })
        },
        SettingKey(name: "connect.s3.default.store") { (settings, text) throws(SettingsError) in
            settings.connect.defaultStore = try choice("connect.s3.default.store", text)
        },
    ]

    private static let streamKeys: [SettingKey] = [
        flag("stream.enabled", \.stream.isEnabled),
        number("stream.freshness.ms", \.stream.freshnessMilliseconds, in: 0...86_400_000),
        number("stream.commit.max.rows", \.stream.maxRowsPerCommit, in: 1...100_000_000),
        number("stream.batch.interval.ms", \.stream.batchIntervalMilliseconds, in: 0...60_000),
        number("stream.batch.max.bytes", \.stream.maxBatchBytes, in: 1 << 10...1 << 30),
        number("stream.max.pending.bytes", \.stream.maxPendingBytes, in: 1 << 20...1 << 36),
        number("stream.engine.memory.bytes", \.stream.engineMemoryBytes, in: 64 << 20...1 << 40),
        number("stream.repeats.window.ms", \.stream.repeatsWindowMilliseconds, in: -1...Int64.max),
        number("stream.repeats.max.memory.bytes", \.stream.maxRepeatsBytes, in: 1 << 20...1 << 44),
        number("stream.snapshot.interval.ms", \.stream.snapshotIntervalMilliseconds, in: 100...3_600_000),
        number("stream.retry.backoff.ms", \.stream.retryBackoffMilliseconds, in: 1...3_600_000),
        number("stream.upkeep.commits", \.stream.commitsPerUpkeep, in: 1...1_000_000),
    ]

    private static let liveKeys: [SettingKey] = [
        number("live.max.bytes", \.live.maxBytes, in: 1 << 16...1 << 40),
        number("live.events.per.second", \.liveEvents.perSecond, in: 1...100),
        number("live.events.max.streams", \.liveEvents.maxStreams, in: 0...100_000),
        number(
            "live.events.heartbeat.ms", \.liveEvents.heartbeatMilliseconds, in: 100...3_600_000),
    ]

    private static func flushPolicy(_ text: String) throws(SettingsError) -> LogSettings.FlushPolicy {
        switch text {
        case "commit": return .commit
        case "none": return .none
        default:
            guard text.hasPrefix("interval:"), let milliseconds = Int64(text.dropFirst(9)), milliseconds > 0
            else {
                throw SettingsError("log.flush: '\(text)' is none of commit, interval:<ms>, none")
            }
            return .interval(.milliseconds(milliseconds))
        }
    }
}
