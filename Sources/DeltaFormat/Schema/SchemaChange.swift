/// What new rows mean for a table's schema.
struct SchemaChange: Equatable {
    /// The schema that holds both.
    var schema: DeltaSchema
    /// Columns that the table lacked.
    var added: [String] = []
    /// Columns whose type became wider.
    var widened: [String] = []

    /// Finds the schema for rows of some columns.
    ///
    /// Columns of rows go to columns of a table by name, whatever the case; a narrower type fits a wider one.
    /// - Throws: `.invalid` for columns that fit no column of the table, or only with an evolution that was not
    ///   allowed.
    init(of table: DeltaSchema, for rows: [DeltaField], allowing: SchemaEvolution) throws(DeltaError) {
        schema = table
        for row in rows {
            guard let index = Self.index(of: row.name, in: table) else {
                guard allowing.contains(.addColumns) else {
                    throw DeltaError(
                        .invalid,
                        "the table has no column '\(row.name)': allow adding columns, or leave it out")
                }
                schema.fields.append(DeltaField(row.name, row.type))
                added.append(row.name)
                continue
            }
            let type = table.fields[index].type
            guard !Self.fits(row.type, into: type) else { continue }
            guard let wider = Self.wider(type, row.type) else {
                throw DeltaError(
                    .invalid,
                    "the table's column '\(row.name)' is \(type.text) and cannot hold \(row.type.text): cast it"
                )
            }
            guard allowing.contains(.widen) else {
                throw DeltaError(
                    .invalid,
                    "the table's column '\(row.name)' is \(type.text), narrower than \(row.type.text): allow "
                        + "widening, or cast it")
            }
            schema.fields[index].type = wider
            widened.append(table.fields[index].name)
        }
    }

    private static func index(of name: String, in schema: DeltaSchema) -> Int? {
        schema.fields.firstIndex { $0.name == name }
            ?? schema.fields.firstIndex { $0.name.lowercased() == name.lowercased() }
    }

    /// Whether each value of a type is one of another type too.
    static func fits(_ type: DeltaType, into wide: DeltaType) -> Bool {
        switch (type, wide) {
        case (.timestamp, .timestampWithoutZone), (.timestampWithoutZone, .timestamp): true
        case (.array(let element, _), .array(let wider, _)): fits(element, into: wider)
        case (.map(let key, let value, _), .map(let widerKey, let widerValue, _)):
            fits(key, into: widerKey) && fits(value, into: widerValue)
        case (.structure(let fields), .structure(let wider)):
            fields.count == wider.count
                && fields.allSatisfy { field in
                    wider.contains { $0.name == field.name && fits(field.type, into: $0.type) }
                }
        default: type == wide || Self.wider(type, wide) == wide
        }
    }

    /// Integers by their width; decimals by how many digits they have on either side of the point.
    private static let integers: [DeltaType] = [.byte, .short, .integer, .long]
    private static let integerDigits: [DeltaType: Int] = [.byte: 3, .short: 5, .integer: 10, .long: 19]

    /// The narrower of two types made wide enough for both, where a type that is only wider is.
    static func wider(_ left: DeltaType, _ right: DeltaType) -> DeltaType? {
        if let first = integers.firstIndex(of: left), let second = integers.firstIndex(of: right) {
            return integers[max(first, second)]
        }
        switch (left, right) {
        case (.float, .double), (.double, .float): return .double
        // Doubles hold each integer of 32 bits.
        case (.double, .byte), (.double, .short), (.double, .integer), (.byte, .double), (.short, .double),
            (.integer, .double):
            return .double
        case (.decimal(let precision, let scale), .decimal(let other, let otherScale)):
            return decimal(max(precision - scale, other - otherScale), max(scale, otherScale))
        case (.decimal(let precision, let scale), _):
            return integerDigits[right].flatMap { decimal(max(precision - scale, $0), scale) }
        case (_, .decimal(let precision, let scale)):
            return integerDigits[left].flatMap { decimal(max(precision - scale, $0), scale) }
        default: return nil
        }
    }

    private static func decimal(_ whole: Int, _ scale: Int) -> DeltaType? {
        whole + scale <= 38 ? .decimal(precision: whole + scale, scale: scale) : nil
    }
}
