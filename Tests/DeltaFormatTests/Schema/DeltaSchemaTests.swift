import Testing

@testable import DeltaFormat

@Suite struct DeltaSchemaTests {
    static let schema = DeltaSchema([
        DeltaField("ind", .integer, isNullable: false),
        DeltaField("coordinates", .array(.double, containsNull: true)),
        DeltaField("price", .decimal(precision: 10, scale: 2), metadata: ["comment": "\"in cents\""]),
        DeltaField("tags", .map(.string, .timestamp, valueContainsNull: false)),
        DeltaField("who", .structure([DeltaField("name", .string), DeltaField("born", .date)])),
    ])

    @Test func whatIsWrittenIsReadAgain() throws {
        #expect(try DeltaSchema(json: Self.schema.json) == Self.schema)
    }

    @Test(arguments: ["", "[]", "{\"type\":\"array\"}", "{\"type\":\"struct\",\"fields\":[{}]}"])
    func whatIsNoSchemaIsAnError(_ text: String) {
        #expect(throws: DeltaError.self) { try DeltaSchema(json: text) }
    }

    @Test func aTypeThatIsNotKnownIsNamed() {
        let text = "{\"type\":\"struct\",\"fields\":[{\"name\":\"v\",\"type\":\"variant\"}]}"
        let error = #expect(throws: DeltaError.self) { try DeltaSchema(json: text) }
        #expect(error?.code == .unsupportedFeature)
        #expect(error?.message.contains("variant") == true)
    }

    @Test func namesAreChecked() {
        for name in ["a b", "", "x;y", "a=b"] {
            #expect(throws: DeltaError.self) {
                try DeltaSchema([DeltaField(name, .long)]).check(partitionColumns: [])
            }
        }
        let twice = DeltaSchema([DeltaField("a", .long), DeltaField("A", .long)])
        #expect(throws: DeltaError.self) { try twice.check(partitionColumns: []) }
        #expect(throws: DeltaError.self) { try Self.schema.check(partitionColumns: ["coordinates"]) }
        #expect(throws: DeltaError.self) { try Self.schema.check(partitionColumns: ["missing"]) }
    }

    @Test(arguments: [
        "VARCHAR", "BIGINT", "DECIMAL(18,3)", "DOUBLE[]", "STRUCT(\"a b\" INTEGER, c VARCHAR[])",
        "MAP(VARCHAR, STRUCT(\"x\"\"y\" DATE))", "TIMESTAMP WITH TIME ZONE", "BLOB", "BOOLEAN",
    ])
    func typesOfDuckDBComeBack(_ text: String) throws {
        let type = try DuckDBTypes.deltaType(text)
        #expect(try DuckDBTypes.deltaType(DuckDBTypes.name(type)) == type)
    }

    @Test func timestampsWithoutAZoneAreThoseOfUTC() throws {
        #expect(try DuckDBTypes.deltaType("TIMESTAMP") == .timestamp)
        #expect(try DuckDBTypes.deltaType("UBIGINT") == .decimal(precision: 20, scale: 0))
        #expect(try DuckDBTypes.deltaType("ENUM('a', 'b')[]") == .array(.string, containsNull: true))
    }

    @Test(arguments: ["INTERVAL", "UNION(a INTEGER)", "STRUCT(a", "DECIMAL(x)", "BIGINT]", "INTEGER[", ""])
    func otherTypesAreRefused(_ text: String) {
        #expect(throws: DeltaError.self) { try DuckDBTypes.deltaType(text) }
    }
}

@Suite struct SchemaChangeTests {
    static let table = DeltaSchema([DeltaField("a", .integer), DeltaField("b", .double)])

    @Test func narrowerTypesFitWithoutAChange() throws {
        let change = try SchemaChange(
            of: Self.table, for: [DeltaField("A", .short), DeltaField("b", .integer)], allowing: [])
        #expect(change.schema == Self.table)
    }

    @Test func aColumnIsAddedOnlyIfThatIsAllowed() throws {
        let rows = [DeltaField("c", .string)]
        #expect(throws: DeltaError.self) { try SchemaChange(of: Self.table, for: rows, allowing: .widen) }
        let change = try SchemaChange(of: Self.table, for: rows, allowing: .addColumns)
        #expect(change.added == ["c"])
        #expect(change.schema.fields.map(\.name) == ["a", "b", "c"])
    }

    @Test func aColumnIsWidenedOnlyIfThatIsAllowed() throws {
        let rows = [DeltaField("a", .long)]
        #expect(throws: DeltaError.self) {
            try SchemaChange(of: Self.table, for: rows, allowing: .addColumns)
        }
        #expect(try SchemaChange(of: Self.table, for: rows, allowing: .widen).widened == ["a"])
    }

    @Test func typesWithoutACommonOneAreRefused() {
        for type in [DeltaType.string, .boolean, .array(.integer, containsNull: true)] {
            #expect(throws: DeltaError.self) {
                try SchemaChange(
                    of: Self.table, for: [DeltaField("a", type)], allowing: [.addColumns, .widen])
            }
        }
    }

    @Test func decimalsGrowOnBothSidesOfThePoint() {
        let wide = SchemaChange.wider(.decimal(precision: 5, scale: 2), .decimal(precision: 6, scale: 4))
        #expect(wide == .decimal(precision: 7, scale: 4))
        #expect(
            SchemaChange.wider(.long, .decimal(precision: 5, scale: 2)) == .decimal(precision: 21, scale: 2))
        #expect(SchemaChange.wider(.decimal(precision: 38, scale: 38), .long) == nil)
    }
}
