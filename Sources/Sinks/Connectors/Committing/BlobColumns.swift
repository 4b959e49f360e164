import Foundation
import GRDB

extension [UInt8] {
    /// As a value of a column; an empty one is an empty blob, not null.
    var asBlob: DatabaseValue { Data(self).databaseValue }
}

extension Row {
    /// The bytes of a blob; none for null.
    func withBytes(of column: String) -> [UInt8] {
        let data: Data? = self[column]
        return data.map { [UInt8]($0) } ?? []
    }
}
