/// A key that signs requests.
package struct AccessKey: Hashable, Sendable {
    /// Public: it stands in every request.
    package var id: String
    package var secret: String
    /// Belongs to keys that are lent for a time.
    package var sessionToken: String?
    /// Whose key it is.
    package var userName: String

    /// - Parameter userName: the key's id where nobody is named.
    package init(id: String, secret: String, sessionToken: String? = nil, userName: String? = nil) {
        self.id = id
        self.secret = secret
        self.sessionToken = sessionToken
        self.userName = userName ?? id
    }
}

/// The access keys that are known, by id.
package struct AccessKeys: Sendable, Equatable {
    private var keys: [String: AccessKey]

    package init(_ keys: [AccessKey]) {
        self.keys = Dictionary(keys.map { ($0.id, $0) }) { _, last in last }
    }

    package var isEmpty: Bool { keys.isEmpty }
    /// Ordered by id.
    package var all: [AccessKey] { keys.values.sorted { $0.id < $1.id } }

    package subscript(id: String) -> AccessKey? { keys[id] }

    /// Why a file of access keys is of no use.
    package struct FormatError: Error, Equatable {
        package var message: String
    }

    /// Reads the CSV that AWS hands out: a head that names columns, then a key a line.
    ///
    /// `Access key ID` and `Secret access key` must be there; `User name` and `Session token` may be. Other columns
    /// are left alone.
    package init(csv text: String) throws(FormatError) {
        let rows = CSVRows.parse(text)
        guard let head = rows.first else { throw FormatError(message: "the file is empty") }
        let names = head.fields.map { $0.lowercased() }
        func column(_ name: String) -> Int? { names.firstIndex(of: name) }
        guard let idColumn = column("access key id"), let secretColumn = column("secret access key") else {
            throw FormatError(
                message: "line \(head.line) must name the columns User name,Access key ID,Secret access key")
        }
        var keys: [AccessKey] = []
        for row in rows.dropFirst() {
            func field(_ column: Int?) -> String? {
                guard let column, row.fields.indices.contains(column), !row.fields[column].isEmpty else {
                    return nil
                }
                return row.fields[column]
            }
            guard let id = field(idColumn), let secret = field(secretColumn) else {
                throw FormatError(message: "line \(row.line) lacks the access key's id or its secret")
            }
            guard !keys.contains(where: { $0.id == id }) else {
                throw FormatError(message: "line \(row.line) has the id of an earlier key: \(id)")
            }
            keys.append(
                AccessKey(
                    id: id, secret: secret, sessionToken: field(column("session token")),
                    userName: field(column("user name"))))
        }
        guard !keys.isEmpty else { throw FormatError(message: "there is no key after the first line") }
        self.init(keys)
    }
}
