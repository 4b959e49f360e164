// ApiVersions (key 18), versions 0-3.

/// Asks which requests the server understands; the first request of nearly every connection.
package struct ApiVersionsRequest: KafkaRequest {
    package typealias Response = ApiVersionsResponse
    package static let api = APIKey.apiVersions

    package var clientSoftwareName: String?
    package var clientSoftwareVersion: String?

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        guard version >= 3 else { return }
        clientSoftwareName = try reader.string()
        clientSoftwareVersion = try reader.string()
        try reader.skipTaggedFields()
    }
}

package struct ApiVersionsResponse: KafkaResponse {
    package var error: KafkaErrorCode
    package var versions: [(key: Int16, versions: ClosedRange<Int16>)]

    package init(error: KafkaErrorCode, versions: [(key: Int16, versions: ClosedRange<Int16>)]) {
        self.error = error
        self.versions = versions
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.error(error)
        writer.array(versions) { writer, entry in
            writer.int16(entry.key)
            writer.int16(entry.versions.lowerBound)
            writer.int16(entry.versions.upperBound)
            writer.emptyTaggedFields()
        }
        if version >= 1 { writer.int32(0) }
        writer.emptyTaggedFields()
    }
}
