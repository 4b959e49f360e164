import Foundation
import StreamModel

// IncreaseStreamRetentionPeriod, DecreaseStreamRetentionPeriod, UpdateStreamMode, UpdateMaxRecordSize,
// UpdateStreamWarmThroughput, UpdateStreamRecordDistributionStrategy, StartStreamEncryption, StopStreamEncryption,
// EnableEnhancedMonitoring, DisableEnhancedMonitoring, DescribeAccountSettings, UpdateAccountSettings.
// Unlike Kinesis: encryption, warm throughput, monitoring and the settings of the account change nothing but what
// clients are told of them.
extension StreamActions {
    // MARK: Retention

    func increaseRetention(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let (stream, hours) = try retention(input, scope)
        let existing = stream.description.retentionHours
        guard hours >= existing else {
            throw KinesisError(
                .invalidArgument,
                "Requested retention period (\(hours) hours) for stream \(stream.address.name) can not be shorter "
                    + "than existing retention period (\(existing) hours). Use DecreaseRetentionPeriod API.")
        }
        try setRetention(hours, stream)
    }

    func decreaseRetention(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let (stream, hours) = try retention(input, scope)
        let existing = stream.description.retentionHours
        guard hours <= existing else {
            throw KinesisError(
                .invalidArgument,
                "Requested retention period (\(hours) hours) for stream \(stream.address.name) can not be longer "
                    + "than existing retention period (\(existing) hours). Use IncreaseRetentionPeriod API.")
        }
        try setRetention(hours, stream)
    }

    private func retention(
        _ input: Input, _ scope: Scope
    ) throws(KinesisError) -> (KinesisStream, Int64) {
        let stream = try stream(input, scope)
        let hours = input.integer("RetentionPeriodHours") ?? 0
        let allowed = StreamDescription.retentionHours
        guard hours >= allowed.lowerBound else {
            throw KinesisError(
                .invalidArgument,
                "Minimum allowed retention period is \(allowed.lowerBound) hours. Requested retention period "
                    + "(\(hours) hours) is too short.")
        }
        guard hours <= allowed.upperBound else {
            throw KinesisError(
                .invalidArgument,
                "Maximum allowed retention period is \(allowed.upperBound) hours. Requested retention period "
                    + "(\(hours) hours) is too long.")
        }
        return (stream, hours)
    }

    private func setRetention(_ hours: Int64, _ stream: KinesisStream) throws(KinesisError) {
        try registry.limit(stream, StreamTopicLimits(retentionMilliseconds: hours * 3_600_000))
        try registry.update(stream) { $0.retentionHours = hours }
    }

    // MARK: Mode and sizes

    func updateStreamMode(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let stream = try stream(input, scope)
        try registry.update(stream) { description in
            description.mode = Self.mode(input) ?? description.mode
            if let throughput = input.integer("WarmThroughputMiBps") {
                description.warmThroughputMiBps = throughput
            }
        }
    }

    func updateMaxRecordSize(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let stream = try stream(input, scope)
        let size = input.integer("MaxRecordSizeInKiB") ?? StreamDescription.defaultMaxRecordKiB
        try registry.limit(stream, StreamTopicLimits(maxRecordBytes: Int(size) << 10))
        try registry.update(stream) { $0.maxRecordKiB = size }
    }

    func updateWarmThroughput(_ input: Input, _ scope: Scope) throws(KinesisError) -> OutputValue {
        let stream = try stream(input, scope)
        let throughput = input.integer("WarmThroughputMiBps") ?? 0
        try registry.update(stream) { $0.warmThroughputMiBps = throughput }
        return .object([
            ("StreamARN", .string(arn(of: stream))), ("StreamName", .string(stream.address.name)),
            ("WarmThroughput", Self.warmThroughput(throughput)),
        ])
    }

    func updateRecordDistribution(_ input: Input, _ scope: Scope) throws(KinesisError) {
        let strategy = input.string("RecordDistributionStrategy")
        try registry.update(try stream(input, scope)) { $0.recordDistribution = strategy }
    }

    // MARK: Encryption and monitoring

    func startEncryption(_ input: Input, _ scope: Scope) throws(KinesisError) {
        guard input.string("EncryptionType") == "KMS" else {
            throw KinesisError(.invalidArgument, "EncryptionType must be KMS.")
        }
        try registry.update(try stream(input, scope)) { $0.encryptionKey = input.string("KeyId") }
    }

    func stopEncryption(_ input: Input, _ scope: Scope) throws(KinesisError) {
        try registry.update(try stream(input, scope)) { $0.encryptionKey = nil }
    }

    func changeMonitoring(
        _ input: Input, _ scope: Scope, isEnabling: Bool
    ) throws(KinesisError) -> OutputValue {
        let stream = try stream(input, scope)
        let asked = input.strings("ShardLevelMetrics") ?? []
        let current = stream.description.shardLevelMetrics
        let desired: [String] =
            if isEnabling {
                asked.contains("ALL") ? ["ALL"] : current + asked.filter { !current.contains($0) }
            } else {
                asked.contains("ALL") ? [] : current.filter { !asked.contains($0) }
            }
        try registry.update(stream) { $0.shardLevelMetrics = desired }
        return .object([
            ("StreamName", .string(stream.address.name)), ("StreamARN", .string(arn(of: stream))),
            ("CurrentShardLevelMetrics", .list(current.map { .string($0) })),
            ("DesiredShardLevelMetrics", .list(desired.map { .string($0) })),
        ])
    }

    // MARK: The account

    private static let commitmentProperty = "minimum-throughput-billing-commitment"

    func describeAccountSettings() throws(KinesisError) -> OutputValue {
        do {
            let value = try store.property(Self.commitmentProperty)
            return Self.commitment(value.map { String(decoding: $0, as: UTF8.self) } ?? "DISABLED")
        } catch {
            throw StreamRegistry.storageFault(error)
        }
    }

    func updateAccountSettings(_ input: Input) throws(KinesisError) -> OutputValue {
        let status = input.structure("MinimumThroughputBillingCommitment")?.string("Status") ?? "DISABLED"
        do {
            try store.setProperty(Self.commitmentProperty, Data(status.utf8))
        } catch {
            throw StreamRegistry.storageFault(error)
        }
        return Self.commitment(status)
    }

    private static func commitment(_ status: String) -> OutputValue {
        .object([("MinimumThroughputBillingCommitment", .object([("Status", .string(status))]))])
    }
}
