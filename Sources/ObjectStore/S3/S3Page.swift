import AWSSigning

/// One page of a listing (ListObjectsV2).
struct S3Page: Equatable {
    /// Without those whose keys are of no use as paths, such as the folder marks of consoles.
    var objects: [ListedObject] = []
    /// Asks for the next page; nil at the end.
    var next: String?

    /// Nil for what is no listing.
    init?(_ text: String) {
        guard let root = S3XML(text), root.name == "ListBucketResult" else { return nil }
        let isEncoded = root["EncodingType"]?.text == "url"
        for entry in root.all("Contents") {
            guard let name = entry["Key"]?.text, let size = entry["Size"].flatMap({ Int64($0.text) }) else {
                return nil
            }
            guard let key = ObjectKey(isEncoded ? Self.decoded(name) : name) else { continue }
            let modified = entry["LastModified"].flatMap { S3Time.iso($0.text) } ?? 0
            objects.append(
                ListedObject(
                    key: key, stat: ObjectStat(size: size, etag: entry["ETag"]?.text, modified: modified)))
        }
        guard root["IsTruncated"]?.text == "true" else { return }
        guard let token = root["NextContinuationToken"]?.text, !token.isEmpty else { return nil }
        next = token
    }

    /// A blank is a plus, as in forms.
    static func decoded(_ text: String) -> String {
        let spaced = String(text.map { $0 == "+" ? " " : $0 })
        return URIText.decode(spaced) ?? text
    }
}
