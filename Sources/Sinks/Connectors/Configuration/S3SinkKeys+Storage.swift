/// Where objects go, and how.
extension S3SinkKeys {
    static let s3: [ConfigKey] = [
        key(
            "s3.bucket.name", .string, isRequired: true, .high, "The bucket.", group: "S3",
            check: {
                $0.trimmedBlanks.isEmpty
                    ? ConfigChecks.invalid("s3.bucket.name", $0, "String must be non-empty") : nil
            }),
        key(
            "s3.region", .string, default: "us-west-2", .medium, "The region of the bucket.", group: "S3"),
        key(
            "s3.part.size", .int, default: "26214400", .high,
            "Bytes of a part of a large object; a smaller object is stored by one request.", group: "S3",
            check: ConfigChecks.between(5_242_880, Int64(Int32.max), "s3.part.size")),
        key(
            "s3.credentials.provider.class", .class,
            default: "com.amazonaws.auth.DefaultAWSCredentialsProviderChain", .low,
            "Where credentials come from: the default chain, or anonymous.", group: "S3",
            check: ConfigChecks.classes(
                credentialClasses, "s3.credentials.provider.class")),
        key(
            "aws.access.key.id", .string, default: "", .high,
            "The access key; empty for the credentials provider.", group: "S3",
            dependents: ["aws.secret.access.key"]),
        key(
            "aws.secret.access.key", .password, default: "", .high,
            "The secret of the access key; empty for the credentials provider.", group: "S3"),
        key(
            "s3.ssea.name", .string, default: "", .low,
            "How the store encrypts objects: empty, AES256 or aws:kms.",
            group: "S3", dependents: ["s3.sse.customer.key", "s3.sse.kms.key.id"],
            recommended: ["", "AES256", "aws:kms"],
            check: ConfigChecks.oneOf(["", "AES256", "aws:kms"], "s3.ssea.name")),
        key(
            "s3.sse.customer.key", .password, default: "", .low,
            "A key of 256 bits, with AES256, that the store encrypts with and does not keep.", group: "S3"),
        key(
            "s3.sse.kms.key.id", .string, default: "", .low,
            "The key of the key management service, with aws:kms.", group: "S3"),
        key(
            "s3.acl.canned", .string, .low, "The canned access control list of objects.", group: "S3",
            recommended: cannedLists, check: ConfigChecks.oneOf(cannedLists + [""], "s3.acl.canned")),
        key(
            "s3.wan.mode", .boolean, default: "false", .medium,
            "The accelerated endpoint of S3; not supported.",
            group: "S3",
            check: ConfigChecks.only(
                "false", "s3.wan.mode", "the accelerated endpoint is not supported: give it as store.url")),
        key(
            "s3.compression.type", .string, default: "none", .low,
            "How JSON and bytes are compressed: none or gzip.", group: "S3",
            dependents: ["s3.compression.level"], recommended: ["none", "gzip"],
            check: ConfigChecks.oneOf(["none", "gzip"], "s3.compression.type", ignoresCase: true)),
        key(
            "s3.compression.level", .int, default: "-1", .low, "The level of gzip; -1 for its default.",
            group: "S3", check: ConfigChecks.between(-1, 9, "s3.compression.level")),
        key(
            "s3.part.retries", .int, default: "3", .medium, "Most times a request is sent again.",
            group: "S3",
            check: ConfigChecks.atLeast(0, "s3.part.retries")),
        key(
            "s3.retry.backoff.ms", .long, default: "200", .low,
            "Milliseconds to wait before a request is sent again for the first time.", group: "S3",
            check: ConfigChecks.atLeast(0, "s3.retry.backoff.ms")),
        key(
            "s3.http.send.expect.continue", .boolean, default: "true", .low,
            "Whether the store is asked before a body is sent.", group: "S3"),
        key(
            "s3.path.style.access.enabled", .boolean, default: "true", .low,
            "Whether the bucket is in the path of addresses rather than in the name of the host.", group: "S3"
        ),
        key(
            "s3.send.digest", .boolean, default: "false", .low,
            "Whether the MD5 of what is stored is sent with it.", group: "S3"),
        key("s3.proxy.url", .string, default: "", .low, "A proxy between here and the store.", group: "S3"),
        key("s3.proxy.user", .string, .low, "The user that the proxy is told.", group: "S3"),
        key("s3.proxy.password", .password, .low, "The password that the proxy is told.", group: "S3"),
        key(
            "s3.elastic.buffer.enable", .boolean, default: "false", .low,
            "Without meaning here: no buffer is of a part's size.", group: "S3"),
        key(
            "s3.elastic.buffer.init.capacity", .int, default: "131072", .low,
            "Without meaning here: no buffer is of a part's size.", group: "S3",
            check: ConfigChecks.atLeast(4096, "s3.elastic.buffer.init.capacity")),
        key(
            "format.bytearray.extension", .string, default: ".bin", .low,
            "What names of objects end with, with ByteArrayFormat.", group: "S3",
            check: { value in
                PathChecks.nameComplaint(value).map {
                    ConfigChecks.invalid("format.bytearray.extension", value, $0)
                }
            }),
        key(
            "format.bytearray.separator", .string, .low,
            "What follows each record, with ByteArrayFormat; the line separator if it is not given.",
            group: "S3"),
        key(
            "s3.schema.partition.affix.type", .string, default: "NONE", .low,
            "Whether the schema's name is in the path: NONE, PREFIX or SUFFIX.", group: "S3",
            recommended: ["NONE", "PREFIX", "SUFFIX"],
            check: ConfigChecks.oneOf(
                ["NONE", "PREFIX", "SUFFIX"], "s3.schema.partition.affix.type", ignoresCase: true)),
    ]

    static let tagging: [ConfigKey] = [
        key(
            "s3.object.tagging", .boolean, default: "false", .low,
            "Whether objects are tagged with startOffset, endOffset and recordCount.", group: "S3"),
        key(
            "s3.object.tagging.key.value.pairs", .list, default: "", .low,
            "More tags of every object: name:value, …", group: "S3",
            check: { value in
                ConfigText.list(value).allSatisfy { $0.contains(":") }
                    ? nil
                    : ConfigChecks.invalid(
                        "s3.object.tagging.key.value.pairs", value, "Each tag must be name:value")
            }),
        key(
            "s3.object.behavior.on.tagging.error", .string, default: "ignore", .low,
            "Whether an object whose tags are refused is stored without them: ignore or fail.", group: "S3",
            recommended: ["ignore", "fail"],
            check: ConfigChecks.oneOf(
                ["ignore", "fail"], "s3.object.behavior.on.tagging.error", ignoresCase: true)),
    ]

    static let storage: [ConfigKey] = [
        key(
            "storage.class", .class, isRequired: true, .high, "The kind of store.", group: "Storage",
            recommended: [ConnectClasses.storage],
            check: ConfigChecks.classes([ConnectClasses.storage], "storage.class")),
        key(
            "store.url", .string, .high,
            "The address of a store that speaks the protocol of S3, or file:/ and a folder.", group: "Storage"
        ),
        key(
            "topics.dir", .string, default: "topics", .high, "What objects' names begin with; may be empty.",
            group: "Storage",
            check: { value in
                value.trimmedBlanks.isEmpty
                    ? nil
                    : PathChecks.folderComplaint(value).map {
                        ConfigChecks.invalid("topics.dir", value, $0)
                    }
            }),
        key(
            "directory.delim", .string, default: "/", .medium, "What parts the folders of a name.",
            group: "Storage",
            check: { value in
                value.isEmpty
                    ? ConfigChecks.invalid("directory.delim", value, "String must be non-empty") : nil
            }),
        key(
            "file.delim", .string, default: "+", .medium, "What parts topic, partition and offset of a name.",
            group: "Storage",
            check: { value in
                PathChecks.delimiterComplaint(value).map { ConfigChecks.invalid("file.delim", value, $0) }
            }),
    ]

    private static let cannedLists = [
        "private", "public-read", "public-read-write", "authenticated-read", "log-delivery-write",
        "bucket-owner-read", "bucket-owner-full-control", "aws-exec-read",
    ]

    private static let credentialClasses = [
        "com.amazonaws.auth.DefaultAWSCredentialsProviderChain",
        "com.amazonaws.auth.AnonymousAWSCredentials",
        "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
        "com.amazonaws.auth.profile.ProfileCredentialsProvider",
    ]
}
