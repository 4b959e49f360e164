import StreamModel

/// The objects that are being filled for one encoded partition: values, and keys and headers beside them.
final class OpenFile {
    let path: String
    let start: Offset
    private(set) var end: Offset
    private(set) var recordCount = 0
    /// The schema of the values; nil for none.
    let schema: ConnectSchema?
    /// Nil for the keys of records without a value.
    let values: SpoolFile?
    let keys: SpoolFile?
    let headers: SpoolFile?

    init(
        path: String, start: Offset, schema: ConnectSchema?, values: SpoolFile?, keys: SpoolFile?,
        headers: SpoolFile?
    ) {
        self.path = path
        self.start = start
        end = start
        self.schema = schema
        self.values = values
        self.keys = keys
        self.headers = headers
    }

    /// Every record adds to each of the files.
    func added(_ offset: Offset) throws(SpoolError) {
        end = offset
        recordCount += 1
        if let values { try values.spill() }
        if let keys { try keys.spill() }
        if let headers { try headers.spill() }
    }

    var size: Int { (values?.size ?? 0) + (keys?.size ?? 0) + (headers?.size ?? 0) }

    var bytesInMemory: Int {
        (values?.buffer.count ?? 0) + (keys?.buffer.count ?? 0) + (headers?.buffer.count ?? 0)
    }

    func spillAll() throws(SpoolError) {
        try values?.spill(always: true)
        try keys?.spill(always: true)
        try headers?.spill(always: true)
    }

    func drop() {
        values?.drop()
        keys?.drop()
        headers?.drop()
    }
}
