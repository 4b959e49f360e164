/// The type of a column, an element or a field.
package indirect enum DeltaType: Hashable, Sendable {
    case string, long, integer, short, byte, float, double, boolean, binary, date
    case decimal(precision: Int, scale: Int)
    /// A moment: microseconds in UTC.
    case timestamp
    /// A reading of a calendar and a clock anywhere; tables need the feature `timestampNtz` for it.
    case timestampWithoutZone
    case array(DeltaType, containsNull: Bool)
    case map(DeltaType, DeltaType, valueContainsNull: Bool)
    case structure([DeltaField])

    /// Whether a file may keep the least and the greatest value of such a column.
    var isOrdered: Bool {
        switch self {
        case .string, .long, .integer, .short, .byte, .float, .double, .date, .decimal, .timestamp,
            .timestampWithoutZone:
            true
        case .boolean, .binary, .array, .map, .structure: false
        }
    }

    /// Whether a column of this type may be one that a table is partitioned by.
    var mayPartition: Bool {
        switch self {
        case .array, .map, .structure, .binary: false
        default: true
        }
    }

    /// Whether a type or one within it passes a test.
    func contains(where test: (DeltaType) -> Bool) -> Bool {
        if test(self) { return true }
        switch self {
        case .array(let element, _): return element.contains(where: test)
        case .map(let key, let value, _): return key.contains(where: test) || value.contains(where: test)
        case .structure(let fields): return fields.contains { $0.type.contains(where: test) }
        default: return false
        }
    }
}

/// A column of a table, or a member of a structure.
package struct DeltaField: Hashable, Sendable {
    package var name: String
    package var type: DeltaType
    package var isNullable: Bool
    /// What the table's writers keep with the column: JSON, by name.
    package var metadata: [String: String]

    package init(
        _ name: String, _ type: DeltaType, isNullable: Bool = true, metadata: [String: String] = [:]
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.metadata = metadata
    }
}

/// The columns of a table, in order.
package struct DeltaSchema: Hashable, Sendable {
    package var fields: [DeltaField]

    package init(_ fields: [DeltaField]) {
        self.fields = fields
    }

    /// The column of a name, which differ in more than case.
    package func field(_ name: String) -> DeltaField? {
        fields.first { $0.name == name } ?? fields.first { $0.name.lowercased() == name.lowercased() }
    }

    /// Characters that names may not have, since some readers of Parquet take them for their own.
    private static let forbidden: Set<Character> = [" ", ",", ";", "{", "}", "(", ")", "\n", "\t", "="]

    /// - Throws: `.invalid` for names that clash or have characters that they may not have, and for partition
    ///   columns that are none.
    func check(partitionColumns: [String]) throws(DeltaError) {
        guard !fields.isEmpty else { throw DeltaError(.invalid, "a table needs a column") }
        var names: Set<String> = []
        for field in fields {
            guard !field.name.isEmpty, !field.name.contains(where: Self.forbidden.contains) else {
                throw DeltaError(
                    .invalid, "'\(field.name)' cannot name a column: leave out spaces and ,;{}()= of its name"
                )
            }
            guard names.insert(field.name.lowercased()).inserted else {
                throw DeltaError(
                    .invalid, "two columns are called '\(field.name)': names differ in more than case")
            }
        }
        for name in partitionColumns {
            guard let field = fields.first(where: { $0.name == name }), field.type.mayPartition else {
                throw DeltaError(.invalid, "the table cannot be partitioned by '\(name)'")
            }
        }
        guard partitionColumns.count < fields.count, Set(partitionColumns).count == partitionColumns.count
        else {
            throw DeltaError(.invalid, "a table needs a column that it is not partitioned by")
        }
    }
}
