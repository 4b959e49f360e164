import JSONText
import Sinks

// /connector-plugins: kinds of connectors, and what they can be told.
extension ConnectAPI {
    /// The version of Kafka Connect whose converters these are.
    private static let version = "3.9.0"

    static let plugins: [Operation] = [
        Operation("GET", ["connector-plugins"], { _, worker, request in list(worker, request) }),
        Operation(
            "GET", ["connector-plugins", "*", "config"],
            { _, worker, request in
                let name = request.path[1]
                if let plugin = worker.plugin(named: name) {
                    let keys = worker.check(plugin).keys
                    return .json { $0.keys(keys) }
                }
                guard Converters.known(name, among: Converters.headers) != nil else {
                    throw ConnectError(.notFound, "Unknown plugin \(name).")
                }
                return .json { $0.keys(ConverterKeys.keys(of: name)) }
            }
        ),
        Operation(
            "PUT", ["connector-plugins", "*", "config", "validate"],
            { _, worker, request in
                try validate(worker, request)
            }
        ),
    ]

    private static func list(_ worker: ConnectWorker, _ request: ConnectRequest) -> ConnectResponse {
        let connectorsOnly =
            request.query.first { $0.name == "connectorsOnly" }?.value.lowercased() != "false"
        var rows = worker.plugins.map { ($0.className, "sink", $0.version) }
        if !connectorsOnly {
            rows += Converters.values.map { ($0, "converter", version) }
            rows += Converters.headers.map { ($0, "header_converter", version) }
        }
        return .json {
            $0.array { writer in
                for (name, type, version) in rows {
                    writer.object {
                        $0.member("class", name)
                        $0.member("type", type)
                        $0.member("version", version)
                    }
                }
            }
        }
    }

    private static func validate(
        _ worker: ConnectWorker, _ request: ConnectRequest
    ) throws(ConnectError) -> ConnectResponse {
        let wanted = request.path[1]
        let configuration = try ConfigurationBody.configuration(request.json())
        if let given = configuration["connector.class"], !PluginName.matches(wanted, given),
            !PluginName.matches(given, wanted)
        {
            throw ConnectError(
                .invalid, "Included connector type \(given) does not match request type \(wanted)")
        }
        let report = try worker.report(on: configuration)
        return .json { $0.report(report) }
    }
}

/// What converters can be told.
enum ConverterKeys {
    static func keys(of name: String) -> [ConfigKey] {
        switch Converters.known(name, among: Converters.headers) {
        case Converters.json:
            [type, json("schemas.enable", .boolean, "true"), json("schemas.cache.size", .int, "1000")]
        case Converters.string: [type, json("converter.encoding", .string, "UTF-8")]
        default: [type]
        }
    }

    private static let type = ConfigKey(
        "converter.type", .string, importance: .low,
        documentation: "What is read: key, value or header.", group: CommonKeys.common,
        displayName: "converter.type", recommendedValues: ["key", "value", "header"])

    private static func json(_ name: String, _ type: ConfigKey.ValueType, _ value: String) -> ConfigKey {
        ConfigKey(
            name, type, default: value, importance: .low, documentation: "See Kafka Connect.",
            group: CommonKeys.common, displayName: name)
    }
}
