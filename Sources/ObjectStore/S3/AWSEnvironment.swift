package import AWSSigning

/// What the tools of AWS find in the environment and in their shared files.
///
/// Not looked at: services that lend keys (of a machine, a container, single sign-on, roles), since no request is
/// made to an address that nobody gave.
package struct AWSEnvironment: Sendable {
    private let environment: [String: String]
    private let read: @Sendable (String) -> String?

    /// - Parameter read: gives a file's text; nil if there is none.
    package init(
        _ environment: [String: String],
        read: @escaping @Sendable (String) -> String? = { path in
            (try? LocalFile.content(of: path)).map { String(decoding: $0, as: UTF8.self) }
        }
    ) {
        self.environment = environment
        self.read = read
    }

    /// The access key.
    ///
    /// - Throws: `.refused` if there is none, or the profile asks for one in a way that is not known here.
    package func accessKey() throws(ObjectStoreError) -> AccessKey {
        if let id = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
            return AccessKey(id: id, secret: secret, sessionToken: value("AWS_SESSION_TOKEN"))
        }
        let settings = profileSettings
        if let id = settings["aws_access_key_id"], let secret = settings["aws_secret_access_key"] {
            return AccessKey(id: id, secret: secret, sessionToken: settings["aws_session_token"])
        }
        let unknown = [
            "role_arn", "sso_session", "sso_start_url", "credential_process", "web_identity_token_file",
        ]
        if let way = unknown.first(where: { settings[$0] != nil }) {
            throw ObjectStoreError(
                .refused,
                "the profile '\(profile)' gets its keys by \(way), which is not supported: put them into the "
                    + "environment with `aws configure export-credentials --format env`")
        }
        throw ObjectStoreError(
            .refused,
            "there is no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write one under "
                + "[\(profile)] into \(credentialsPath ?? "the file that AWS_SHARED_CREDENTIALS_FILE names")")
    }

    package var region: String? {
        value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? profileSettings["region"]
    }

    /// The address of the store, where it is not AWS.
    package var endpoint: String? {
        value("AWS_ENDPOINT_URL_S3") ?? value("AWS_ENDPOINT_URL") ?? profileSettings["endpoint_url"]
    }

    package var profile: String { value("AWS_PROFILE") ?? value("AWS_DEFAULT_PROFILE") ?? "default" }

    private func value(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private var credentialsPath: String? {
        value("AWS_SHARED_CREDENTIALS_FILE") ?? value("HOME").map { $0 + "/.aws/credentials" }
    }

    private var configPath: String? {
        value("AWS_CONFIG_FILE") ?? value("HOME").map { $0 + "/.aws/config" }
    }

    /// The profile's settings of both files; those of the credentials file win.
    private var profileSettings: [String: String] {
        let config = configPath.flatMap(read).map(Self.sections) ?? [:]
        let credentials = credentialsPath.flatMap(read).map(Self.sections) ?? [:]
        let general = config["profile \(profile)"] ?? (profile == "default" ? config["default"] : nil) ?? [:]
        return general.merging(credentials[profile] ?? [:]) { $1 }
    }

    /// The sections of a file of `[name]` and `key = value` lines; nested settings are left out.
    static func sections(_ text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var name: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = trim(line)
            guard let first = trimmed.first, first != "#", first != ";" else { continue }
            if first == "[" {
                name = trimmed.firstIndex(of: "]").map { end in
                    let words = trimmed[trimmed.index(after: trimmed.startIndex)..<end]
                        .split { $0 == " " || $0 == "\t" }
                    return words.joined(separator: " ")
                }
                continue
            }
            guard let name, let equals = trimmed.firstIndex(of: "="), !(line.first?.isWhitespace ?? true)
            else {
                continue
            }
            let key = trim(trimmed[..<equals]).lowercased()
            sections[name, default: [:]][key] = String(trim(trimmed[trimmed.index(after: equals)...]))
        }
        return sections
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }
}
