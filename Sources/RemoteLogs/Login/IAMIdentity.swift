package import AWSSigning
import StreamModel

/// Who logs in with an access key, as the settings `sasl.mechanism=AWS_MSK_IAM` ask for.
///
/// The key is the one of the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`), else a
/// profile's in the file of shared credentials: `awsProfileName` of the login module, else `AWS_PROFILE`, else
/// `default`. The region is `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, or the one in the name of the server.
package struct IAMIdentity: Equatable {
    package var key: AccessKey
    package var region: String?

    package init(key: AccessKey, region: String?) {
        self.key = key
        self.region = region
    }

    /// - Parameters:
    ///   - profile: nil takes the environment's key.
    ///   - credentials: the text of the file of shared credentials; nil if there is none.
    /// - Throws: `invalidSettings` if there is no key.
    package init(
        profile: String?, environment: [String: String], credentials: String?
    ) throws(RemoteLogError) {
        let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
        if profile == nil, let id = environment["AWS_ACCESS_KEY_ID"], !id.isEmpty,
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        {
            let token = environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
            self.init(key: AccessKey(id: id, secret: secret, sessionToken: token), region: region)
            return
        }
        let name = profile ?? environment["AWS_PROFILE"] ?? "default"
        let entries = Self.profile(name, in: credentials ?? "")
        guard let id = entries["aws_access_key_id"], let secret = entries["aws_secret_access_key"] else {
            throw RemoteLogError(
                .invalidSettings,
                "AWS_MSK_IAM needs an access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write the "
                    + "profile [\(name)] into ~/.aws/credentials")
        }
        self.init(
            key: AccessKey(id: id, secret: secret, sessionToken: entries["aws_session_token"]),
            region: region ?? entries["region"])
    }

    /// The entries under `[name]` or `[profile name]`.
    private static func profile(_ name: String, in text: String) -> [String: String] {
        var entries: [String: String] = [:]
        var isWanted = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimming()
            if line.hasPrefix("[") {
                isWanted = line == "[\(name)]" || line == "[profile \(name)]"
            } else if isWanted, let equals = line.firstIndex(of: "="), !line.hasPrefix("#") {
                entries[line[..<equals].trimming()] = line[line.index(after: equals)...].trimming()
            }
        }
        return entries
    }

    /// A token for a login now.
    func token(for bootstrap: String, clock: WallClock = .system) -> MSKIAMToken {
        MSKIAMToken(
            key: key, region: region ?? Self.region(inNameOf: bootstrap) ?? Self.anyRegion,
            at: SigningTime(milliseconds: clock.milliseconds))
    }

    /// A server that is not Amazon's does not mind which region it is.
    private static let anyRegion = "us-east-1"

    /// As in `b-1.name.a1b2c3.c4.kafka.eu-west-1.amazonaws.com:9098`.
    static func region(inNameOf bootstrap: String) -> String? {
        for address in BrokerAddressList.parse(bootstrap) {
            let labels = address.host.split(separator: ".")
            guard let end = labels.lastIndex(of: "amazonaws"), end >= 2,
                labels[end - 2].hasPrefix("kafka")
            else { continue }
            return String(labels[end - 1])
        }
        return nil
    }
}

extension StringProtocol {
    fileprivate func trimming() -> String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
